// A program that is run again: asked for until it runs, and no longer than somebody wants it.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { ASK_AGAIN_MS } from "../../frontend/console/protocol.js";
import { Rerun } from "../../frontend/console/rerun.js";

let asked, isConnected, rerun;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = 0;
  isConnected = true;
  rerun = new Rerun(() => {
    if (isConnected) asked += 1;
    return isConnected;
  });
});

test("it is asked for at once, and again for each place that is told", () => {
  assert.ok(rerun.begin());
  assert.equal(asked, 1);
  for (const times of [2, 3]) {
    assert.ok(rerun.wait());
    assert.ok(rerun.waits);
    mock.timers.tick(ASK_AGAIN_MS);
    assert.equal(asked, times);
  }
});

test("without a connection it is asked for as soon as there is one", () => {
  rerun.begin();
  rerun.wait();
  isConnected = false;
  mock.timers.tick(3 * ASK_AGAIN_MS);
  assert.equal(asked, 1);
  isConnected = true;
  mock.timers.tick(ASK_AGAIN_MS);
  assert.equal(asked, 2);
});

test("once it runs nobody asks any more", () => {
  rerun.begin();
  rerun.wait();
  rerun.end();
  mock.timers.tick(10 * ASK_AGAIN_MS);
  assert.deepEqual([asked, rerun.waits], [1, false]);
});

test("given up, it does not wait for a place that is told late", () => {
  rerun.begin();
  rerun.wait();
  assert.equal(rerun.giveUp(), true);
  assert.equal(rerun.giveUp(), false);
  assert.equal(rerun.wait(), false);
  mock.timers.tick(10 * ASK_AGAIN_MS);
  assert.equal(asked, 1);
});
