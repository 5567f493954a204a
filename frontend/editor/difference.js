// The window with two texts of one file side by side, or one in the other where it is narrow. Used by element.js.

import { actions, show } from "../site/dialogs.js";
import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";
import { EditorState, EditorView, keymap, defaultKeymap, history, historyKeymap, lineNumbers } from "../vendor/codemirror/codemirror.js";
import { languageOf } from "./languages.js";
import { colours, darkness } from "./look.js";
import { phrases } from "./phrases.js";

const NARROW = "(max-width: 44rem)";
const COLLAPSED = { margin: 3, minSize: 6 };

/**
 * theirs, mine: {name, text}; may the person change mine: isEditable. choices: [{label, call(text of mine), isPrimary}];
 * each closes the window. Promises that it is open.
 */
export async function showDifference(parent, { path, heading, about, theirs, mine, isEditable, choices }) {
  const [{ MergeView, unifiedMergeView }, language] = await Promise.all([
    import("../vendor/codemirror/merge.js"),
    languageOf(path).load().catch(() => []),
  ]);
  const common = (name) => [
    phrases(), lineNumbers(), colours, language, EditorState.tabSize.of(4), EditorView.lineWrapping,
    darkness(matchMedia("(prefers-color-scheme: dark)").matches), EditorView.contentAttributes.of({ "aria-label": name }),
  ];
  const fixed = [EditorState.readOnly.of(true)];
  const changing = isEditable ? [history(), keymap.of([...defaultKeymap, ...historyKeymap])] : fixed;
  const place = element("div", { class: "editor-difference" });
  const isNarrow = matchMedia(NARROW).matches;
  let view;
  let text;
  if (isNarrow) {
    const unified = unifiedMergeView({ original: theirs.text, collapseUnchanged: COLLAPSED, mergeControls: isEditable && choose });
    view = new EditorView({ doc: mine.text, extensions: [common(mine.name), changing, unified], parent: place });
    text = () => view.state.sliceDoc();
  } else {
    view = new MergeView({
      a: { doc: theirs.text, extensions: [common(theirs.name), fixed] },
      b: { doc: mine.text, extensions: [common(mine.name), changing] },
      revertControls: isEditable ? "a-to-b" : undefined,
      renderRevertControl: takeTheirs,
      collapseUnchanged: COLLAPSED,
      parent: place,
    });
    text = () => view.b.state.sliceDoc();
  }
  const names = isNarrow
    ? [element("span", {}, gettext("− %(theirs)s, + %(mine)s", { theirs: theirs.name, mine: mine.name }))]
    : [element("span", {}, theirs.name), element("span", {}, mine.name)];
  const dialog = show(
    parent,
    heading,
    element("p", {}, about),
    element("div", { class: "editor-difference-names", "aria-hidden": "true" }, ...names),
    place,
    actions(
      ...choices.map(({ label, call, isPrimary }) =>
        button(label, () => { const chosen = text(); dialog.close(); call(chosen); }, { class: isPrimary ? "primary" : null })),
      button(gettext("Back"), () => dialog.close()),
    ),
  );
  dialog.classList.add("editor-difference-dialog");
  dialog.addEventListener("close", () => view.destroy());
}

// CodeMirror listens to the mouse button alone; a key on a button is a click without one.
const byKey = (act) => ({ onclick: (event) => event.detail === 0 && act(event) });

function takeTheirs() {
  const label = gettext("Take their lines");
  const press = ({ target }) => target.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
  return element("button", { type: "button", "aria-label": label, title: label, ...byKey(press) }, "→");
}

function choose(kind, act) {
  const label = kind === "accept" ? gettext("Keep mine") : gettext("Take theirs");
  return element("button", { type: "button", name: kind, onmousedown: act, ...byKey(act) }, label);
}
