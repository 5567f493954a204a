// What a person has set about consoles, kept in this browser and told to every console on the page.

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
  constructor(storage) {
    super();
    this.storage = storage;
    this.read();
  }

  read() {
    let kept = {};
    try {
      kept = JSON.parse(this.storage.getItem(KEY)) ?? {};
    } catch {
      // Nothing readable is kept, or nothing may be: the defaults do.
    }
    for (const [name, value] of Object.entries(DEFAULTS)) this[name] = CHECKS[name](kept[name]) ? kept[name] : value;
  }

  change(changes) {
    for (const [name, value] of Object.entries(changes)) if (CHECKS[name](value)) this[name] = value;
    const kept = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, this[name]]));
    try {
      this.storage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing still has them for this page.
    }
    this.dispatchEvent(new Event("change"));
  }
}

let shared = null;

/** One for all consoles of a page. */
export function settingsOfPage() {
  if (!shared) {
    shared = new Settings({
      getItem: (key) => globalThis.localStorage.getItem(key),
      setItem: (key, value) => globalThis.localStorage.setItem(key, value),
    });
    globalThis.addEventListener("storage", () => {
      shared.read();
      shared.dispatchEvent(new Event("change"));
    });
  }
  return shared;
}
