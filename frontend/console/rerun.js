// A program that is to be run again and may have to wait: asks until it runs, or until nobody wants it. Used by element.js.

import { ASK_AGAIN_MS } from "./protocol.js";

export class Rerun {
  /** ask(): whether there was a connection to ask by. */
  constructor(ask) {
    this.ask = ask;
    this.isWanted = false;
    this.timer = null;
  }

  get waits() {
    return this.timer !== null;
  }

  begin() {
    this.end();
    this.isWanted = true;
    return this.ask();
  }

  /** Its place in the queue was told. False where nobody wants it any more. */
  wait() {
    if (this.isWanted) this.timer = setTimeout(() => this.ask() || this.wait(), ASK_AGAIN_MS);
    return this.isWanted;
  }

  /** Whether it waited. It does not any more. */
  giveUp() {
    const { waits } = this;
    this.isWanted = false;
    this.end();
    return waits;
  }

  /** It runs, or cannot any more. */
  end() {
    clearTimeout(this.timer);
    this.timer = null;
  }
}
