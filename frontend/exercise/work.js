// The files of an exercise as a student writes them: an editor for each, saved into their home. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";
import { settingsOfEditor } from "../editor/settings.js";

const SAVED_AFTER_MS = 1500;
const nothing = () => {};

export class Work {
  /** files: as the API has them. save(texts) promises; onRun(); onState(sentence, isBad). */
  constructor({ files, save, onRun, onState, clock = globalThis }) {
    Object.assign(this, { files, save, onRun, onState, clock });
    this.texts = Object.fromEntries(files.map(({ name, text }) => [name, text]));
    this.saved = { ...this.texts };
    this.codes = new Map();
    this.place = element("div", { class: "exercise-code" });
    this.tabs = element("div", { class: "exercise-tabs", role: "group", "aria-label": gettext("Files") });
    this.tabs.hidden = files.length < 2;
    this.tabs.append(...files.map(({ name }) => button(name, () => this.show(name), { "data-name": name })));
    this.element = element("div", { class: "exercise-work" }, this.tabs, this.place);
    this.plain = element("pre", { tabindex: "0" }, this.texts[files[0].name]);
    this.place.append(this.plain); // until the editor is there
  }

  async begin() {
    this.Code = (await import("../editor/code.js")).Code;
    this.show(this.files[0].name);
  }

  codeOf(name) {
    if (this.codes.has(name)) return this.codes.get(name);
    const code = new this.Code({
      path: name,
      settings: settingsOfEditor(),
      listener: {
        onEdited: (text) => this.onEdited(name, text),
        onCursor: nothing,
        commands: { run: this.onRun, keep: this.onRun, save: () => this.keep(), format: nothing, problem: nothing },
      },
    });
    code.begin(this.texts[name], { newline: "\n" });
    this.codes.set(name, code);
    return code;
  }

  show(name) {
    for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", tab.dataset.name === name);
    this.place.replaceChildren(this.codeOf(name).element);
  }

  onEdited(name, text) {
    this.texts[name] = text;
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.keep().catch(nothing), SAVED_AFTER_MS);
    this.onState("");
  }

  get isDirty() {
    return this.files.some(({ name }) => this.texts[name] !== this.saved[name]);
  }

  /** Saves all, also what was not changed where they are to be run. Promises the path of the main one. */
  async keep() {
    this.clock.clearTimeout(this.timer);
    const texts = { ...this.texts };
    try {
      const { path } = await this.save(texts);
      this.saved = texts;
      this.onState(gettext("Saved."));
      return path;
    } catch (fault) {
      this.onState(gettext("Not saved: %(why)s", { why: fault.message }), true);
      throw fault;
    }
  }

  /** As one change, which can be undone. */
  take(texts) {
    for (const { name } of this.files) {
      if (texts[name] === undefined) continue;
      this.codeOf(name).replace(texts[name], {}, true);
    }
  }

  /** As everybody begins. */
  startAnew() {
    this.take(Object.fromEntries(this.files.map(({ name, starting }) => [name, starting])));
  }

  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  dispose() {
    this.clock.clearTimeout(this.timer);
    for (const code of this.codes.values()) code.dispose();
  }
}
