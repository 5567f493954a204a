// The colours of code, as classes of editor.css, which knows light and dark. Used by code.js and difference.js.

import { EditorView, HighlightStyle, syntaxHighlighting, tags as t } from "../vendor/codemirror/codemirror.js";

const PARTS = {
  keyword: [t.keyword, t.modifier, t.operatorKeyword, t.controlKeyword, t.definitionKeyword, t.moduleKeyword],
  string: [t.string, t.special(t.string), t.regexp, t.attributeValue, t.character],
  number: [t.number, t.bool, t.null, t.atom, t.unit, t.color],
  comment: [t.comment, t.meta, t.processingInstruction],
  name: [t.function(t.definition(t.variableName)), t.definition(t.className), t.definition(t.propertyName), t.tagName, t.heading],
  type: [t.typeName, t.className, t.attributeName, t.propertyName],
  escape: [t.escape, t.self, t.link, t.url, t.labelName],
  invalid: [t.invalid],
  strong: [t.strong, t.heading],
  emphasis: [t.emphasis],
};
const style = HighlightStyle.define(Object.entries(PARTS).map(([name, tag]) => ({ tag, class: `code-${name}` })));

export const colours = syntaxHighlighting(style);

/** What CodeMirror's own looks need to know. */
export const darkness = (isDark) => EditorView.darkTheme.of(isDark);
