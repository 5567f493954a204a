// CodeMirror's own words, in the person's language. Used by code.js.

import { gettext } from "../site/words.js";
import { EditorState } from "../vendor/codemirror/codemirror.js";

const WORDS = [
  "Find", "Replace", "next", "previous", "all", "match case", "by word", "regexp", "replace", "replace all", "close",
  "current match", "replaced $ matches", "replaced match on line $", "on line", "Go to line", "go", "Fold line", "Unfold line",
  "Folded lines", "Unfolded lines", "to", "folded code", "unfold", "Control character", "Selection deleted", "Diagnostics",
  "No diagnostics", "Completions",
];

export const phrases = () => EditorState.phrases.of(Object.fromEntries(WORDS.map((word) => [word, gettext(word)])));
