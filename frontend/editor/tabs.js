// The open files as a row of links, each with a button that closes it; which they are is remembered. Used by element.js.

import { button, element } from "../site/markup.js";
import { nameOf, shown } from "../site/paths.js";
import { gettext } from "../site/words.js";

const OPEN_MAX = 20;

export class Tabs {
  /** key: of the storage; addressOf(path); onOpen(path); onClose(path). */
  constructor({ storage, key, addressOf, onOpen, onClose }) {
    Object.assign(this, { storage, key, addressOf, onOpen, onClose });
    this.list = element("ul", {});
    this.element = element("nav", { class: "editor-tabs", "aria-label": gettext("Open files") }, this.list);
    this.dirty = new Set();
    this.paths = this.recall();
  }

  recall() {
    try {
      const kept = JSON.parse(this.storage.getItem(this.key)) ?? [];
      return kept.filter((path) => typeof path === "string").slice(-OPEN_MAX);
    } catch {
      return [];
    }
  }

  remember() {
    try {
      this.storage.setItem(this.key, JSON.stringify(this.paths));
    } catch {
      // A browser that keeps nothing has them for this page.
    }
  }

  show(path) {
    this.current = path;
    if (path && !this.paths.includes(path)) this.paths = [...this.paths, path].slice(-OPEN_MAX);
    this.remember();
    this.draw();
  }

  /** The one to show next, or null. */
  close(path) {
    const index = this.paths.indexOf(path);
    this.paths = this.paths.filter((one) => one !== path);
    this.dirty.delete(path);
    this.remember();
    this.draw();
    return this.paths[Math.min(index, this.paths.length - 1)] ?? null;
  }

  setDirty(path, isDirty) {
    if (this.dirty.has(path) === isDirty) return;
    if (isDirty) this.dirty.add(path);
    else this.dirty.delete(path);
    this.draw();
  }

  draw() {
    this.list.replaceChildren(...this.paths.map((path) => this.tab(path)));
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  tab(path) {
    const name = nameOf(path);
    const isTwice = this.paths.some((one) => one !== path && nameOf(one) === name);
    const link = element(
      "a",
      {
        href: this.addressOf(path), title: shown(path), "aria-current": path === this.current ? "page" : null,
        onclick: (event) => this.onClick(event, path),
      },
      isTwice ? shown(path) : name,
      this.dirty.has(path) ? element("span", { class: "editor-dirty" }, "●") : null,
      this.dirty.has(path) ? element("span", { class: "unseen" }, gettext("not saved")) : null,
    );
    const close = button("✕", () => this.onClose(path), { "aria-label": gettext("Close %(name)s", { name }), title: gettext("Close") });
    return element("li", {}, link, close);
  }

  onClick(event, path) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another window
    event.preventDefault();
    this.onOpen(path);
  }
}
