import assert from "node:assert/strict";
import { test } from "node:test";

import { decide, escapedAfter, withCtrl } from "../../frontend/console/keys.js";

const press = (key, held = "") => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
  ctrlKey: held.includes("ctrl"), altKey: held.includes("alt"), shiftKey: held.includes("shift"), metaKey: held.includes("meta"),
});

for (const [key, held, state, expected] of [
  ["a", "", {}, "program"],
  ["c", "ctrl", {}, "program"],
  ["c", "ctrl", { selected: true }, "copy"],
  ["C", "ctrl shift", {}, "copy"],
  ["v", "ctrl", {}, "browser"],
  ["V", "ctrl shift", {}, "browser"],
  ["Insert", "shift", {}, "browser"],
  ["F", "ctrl shift", {}, "search"],
  ["f", "ctrl", {}, "program"],
  ["Tab", "", {}, "program"],
  ["Tab", "", { escaped: true }, "leave"],
  ["Tab", "shift", { escaped: true }, "leave"],
  ["d", "ctrl", { selected: true }, "program"],
  ["F5", "", {}, "browser"],
  ["F12", "", {}, "browser"],
  ["F1", "", {}, "program"],
  ["c", "meta", { selected: true }, "browser"],
  ["w", "ctrl", {}, "program"], // where the browser lets it through, it is the program's
]) {
  test(`${held} ${key} ${JSON.stringify(state)}: ${expected}`, () => assert.equal(decide(press(key, held), state).action, expected));
}

for (const [key, text] of [["w", "\x17"], ["t", "\x14"], ["n", "\x0e"], ["v", "\x16"]]) {
  test(`Ctrl-Alt-${key} is Ctrl-${key} for the program`, () => {
    assert.deepEqual(decide(press(key, "ctrl alt"), {}), { action: "send", text });
  });
}

test("only Tab right after Escape leaves; Shift in between is nothing", () => {
  assert.equal(escapedAfter(press("Escape"), false), true);
  assert.equal(escapedAfter(press("Shift"), true), true);
  assert.equal(escapedAfter(press("a"), true), false);
  assert.equal(escapedAfter(press("Tab"), false), false);
});

test("Ctrl on the row of keys", () => {
  assert.deepEqual(["c", "C", "[", " ", "1", "é", "ab"].map(withCtrl), ["\x03", "\x03", "\x1b", "\0", "1", "é", "ab"]);
});
