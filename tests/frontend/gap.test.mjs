// A page that comes back too late: what is no longer kept is said where it is missing, and the rest goes on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { World } from "./false_world.mjs";

globalThis.self ??= globalThis;
const { Screen } = await import("../../frontend/console/screen.js");

test("what moved on while it was away is shown as missing, once, before what follows", () => {
  const world = new World();
  world.connection.open();
  world.welcome({});
  world.print(0, "before");
  world.transport.onclose(1006);
  world.clock.pass(500);
  assert.equal(world.transports[1].offset, 6);
  world.welcome({ offset: 6, end: 1_000_003 });
  world.say("gap", { from: 6, to: 1_000_000 });
  world.print(1_000_000, "end");
  world.say("replayed", { offset: 1_000_003 });
  assert.equal(world.text, "beforeend");
  const gaps = world.messages.filter(({ kind }) => kind === "gap");
  assert.deepEqual(gaps, [{ kind: "gap", from: 6, to: 1_000_000 }]);

  const written = [];
  Screen.prototype.sayMissing.call({ terminal: { write: (text) => written.push(text) } }, gaps[0].to - gaps[0].from);
  assert.match(written.join(""), /\r\n.*977 KB of earlier output are no longer kept.*\r\n/);
  world.transport.onclose(1006);
  world.clock.pass(500);
  assert.equal(world.transports[2].offset, 1_000_003);
});
