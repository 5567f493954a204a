// What has just been done, with the way back, or what could not be done and why. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

const SHOWN_MS = 12_000;

export class Notice {
  constructor() {
    this.live = element("p", { class: "unseen", role: "status" });
    this.element = element("div", { class: "files-notice", hidden: true, role: "group", "aria-label": gettext("What was done") });
    for (const kind of ["pointerenter", "focusin"]) this.element.addEventListener(kind, () => clearTimeout(this.hiding));
    for (const kind of ["pointerleave", "focusout"]) this.element.addEventListener(kind, () => this.hideLater());
  }

  /** Stays until it is closed when something is wrong, else for a while; isOfPlace: not longer than one is in this folder.
   *  actions: [{label, call}]. */
  show({ sentence, faults = [], isGood = true, isOfPlace = false, actions = [] }) {
    clearTimeout(this.hiding);
    this.isOfPlace = isOfPlace;
    this.staysOpen = !isGood;
    this.element.classList.toggle("files-bad", !isGood);
    this.element.replaceChildren(
      element("div", { class: "files-notice-words" }, element("p", { dir: "auto" }, sentence), this.list(faults)),
      ...actions.map(({ label, call }) => button(label, () => { this.hide(); call(); })),
      button("✕", () => this.hide(), { class: "files-plain", "aria-label": gettext("Close this message") }),
    );
    this.element.hidden = false;
    this.live.textContent = [sentence, ...faults.map(({ name, detail }) => `${name}: ${detail}`)].join(" ");
    this.hideLater();
  }

  list(faults) {
    if (!faults.length) return null;
    return element("ul", {}, ...faults.map(({ name, detail }) =>
      element(
        "li", {}, // many sentences begin with the name themselves
        ...(detail.includes(name) ? [] : [element("bdi", { class: "files-fault-name" }, name), document.createTextNode(" ")]),
        element("span", { dir: "auto" }, detail),
      )));
  }

  fault(fault) {
    this.show({ sentence: fault.message, isGood: false });
  }

  say(text) {
    this.live.textContent = text;
  }

  /** Another folder is opened. */
  leave() {
    if (this.isOfPlace) this.hide();
  }

  hideLater() {
    clearTimeout(this.hiding);
    if (!this.staysOpen) this.hiding = setTimeout(() => this.hide(), SHOWN_MS);
  }

  hide() {
    clearTimeout(this.hiding);
    this.element.hidden = true;
  }
}
