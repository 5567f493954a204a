// The pane beside the list: one file, its preview or its versions, and what can be done with it. Used by element.js.

import { button, element } from "../site/markup.js";
import { exactTimeOf, sizeOf, timeOf } from "../site/measures.js";
import { gettext } from "../site/words.js";
import { icon } from "./icons.js";
import { typeOf } from "./kinds.js";
import { previewOf } from "./preview.js";
import { versionsOf } from "./versions.js";

const DIRECT = ["edit", "run", "serve", "download"];

/** host: {api, notice, mayWrite(), actionsFor(entry), do(id, entry), onTab(tab), onClose(), onRestored()}. */
export class Pane {
  constructor(host) {
    this.host = host;
    this.entry = null;
    this.title = element("h2", {});
    this.about = element("p", { class: "aside" });
    this.buttons = element("div", { class: "files-buttons" });
    this.tabs = ["preview", "versions"].map((tab) => this.tab(tab));
    this.body = element("div", { class: "files-pane-body", id: "files-pane-body", role: "tabpanel" });
    this.element = element(
      "aside",
      { class: "files-pane", hidden: true, "aria-label": gettext("The file that is shown") },
      element("header", {}, this.title, button("✕", () => host.onClose(), { class: "files-plain", "aria-label": gettext("Close the preview") })),
      this.about,
      this.buttons,
      element("div", { class: "files-tabs", role: "tablist", "aria-label": gettext("What is shown of it") }, ...this.tabs),
      this.body,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) host.onClose();
    });
  }

  tab(id) {
    const labels = { preview: gettext("Preview"), versions: gettext("Versions") };
    const made = button(labels[id], () => this.host.onTab(id), { role: "tab", id: `files-tab-${id}`, "data-tab": id, "aria-controls": "files-pane-body" });
    made.addEventListener("keydown", ({ key }) => {
      if (key !== "ArrowLeft" && key !== "ArrowRight") return;
      const other = this.tabs.find((one) => one !== made);
      this.host.onTab(other.dataset.tab);
      other.focus();
    });
    return made;
  }

  /** The same file, unchanged, in the same tab is left as it is: a film goes on. */
  async show(entry, tab) {
    const identity = [entry.path, entry.modified, entry.size_bytes, tab].join("|");
    this.showButtons(entry);
    if (identity === this.identity && !this.element.hidden) return;
    const isOther = this.entry?.path !== entry.path;
    Object.assign(this, { entry, identity });
    this.element.hidden = false;
    this.title.replaceChildren(icon(typeOf(entry).id), element("bdi", {}, entry.name));
    this.about.replaceChildren(
      document.createTextNode(`${typeOf(entry).words}, ${sizeOf(entry.size_bytes)}, `),
      element("time", { datetime: entry.modified, title: exactTimeOf(entry.modified) }, timeOf(entry.modified)),
    );
    for (const one of this.tabs) {
      const isIt = one.dataset.tab === tab;
      one.setAttribute("aria-selected", String(isIt));
      one.tabIndex = isIt ? 0 : -1;
      if (isIt) this.body.setAttribute("aria-labelledby", one.id);
    }
    await this.fill(entry, tab, identity, isOther);
  }

  async fill(entry, tab, identity, isOther) {
    this.asking?.abort();
    this.asking = new AbortController();
    if (isOther) this.body.replaceChildren();
    this.body.setAttribute("aria-busy", "true");
    let parts;
    try {
      parts = tab === "versions"
        ? await versionsOf(entry, this.host)
        : previewOf(await this.host.api.preview(entry.path, this.asking.signal), entry.name);
    } catch (fault) {
      if (fault.name === "AbortError") return;
      const again = () => { this.identity = null; this.show(entry, tab); };
      parts = [element("div", { class: "problem" }, element("p", {}, fault.message)), button(gettext("Try again"), again)];
    }
    if (this.identity !== identity) return;
    this.body.setAttribute("aria-busy", "false");
    this.body.replaceChildren(...parts);
  }

  showButtons(entry) {
    const offered = this.host.actionsFor(entry).filter(({ id }) => DIRECT.includes(id));
    const labels = offered.map(({ id }) => id).join();
    if (this.buttons.dataset.offered === `${entry.path}|${labels}`) return;
    this.buttons.dataset.offered = `${entry.path}|${labels}`;
    this.buttons.replaceChildren(...offered.map(({ id, label }) =>
      button(label, () => this.host.do(id, this.entry), { class: id === "run" ? "primary" : null })));
  }

  hide() {
    this.asking?.abort();
    this.element.hidden = true;
    this.entry = this.identity = null;
    this.body.replaceChildren();
  }
}
