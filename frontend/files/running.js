// The console below the list, in which a program of the list runs. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

export class Running {
  /** onClose(): the focus goes back to the list. */
  constructor({ csrf, onClose }) {
    this.csrf = csrf;
    this.title = element("h2", {});
    this.place = element("div", {});
    this.element = element(
      "section", { class: "files-console", hidden: true, "aria-label": gettext("Console") },
      element("header", {}, this.title, button("✕", () => { this.close(); onClose(); }, { class: "files-plain", "aria-label": gettext("Close the console") })),
      this.place,
    );
  }

  /** after: "prompt", or "" for the program only. The console of the program before ends, unless somebody has typed in it. */
  async run(entry, after) {
    await import("../console/element.js");
    this.end();
    this.title.replaceChildren(element("bdi", {}, entry.name));
    this.element.hidden = false;
    this.console = element("ivle-console", { program: "python", path: entry.path, after: after || null, csrf: this.csrf, autofocus: true });
    this.place.replaceChildren(this.console);
    this.element.scrollIntoView({ block: "nearest" });
  }

  end() {
    if (this.console && !this.console.busy) this.console.connection?.send("end");
    this.console?.remove();
    this.console = null;
  }

  close() {
    this.end();
    this.element.hidden = true;
  }
}
