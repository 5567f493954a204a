// An attempt is asked for until it is marked: what is said meanwhile, and what becomes of a lost connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Watching, pause, sentenceOf } from "../../frontend/exercise/watching.js";

let now = 0;
const waits = [];
const NOW = { setTimeout: (call, wait) => waits.push(wait) && queueMicrotask(call), performance: { now: () => now } };
const WAITING = { state: "waiting", before_it: 2, progress: [], faults: 0, report: null };
const MARKED = { ...WAITING, state: "marked", before_it: 0, report: { results: [] } };

function watching(answers) {
  const news = [];
  const lost = [];
  const api = {
    async attempt() {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { news, lost, watching: new Watching({ api, onNews: (one) => news.push(one), onLost: (one) => lost.push(one), clock: NOW }) };
}

const fault = (status, isLost) => Object.assign(new Error("no"), { status, isLost });

test("until it is marked", async () => {
  const { news, watching: one } = watching([WAITING, WAITING, MARKED]);
  assert.equal(await one.watch(1), MARKED);
  assert.equal(news.length, 2);
  assert.equal(one.number, null);
});

test("one whose answer was held back is asked for again at once, others after a while", async () => {
  const { watching: one } = watching([WAITING, WAITING, MARKED]);
  const { attempt } = one.api;
  one.api.attempt = async (number, wait) => {
    assert.equal(wait, 10);
    now += waits.length ? 10 : 5000;
    return attempt();
  };
  waits.length = 0;
  await one.watch(1);
  assert.deepEqual(waits, [0, 250]);
});

test("one that cannot have been held back is not, however long its answer took", async () => {
  const { watching: one } = watching([{ ...WAITING, before_it: 20 }, MARKED]);
  const { attempt } = one.api;
  one.api.attempt = async () => {
    now += 5000;
    return attempt();
  };
  waits.length = 0;
  await one.watch(1);
  assert.deepEqual(waits, [2000]);
});

test("a connection that is lost is tried again", async () => {
  const { lost, watching: one } = watching([fault(0, true), fault(503, true), MARKED]);
  assert.equal(await one.watch(1), MARKED);
  assert.equal(lost.length, 2);
});

test("a refusal is not", async () => {
  const { watching: one } = watching([fault(404, false)]);
  await assert.rejects(one.watch(1), { status: 404 });
  assert.equal(one.number, null);
});

test("a fault of our own is not hidden", async () => {
  const { watching: one } = watching([new TypeError("a bug")]);
  await assert.rejects(one.watch(1), TypeError);
});

test("what is put aside is not waited for", async () => {
  const { watching: one } = watching([WAITING, { ...WAITING, state: "aside" }]);
  assert.equal((await one.watch(1)).state, "aside");
  assert.equal(one.number, null);
});

test("it stops when asked", async () => {
  const { watching: one } = watching([WAITING, WAITING, WAITING]);
  one.onNews = () => one.stop();
  assert.equal(await one.watch(1), null);
});

test("soon at first, seldom after a while", () => {
  assert.deepEqual([0, 7, 8, 59, 60, 1000].map((count) => pause(count)), [250, 250, 1000, 1000, 3000, 3000]);
  assert.deepEqual([0, 2, 5, 20, 99].map((before) => pause(0, before)), [250, 250, 500, 2000, 3000]);
});

test("what is said meanwhile", () => {
  assert.equal(sentenceOf(WAITING, 5), "Handed in. 2 others are marked before yours.");
  assert.equal(sentenceOf({ ...WAITING, before_it: 1 }, 5), "Handed in. 1 other is marked before yours.");
  assert.equal(sentenceOf({ ...WAITING, before_it: 0 }, 5), "Handed in. Yours is next.");
  assert.equal(sentenceOf({ ...WAITING, state: "marking", progress: [{}, {}] }, 5), "Being marked: 2 of 5 tests are done.");
  assert.match(sentenceOf({ ...WAITING, faults: 1 }, 5), /our fault/);
  assert.match(sentenceOf({ ...WAITING, state: "aside", faults: 3 }, 5), /our fault.* costs you no attempt/);
});
