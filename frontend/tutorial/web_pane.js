// The web page that a box makes, below it, with a line for its address: what follows the file's name, ?name=Sam. Used by work.js.

import { SANDBOX } from "../editor/preview.js";
import { element } from "../site/markup.js";
import { gettext } from "../site/words.js";

export class WebPane {
  /** address: of the file itself. */
  constructor({ place, address }) {
    this.address = address;
    const name = address.slice(address.lastIndexOf("/") + 1);
    this.field = element("input", { type: "text", value: name, "aria-label": gettext("Address of the page"), spellcheck: "false", autocapitalize: "off", autocomplete: "off" });
    this.body = element("div", { class: "box-page" });
    this.away = element("a", { class: "button", target: "_blank", rel: "noopener" }, gettext("New tab"));
    const go = element("button", {}, gettext("Go"));
    const line = element("form", { class: "box-address", onsubmit: (event) => this.onSubmit(event) }, this.field, go, this.away);
    place.replaceChildren(line, this.body);
  }

  onSubmit(event) {
    event.preventDefault();
    this.load();
  }

  /** Only pages beside the file: its name, with what follows. */
  get asked() {
    const name = this.address.slice(this.address.lastIndexOf("/") + 1);
    const typed = this.field.value.trim();
    const rest = typed.startsWith(name) ? typed.slice(name.length) : typed.startsWith("?") || typed.startsWith("/") ? typed : "";
    return this.address + rest;
  }

  /** A new frame each time: the old one may have gone on to another page, and would leave it in the history. */
  load() {
    this.away.href = this.asked;
    this.body.replaceChildren(element("iframe", { src: this.asked, sandbox: SANDBOX, title: gettext("The page that this program makes") }));
  }
}
