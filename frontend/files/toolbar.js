// The bar above the list: with nothing selected what a folder offers, else what can be done with it. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext, ngettext } from "../site/words.js";
import { openMenu } from "./menu.js";

const DIRECT = ["open", "edit", "run", "serve", "download", "rename", "delete"]; // the others are below More

/** actions: {newFile, newFolder, upload, paste, refresh, trash, hidden, help, nothing, folderMenu, do(id)}. */
export class Toolbar {
  constructor(actions) {
    this.actions = actions;
    this.element = element("div", { class: "files-bar", role: "group", "aria-label": gettext("What you can do") });
    this.element.addEventListener("keydown", (event) => this.onKey(event));
  }

  showFolder({ writable, pasteCount, hidden }) {
    const { newFile, newFolder, upload, paste, trash, refresh } = this.actions;
    this.replace(
      writable && button(gettext("New file"), newFile),
      writable && button(gettext("New folder"), newFolder),
      writable && button(gettext("Upload"), upload),
      writable && pasteCount > 0 && button(ngettext("Paste %(count)s", "Paste %(count)s", pasteCount), paste),
      element("span", { class: "files-gap" }),
      this.check(gettext("Hidden files"), hidden),
      button(gettext("Refresh"), refresh, { class: "files-wide" }),
      writable && button(gettext("Trash"), trash, { class: "files-wide" }),
      this.more(gettext("More"), () => this.actions.folderMenu()),
    );
  }

  showSelection(count, offered) {
    const direct = DIRECT.map((id) => offered.find((one) => one.id === id)).filter(Boolean);
    const entries = offered.map((one) => ({ ...one, call: () => this.actions.do(one.id) }));
    this.replace(
      button("✕", this.actions.nothing, { class: "files-plain", "aria-label": gettext("Select nothing") }),
      element("span", { class: "files-count" }, ngettext("%(count)s selected", "%(count)s selected", count)),
      ...direct.map(({ id, label }, index) =>
        button(label, () => this.actions.do(id), { "data-action": id, class: [id === "run" && "primary", index > 1 && "files-wide"].filter(Boolean).join(" ") || null })),
      this.more(gettext("More"), () => entries),
    );
  }

  check(label, { isOn, set }) {
    const box = element("input", { type: "checkbox", checked: isOn, onchange: () => set(box.checked) });
    return element("label", { class: "files-toggle files-wide" }, box, element("span", {}, label));
  }

  more(label, entriesOf) {
    const made = button(label, () => openMenu(this.element.parentElement, { entries: entriesOf(), at: made, label, from: made }), {
      "aria-haspopup": "menu", "aria-expanded": "false", class: "files-menu-button",
    });
    return made;
  }

  /** The button that has the focus keeps it when its like is there again. */
  replace(...parts) {
    const had = this.element.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.element.replaceChildren(...parts.filter(Boolean));
    if (had === null) return;
    const same = [...this.element.querySelectorAll("button, input")].find((one) => one.textContent === had);
    (same ?? this.element.querySelector("button, input"))?.focus();
  }

  onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...this.element.querySelectorAll("button, input")].filter((one) => one.checkVisibility());
    const next = all[all.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}
