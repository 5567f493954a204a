import assert from "node:assert/strict";
import { test } from "node:test";

import { HeldEscape } from "../../frontend/console/held_escape.js";

function typing() {
  const sent = [];
  const clock = { setTimeout: (call) => call, clearTimeout() {} };
  const escape = new HeldEscape((input) => sent.push(input), clock);
  return { sent, escape };
}

test("Escape goes before whatever is typed next", () => {
  const { sent, escape } = typing();
  escape.type("\x1b", false);
  assert.deepEqual(sent, []);
  escape.type("x", false);
  assert.deepEqual(sent, ["\x1b", "x"]);
});

test("nothing typed: it goes after a while", () => {
  const { sent, escape } = typing();
  escape.type("\x1b", false);
  escape.timer();
  assert.deepEqual(sent, ["\x1b"]);
  escape.type("x", false);
  assert.deepEqual(sent, ["\x1b", "x"]);
});

test("twice is two", () => {
  const { sent, escape } = typing();
  escape.type("\x1b", false);
  escape.type("\x1b", false);
  assert.deepEqual(sent, ["\x1b"]);
  escape.release();
  assert.deepEqual(sent, ["\x1b", "\x1b"]);
});

test("the program never hears of one that has left the terminal", () => {
  const { sent, escape } = typing();
  escape.type("\x1b", false);
  escape.drop();
  escape.type("exit()", false);
  assert.deepEqual(sent, ["exit()"]);
});

test("a program that draws the whole screen has it at once, and bytes are no Escape", () => {
  const { sent, escape } = typing();
  escape.type("\x1b", true);
  escape.type(Uint8Array.of(27), false);
  assert.deepEqual(sent, ["\x1b", Uint8Array.of(27)]);
});
