// Keeping the newest of something that changes faster than it can be kept. Pure; used for drafts and their copies.

/** keep(value) promises that it is kept. While one is on its way, only the newest of the others waits. */
export class Latest {
  constructor(keep) {
    this.keep = keep;
    this.under = null;
  }

  put(value) {
    this.waiting = { value };
    this.under ??= this.work();
    return this.under;
  }

  /** Promises that nothing is on its way and nothing waits. */
  async drop() {
    this.waiting = null;
    await this.under;
  }

  async work() {
    while (this.waiting) {
      const { value } = this.waiting;
      this.waiting = null;
      await this.keep(value);
    }
    this.under = null;
  }
}
