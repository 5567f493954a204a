// What a person has set about consoles, kept in this browser and told to every console on the page. The editor keeps its
// own settings in the same way.

const KEY = "ivle-console";
const DEFAULTS = { fontSize: 14, theme: "system", screenReader: false, pages: true, split: false, terminalShare: 60 };
const CHECKS = {
  fontSize: (value) => Number.isInteger(value) && value >= 8 && value <= 40,
  theme: (value) => ["system", "light", "dark"].includes(value),
  screenReader: (value) => typeof value === "boolean",
  pages: (value) => typeof value === "boolean",
  split: (value) => typeof value === "boolean",
  terminalShare: (value) => Number.isFinite(value) && value >= 20 && value <= 80,
};

/** Reads like an object: settings.fontSize. A "change" event follows each change, also one made in another tab. */
export class Settings extends EventTarget {
  constructor(storage, kind = { key: KEY, defaults: DEFAULTS, checks: CHECKS }) {
    super();
    Object.assign(this, { storage, kind });
    this.read();
  }

  read() {
    let kept = {};
    try {
      kept = JSON.parse(this.storage.getItem(this.kind.key)) ?? {};
    } catch {
      // Nothing readable is kept, or nothing may be: the defaults do.
    }
    const { defaults, checks } = this.kind;
    for (const [name, value] of Object.entries(defaults)) this[name] = checks[name](kept[name]) ? kept[name] : value;
  }

  change(changes) {
    for (const [name, value] of Object.entries(changes)) if (this.kind.checks[name](value)) this[name] = value;
    const kept = Object.fromEntries(Object.keys(this.kind.defaults).map((name) => [name, this[name]]));
    try {
      this.storage.setItem(this.kind.key, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing still has them for this page.
    }
    this.dispatchEvent(new Event("change"));
  }
}

let shared = null;

/** One for all consoles of a page. */
export function settingsOfPage() {
  shared ??= following(new Settings(LOCAL_STORAGE));
  return shared;
}

// Even to ask for it may be forbidden.
export const LOCAL_STORAGE = {
  getItem: (key) => globalThis.localStorage.getItem(key),
  setItem: (key, value) => globalThis.localStorage.setItem(key, value),
};

/** The same settings, which hear what other tabs change. */
export function following(settings) {
  globalThis.addEventListener("storage", () => {
    settings.read();
    settings.dispatchEvent(new Event("change"));
  });
  return settings;
}
