// The name of this browser tab, and which others are still there: each holds a lock of its name while it lives.

const PREFIX = "ivle-editor-";

export class Presence {
  constructor({ locks = navigator.locks, storage = sessionStorage } = {}) {
    this.locks = locks;
    this.storage = storage;
  }

  /** Takes the name that this tab had before it was loaded again; a tab that is a copy of another takes a new one. */
  async begin() {
    this.tab = this.storage.getItem(`${PREFIX}tab`) ?? this.newName();
    if (this.locks && !(await this.hold())) {
      this.tab = this.newName();
      await this.hold();
    }
    this.storage.setItem(`${PREFIX}tab`, this.tab);
    return this;
  }

  newName() {
    return crypto.getRandomValues(new Uint32Array(2)).join("-");
  }

  hold() {
    return new Promise((resolve) => {
      this.locks.request(PREFIX + this.tab, { ifAvailable: true }, (lock) => {
        resolve(Boolean(lock));
        return lock && new Promise(() => {}); // until the tab is gone
      });
    });
  }

  /** Without locks, which need HTTPS, nobody else seems to be there. */
  async alive() {
    if (!this.locks) return new Set([this.tab]);
    const { held } = await this.locks.query();
    return new Set(held.map(({ name }) => name.slice(PREFIX.length)));
  }
}
