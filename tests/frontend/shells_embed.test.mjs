// The button on somebody's page: it asks again before it opens, since a page may be open for hours.

import assert from "node:assert/strict";
import { test } from "node:test";

class FalseElement {
  isConnected = true;
  attributes = {};
  style = {};

  attachShadow() {
    return { append() {} };
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  addEventListener() {}

  replaceWith(other) {
    this.replacedBy = other;
  }
}

const listeners = {};
let answer = "room";
let asked = 0;
Object.assign(globalThis, {
  HTMLElement: FalseElement,
  CSSStyleSheet: class { replaceSync() {} },
  customElements: { get() {}, define(name, made) { this.made = made; } },
  document: {
    currentScript: { src: "https://ivle.example.edu/shells/embed.js" },
    visibilityState: "visible",
    createElement: () => new FalseElement(),
    addEventListener: (kind, call) => { listeners[kind] = call; },
    removeEventListener: (kind) => { delete listeners[kind]; },
  },
  fetch: async () => {
    asked += 1;
    return { json: async () => ({ state: answer }) };
  },
  setTimeout: () => 0, // what was asked is known for good
  clearTimeout() {},
});
await import("../../frontend/shells/embed.js");

async function shown() {
  const shell = new customElements.made();
  shell.connectedCallback();
  await shell.look();
  return shell;
}

test("a click asks again, and then opens", async () => {
  const shell = await shown();
  assert.equal(shell.button.hidden, false);
  const before = asked;
  await Promise.all([shell.button.onclick(), shell.button.onclick()]);
  assert.equal(asked, before + 1);
  assert.equal(shell.button.replacedBy, shell.frame);
  assert.match(String(shell.frame.src), /^https:\/\/ivle.example.edu\/shells\/frame#/);
});

test("switched off meanwhile, nothing opens and the button goes", async () => {
  const shell = await shown();
  answer = "off";
  await shell.button.onclick();
  await shell.look();
  assert.equal(shell.frame, undefined);
  assert.equal(shell.button.hidden, true);
  assert.equal(shell.getAttribute("state"), "off");
  answer = "room";
});

test("a full site says so in the frame", async () => {
  answer = "room";
  const shell = await shown();
  answer = "full";
  await shell.button.onclick();
  assert.ok(shell.frame);
  answer = "room";
});

test("whoever comes back to the tab sees what is so now", async () => {
  const shell = await shown();
  const before = shell.look;
  let looks = 0;
  shell.look = () => { looks += 1; return before.call(shell); };
  listeners.visibilitychange();
  assert.equal(looks, 1);
  shell.disconnectedCallback();
  assert.equal(listeners.visibilitychange, undefined);
});
