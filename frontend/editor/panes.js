// The parts of the page below the bar: text, web page beside it, console; and the lines between them. Used by element.js.

import { element } from "../site/markup.js";
import { splitter } from "../console/splitter.js";
import { gettext } from "../site/words.js";
import { Preview } from "./preview.js";

export class Panes {
  /** text: elements of the first pane. */
  constructor(settings, ...text) {
    this.settings = settings;
    this.console = element("div", { class: "editor-console", hidden: true });
    this.preview = new Preview({ onClose: () => this.settle() });
    const front = element("div", { class: "editor-front" });
    this.element = element("div", { class: "editor-work" });
    const share = (setting, property, label) => ({ setting, property, label: () => label });
    this.frontLine = splitter(front, settings, share("frontShare", "--front-share", gettext("Share of the text beside the web page")));
    this.line = splitter(this.element, settings, share("codeShare", "--code-share", gettext("Share of the text")));
    front.append(element("div", { class: "editor-main" }, ...text), this.frontLine, this.preview.element);
    this.element.append(front, this.line, this.console);
  }

  serve(address, name) {
    this.preview.open(address, name);
    this.settle();
  }

  showConsole(isShown) {
    this.console.hidden = !isShown;
    this.settle();
  }

  settle() {
    this.line.hidden = this.console.hidden;
    this.frontLine.hidden = !this.preview.isOpen;
  }
}
