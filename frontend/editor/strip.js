// The line below the text: whether it is saved, problems, where the cursor is, and what kind of file it is. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";
import { languageOf } from "./languages.js";

const TOLD_MS = 6000;

export class Strip {
  constructor({ onProblems }) {
    this.state = element("span", { class: "editor-state" });
    this.problems = button("", onProblems, { hidden: true });
    this.where = element("span", { class: "editor-cursor" });
    this.kind = element("span", { class: "editor-kind" });
    this.told = element("span", { class: "editor-told" });
    this.element = element("div", { class: "editor-strip" }, this.state, this.problems, this.told, this.where, this.kind);
  }

  /** For a while. */
  tell(text) {
    this.told.textContent = text;
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => { this.told.textContent = ""; }, TOLD_MS);
  }

  show({ path, file, cursor }) {
    const [state, words] = stateOf(file);
    if (this.state.dataset.state !== state) this.state.dataset.state = state;
    setText(this.state, words);
    setText(this.kind, [languageOf(path).name, ...styleOf(file)].join(" · "));
    this.showCursor(cursor);
  }

  showCursor({ line, column, selected }) {
    const place = gettext("Line %(line)s, column %(column)s", { line, column });
    setText(this.where, selected ? gettext("%(place)s, %(count)s selected", { place, count: selected }) : place);
  }

  showProblems(summary) {
    this.problems.hidden = !summary;
    this.problems.textContent = summary && `⚠ ${summary}`;
  }
}

/** The same again would be drawn again. */
function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function stateOf(file) {
  if (file.state === "opening") return ["busy", gettext("Opening …")];
  if (!file.writable) return ["fixed", gettext("Read only")];
  if (file.isSaving) return ["busy", gettext("Saving …")];
  if (file.failure) return ["failed", gettext("Not saved")];
  if (file.isDirty) return ["dirty", gettext("Changes not saved")];
  if (file.isNew) return ["dirty", gettext("New, not saved")];
  return ["saved", gettext("Saved")];
}

function styleOf({ style }) {
  const ends = { "\r\n": "CRLF", "\r": "CR" };
  const newline = style.newline === null ? gettext("mixed line ends") : ends[style.newline];
  return [style.bom && "UTF-8 BOM", newline].filter(Boolean);
}
