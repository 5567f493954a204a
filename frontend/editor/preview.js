// The pane that shows a file as the web page it is, by Serve, and again after each save. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

// As the headers of students' pages have it; without allow-same-origin, so that a page has an origin of its own whatever
// its headers say. Leading the whole window elsewhere is for the links of our own pages: students' headers forbid it.
export const SANDBOX = [
  "allow-scripts", "allow-forms", "allow-modals", "allow-popups", "allow-popups-to-escape-sandbox", "allow-downloads",
  "allow-top-navigation-by-user-activation",
].join(" ");

export class Preview {
  constructor({ onClose }) {
    this.onClose = onClose;
    this.title = element("h2", {});
    this.away = element("a", { class: "button", target: "_blank", rel: "noopener" }, gettext("Open in a new tab"));
    this.body = element("div", { class: "editor-preview-body" });
    this.element = element(
      "section",
      { class: "editor-preview", hidden: true, "aria-label": gettext("Web page") },
      element(
        "header",
        {},
        this.title,
        button(gettext("Reload"), () => this.reload()),
        this.away,
        button("✕", () => this.close(), { "aria-label": gettext("Close the web page"), title: gettext("Close") }),
      ),
      this.body,
    );
  }

  get isOpen() {
    return !this.element.hidden;
  }

  open(address, name) {
    this.address = this.away.href = address;
    this.title.textContent = name;
    this.element.hidden = false;
    this.reload();
  }

  /** A new frame each time: the old one may have gone on to another page, and would leave it in the history. */
  reload() {
    if (!this.isOpen) return;
    const title = gettext("%(name)s as a web page", { name: this.title.textContent });
    this.body.replaceChildren(element("iframe", { src: this.address, sandbox: SANDBOX, title }));
  }

  close() {
    this.element.hidden = true;
    this.body.replaceChildren();
    this.onClose();
  }
}
