// The machine page: what is asked when, and what two looks tell of the time between.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERY_MS, LONGEST_MS, Polling, pause } from "../../frontend/operations/polling.js";
import { lengthOf, ranked, rates } from "../../frontend/operations/usage.js";

class Page extends EventTarget {
  hidden = false;
  turn(hidden) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

function world(answers = []) {
  const page = new Page();
  const timers = [];
  const clock = {
    setTimeout: (call, ms) => timers.push({ call, ms }),
    clearTimeout: (number) => number && (timers[number - 1] = null),
  };
  const asked = [], news = [], lost = [];
  const ask = async () => {
    asked.push(1);
    const answer = answers.shift() ?? { at: asked.length };
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const polling = new Polling({ ask, onNews: (one) => news.push(one), onLost: (one) => lost.push(one), page, clock });
  const settle = () => new Promise((done) => setImmediate(done));
  const due = () => timers.filter(Boolean);
  const tick = async () => {
    const [one] = due();
    timers[timers.indexOf(one)] = null;
    one.call();
    await settle();
  };
  return { page, asked, news, lost, polling, settle, due, tick };
}

const away = () => Object.assign(new Error("away"), { status: 503 });

test("at once, then every few seconds", async () => {
  const it = world();
  await it.settle();
  await it.tick();
  assert.equal(it.news.length, 2);
  assert.deepEqual(it.due().map(({ ms }) => ms), [EVERY_MS]);
});

test("a hidden tab asks nothing, and at once when it is seen again", async () => {
  const it = world();
  await it.settle();
  it.page.turn(true);
  assert.equal(it.due().length, 0);
  await it.settle();
  assert.equal(it.asked.length, 1);
  it.page.turn(false);
  await it.settle();
  assert.equal(it.asked.length, 2);
  assert.equal(it.due().length, 1);
});

test("where nobody answers it asks ever more seldom, and goes on", async () => {
  const it = world([away(), away(), { at: 3 }]);
  await it.settle();
  assert.equal(it.due()[0].ms, 2 * EVERY_MS);
  await it.tick();
  assert.equal(it.due()[0].ms, 4 * EVERY_MS);
  await it.tick();
  assert.deepEqual([it.lost.length, it.news.length, it.due()[0].ms], [2, 1, EVERY_MS]);
  assert.equal(pause(100), LONGEST_MS);
});

test("two questions are never on their way at the same time", async () => {
  const it = world();
  it.page.turn(false);
  it.polling.look();
  await it.settle();
  assert.equal(it.asked.length, 1);
});

test("when the page is left nothing is asked any more", async () => {
  const it = world();
  it.polling.end();
  await it.settle();
  it.page.turn(false);
  await it.settle();
  assert.deepEqual([it.asked.length, it.news.length, it.due().length], [1, 0, 0]);
});

const look = (at, seconds, boot = "one") => ({ at, boot, people: Object.entries(seconds).map(([owner, cpu_seconds]) => ({ owner, cpu_seconds, memory_bytes: 0 })) });

test("how much of a processor", () => {
  const found = rates(look(10, { sam: 5, kim: 1 }), look(14, { sam: 7, kim: 1, new: 9 }));
  assert.deepEqual(Object.fromEntries(found), { sam: 0.5, kim: 0 });
});

test("nothing where it cannot be known", () => {
  assert.equal(rates(undefined, look(14, { sam: 7 })).size, 0);
  assert.equal(rates(look(10, { sam: 5 }, "one"), look(14, { sam: 1 }, "two")).size, 0);
  assert.equal(rates(look(14, { sam: 5 }), look(14, { sam: 6 })).size, 0);
  assert.deepEqual([...rates(look(10, { sam: 5 }), look(14, { sam: 1 })).values()], [0]);
});

test("who uses most comes first, and small changes move nobody", () => {
  const people = ["kim", "ada", "sam", "bob"].map((owner) => ({ owner, memory_bytes: owner === "bob" ? 9 : 0 }));
  const order = (rate) => ranked(people, new Map(Object.entries(rate))).map(({ owner }) => owner);
  assert.deepEqual(order({ sam: 0.9, kim: 0.02 }), ["sam", "bob", "ada", "kim"]);
  assert.deepEqual(order({ sam: 0.9, ada: 0.02 }), ["sam", "bob", "ada", "kim"]);
});

test("lengths", () => {
  assert.deepEqual([0, 0.012, 0.25, 3.4, 99, 100, 3600, 7200].map(lengthOf), ["0.00 s", "0.01 s", "0.3 s", "3 s", "99 s", "2 min", "1 h", "2 h"]);
});
