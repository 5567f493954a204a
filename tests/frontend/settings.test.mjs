import assert from "node:assert/strict";
import { test } from "node:test";

import { Settings } from "../../frontend/console/settings.js";

class Storage {
  constructor(kept) {
    this.kept = kept;
  }

  getItem() {
    return this.kept;
  }

  setItem(key, value) {
    this.kept = value;
  }
}

test("what is changed is kept and told", () => {
  const storage = new Storage(null);
  const settings = new Settings(storage);
  let told = 0;
  settings.addEventListener("change", () => { told += 1; });
  settings.change({ fontSize: 18, screenReader: true });
  assert.equal(told, 1);
  const later = new Settings(storage);
  assert.deepEqual([later.fontSize, later.screenReader, later.theme], [18, true, "system"]);
});

for (const kept of ["{nonsense", "null", "[]", '{"fontSize": 400, "theme": "pink", "pages": "yes"}']) {
  test(`unreadable or wrong, the defaults do: ${kept}`, () => {
    const settings = new Settings(new Storage(kept));
    assert.deepEqual([settings.fontSize, settings.theme, settings.pages], [14, "system", true]);
  });
}

test("a wrong value changes nothing, and a browser that keeps nothing is no fault", () => {
  const settings = new Settings({
    getItem: () => { throw new Error("forbidden"); },
    setItem: () => { throw new Error("forbidden"); },
  });
  settings.change({ fontSize: 3, theme: "dark" });
  assert.deepEqual([settings.fontSize, settings.theme], [14, "dark"]);
});
