// Above the text: the open files, and a button for each thing to do with them. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";
import { KEYS } from "./keys.js";
import { menu } from "./menu.js";

const SERVED = /\.(py|html?)$/i;

export class Bar {
  /** tabs: element of the open files; doings: see doings.js; writable: whether the files are one's own. */
  constructor({ tabs, doings, writable }) {
    this.run = button(gettext("Run"), () => doings.run(), { class: "primary", title: KEYS.run });
    this.stop = button(gettext("Stop"), () => doings.stop(), { disabled: true, title: gettext("Interrupt the program; pressed again, end it") });
    this.serve = button(gettext("Serve"), () => doings.serve(), { class: "editor-wide", title: gettext("See it as a web page, beside the text") });
    this.save = button(gettext("Save"), () => doings.save(), { class: "editor-wide", title: KEYS.save });
    const buttons = writable ? [this.run, this.stop, this.serve, this.save] : [];
    const more = menu(gettext("More"), entries(doings).filter(([, , { isOwners } = {}]) => writable || !isOwners));
    this.element = element("div", { class: "editor-bar" }, tabs, element("div", { class: "editor-buttons" }, ...buttons, more));
  }

  /** sheet: what is on the screen, or null; state: of the runner. */
  show(sheet, state) {
    const file = sheet?.file;
    const isOpen = file?.state === "open";
    this.run.disabled = !isOpen || !file.isPython;
    this.save.disabled = !isOpen || (!file.isDirty && !file.isNew);
    this.serve.disabled = !isOpen || !SERVED.test(sheet.path);
    this.stop.disabled = !["starting", "running"].includes(state);
  }
}

function entries(doings) {
  const narrow = (keys) => ({ keys, isNarrow: true, isOwners: true });
  return [
    [gettext("Save"), () => doings.save(), narrow(KEYS.save)],
    [gettext("Serve"), () => doings.serve(), narrow()],
    [gettext("Run and keep the prompt"), () => doings.keep(), { keys: KEYS.keep, isOwners: true }],
    [gettext("Format"), () => doings.format(), { keys: KEYS.format, isOwners: true }],
    [gettext("Find and replace"), () => doings.find(), { keys: KEYS.find }],
    [gettext("Problems"), () => doings.problems(), { isOwners: true }],
    [gettext("Open a file"), () => doings.open()],
    [gettext("Settings"), () => doings.settings()],
    [gettext("Keys"), () => doings.keys(), { keys: "?" }],
  ];
}
