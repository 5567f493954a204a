// What of a program's output is shown beside the terminal, and when. Used by element.js.

import { PageWatch } from "./pages.js";
import { Printed } from "./printed.js";

const AFTER_MS = 200; // of silence
const AT_LAST_MS = 1000;

export class Beside {
  /** `onFirst` hears when something that is not in the terminal begins to be shown. */
  constructor(pane, settings, onFirst) {
    this.pane = pane;
    this.settings = settings;
    this.onFirst = onFirst;
    this.pages = new PageWatch();
    this.printed = new Printed();
    this.isLeft = false; // the pane was closed while its program goes on: the rest is for the terminal
  }

  /** What of this is for the terminal: the end of it, or all. */
  take(offset, bytes) {
    const told = this.printed.feed(bytes);
    if (told.began) this.end();
    const rest = this.splits ? told.rest : bytes;
    const grew = this.pages.feed(offset, bytes);
    if ((grew && this.settings.pages) || (told.changed && (this.settings.pages || this.splits))) this.showSoon();
    if (told.ended) this.end();
    return rest;
  }

  /** Some of the output is missing. */
  gap() {
    this.printed.gap();
  }

  /** Another program, whose output begins at this offset. */
  begin(offset) {
    this.end();
    this.pages.begin(offset);
    this.printed.begin();
  }

  /** The program is over. */
  end() {
    this.show();
    this.pane.closePage();
    this.isLeft = false;
  }

  /** What a program prints before its prompt goes to the pane alone. */
  get splits() {
    return this.settings.split && !this.isLeft;
  }

  showSoon() {
    if (!this.timer) this.waitsSince = performance.now();
    else if (performance.now() - this.waitsSince > AT_LAST_MS) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), AFTER_MS);
  }

  show() {
    clearTimeout(this.timer);
    if (!this.timer) return;
    this.timer = null;
    const page = this.pages.page ?? this.printed.page(this.settings.pages);
    if (!page || (page.text && !this.splits)) return;
    if (this.pane.update(page) && this.splits) this.onFirst();
  }
}
