// Asks again and again while somebody can see the answer: not in a hidden tab, and seldom where nobody answers.

export const EVERY_MS = 3000;
export const LONGEST_MS = 60_000;

export class Polling {
  /** ask() is a promise; onNews(answer), onLost(fault). page: the document. */
  constructor({ ask, onNews, onLost, page = globalThis.document, clock = globalThis }) {
    Object.assign(this, { ask, onNews, onLost, page, clock });
    this.failures = 0;
    this.timer = null;
    this.isAsking = false;
    this.isOver = false;
    this.onVisibility = () => this.look();
    page.addEventListener("visibilitychange", this.onVisibility);
    this.look();
  }

  /** Now, where it is seen; else once it is. */
  async look() {
    this.clock.clearTimeout(this.timer);
    if (this.isOver || this.isAsking || this.page.hidden) return;
    this.isAsking = true;
    try {
      const answer = await this.ask();
      this.failures = 0;
      if (!this.isOver) this.onNews(answer);
    } catch (fault) {
      if (typeof fault.status !== "number") throw fault; // a fault of our own
      this.failures += 1;
      if (!this.isOver) this.onLost(fault);
    } finally {
      this.isAsking = false;
    }
    if (!this.isOver) this.timer = this.clock.setTimeout(() => this.look(), pause(this.failures));
  }

  end() {
    this.isOver = true;
    this.clock.clearTimeout(this.timer);
    this.page.removeEventListener("visibilitychange", this.onVisibility);
  }
}

export function pause(failures) {
  return Math.min(EVERY_MS * 2 ** failures, LONGEST_MS);
}
