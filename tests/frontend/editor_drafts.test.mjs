// Text that was not saved: what is kept of it, where, and when it is offered again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { KEPT_MS, SERVER_AFTER_MS } from "../../frontend/editor/drafts.js";
import { Latest } from "../../frontend/editor/latest.js";
import { EditorWorld } from "./editor_world.mjs";

/** A tab in which something was typed and not saved. */
async function typed({ text = "typed", base = "one", tab = "t1" } = {}) {
  const world = new EditorWorld();
  world.put("a.py", base);
  const file = await world.open("a.py", { tab });
  file.edited(text);
  await world.settle();
  return { world, file };
}

/** It ends without a word. */
function crash(world, tab = "t1") {
  world.alive.delete(tab);
}

test("at once in the browser, on the server after a pause", async () => {
  const { world } = await typed();
  assert.deepEqual([...world.kept.values()].map(({ text }) => text), ["typed"]);
  assert.equal(world.drafts.size, 0);
  world.time.pass(SERVER_AFTER_MS);
  await world.settle();
  assert.equal(world.drafts.get("a.py").text, "typed");
  assert.equal(world.drafts.get("a.py").base_etag, world.files.get("a.py").etag);
});

test("saving ends it in both places", async () => {
  const { world, file } = await typed();
  world.time.pass(SERVER_AFTER_MS);
  await world.settle();
  await file.save();
  await world.settle();
  assert.deepEqual([world.kept.size, world.drafts.size], [0, 0]);
  world.time.pass(SERVER_AFTER_MS);
  assert.equal(world.drafts.size, 0);
});

test("saving sends nothing about drafts where the server had none", async () => {
  const { world, file } = await typed();
  await file.save();
  await world.settle();
  assert.ok(!world.asked.includes("DELETE /api/editor/draft"));
});

test("taking back what was typed ends it too", async () => {
  const { world, file } = await typed();
  file.edited("one");
  await world.settle();
  assert.equal(world.kept.size, 0);
});

test("after a crash it is offered, and nobody types before it is decided", async () => {
  const { world } = await typed();
  crash(world);
  const file = await world.open("a.py", { tab: "t2" });
  assert.equal(file.offer.text, "typed");
  assert.equal(file.text, "one");
  assert.equal(file.isLocked, true);
  file.restore();
  assert.deepEqual([file.text, file.isDirty, file.isLocked], ["typed", true, false]);
  await world.settle();
  assert.deepEqual([...world.kept.keys()], ["student a.py t2"], "it is the new tab's now");
  assert.equal(await file.save(), true);
  assert.equal(world.textOf("a.py"), "typed");
});

test("the same tab, loaded again, offers it too", async () => {
  const { world } = await typed();
  const file = await world.open("a.py");
  assert.equal(file.offer.text, "typed");
});

test("discarded, it is gone everywhere", async () => {
  const { world } = await typed();
  world.time.pass(SERVER_AFTER_MS);
  await world.settle();
  crash(world);
  const file = await world.open("a.py", { tab: "t2" });
  await file.discard();
  assert.deepEqual([world.kept.size, world.drafts.size, file.text], [0, 0, "one"]);
  assert.equal((await world.open("a.py", { tab: "t3" })).offer, null);
});

test("on another computer the server's is offered", async () => {
  const { world } = await typed();
  world.time.pass(SERVER_AFTER_MS);
  await world.settle();
  world.kept.clear();
  crash(world);
  const file = await world.open("a.py", { tab: "t2" });
  assert.equal(file.offer.text, "typed");
  file.restore();
  assert.equal(await file.save(), true);
});

test("a tab that is still there keeps its own: nothing is offered", async () => {
  const { world } = await typed();
  world.time.pass(SERVER_AFTER_MS);
  await world.settle();
  const second = await world.open("a.py", { tab: "t2" });
  assert.equal(second.offer, null);
  assert.equal(world.kept.size, 1);
});

test("of two drafts the newer one is offered", async () => {
  const { world } = await typed();
  world.time.pass(SERVER_AFTER_MS);
  await world.settle();
  world.kept.set("student a.py t0", { text: "older", base_etag: null, saved: world.time.time - 60_000 });
  world.kept.set("student a.py t1", { text: "newest", base_etag: null, saved: world.time.time + 60_000 });
  crash(world);
  const file = await world.open("a.py", { tab: "t2" });
  assert.equal(file.offer.text, "newest");
});

test("a draft that says what the file says is none", async () => {
  const { world } = await typed();
  crash(world);
  world.put("a.py", "typed");
  const file = await world.open("a.py", { tab: "t2" });
  assert.equal(file.offer, null);
  assert.equal(world.kept.size, 0);
});

test("where the file has changed since, saving what was restored is a conflict", async () => {
  const { world } = await typed();
  crash(world);
  world.put("a.py", "theirs");
  const file = await world.open("a.py", { tab: "t2" });
  file.restore();
  assert.equal(await file.save(), false);
  assert.equal(file.conflict.text, "theirs");
  assert.equal(world.textOf("a.py"), "theirs");
});

test("the draft of a new file does not replace one that was made since", async () => {
  const world = new EditorWorld();
  const first = await world.open("new.py");
  first.edited("typed");
  await world.settle();
  crash(world);
  world.put("new.py", "theirs");
  const file = await world.open("new.py", { tab: "t2" });
  file.restore();
  assert.equal(await file.save(), false);
  assert.equal(world.textOf("new.py"), "theirs");
});

test("a draft of another file whose name begins alike is not taken for it", async () => {
  const { world } = await typed();
  crash(world);
  world.put("a", "one");
  assert.equal((await world.open("a", { tab: "t2" })).offer, null);
});

test("a site that cannot be reached stops nobody from typing", async () => {
  const { world, file } = await typed();
  world.isDown = true;
  file.edited("more");
  world.time.pass(SERVER_AFTER_MS);
  await world.settle();
  assert.deepEqual([...world.kept.values()].map(({ text }) => text), ["more"]);
});

test("a browser that keeps nothing is noticed, so that leaving the page asks", async () => {
  const { file } = await typed();
  file.drafts.storage.put = async () => { throw new Error("full"); };
  assert.equal(file.drafts.isBehind, false);
  file.edited("more");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(file.drafts.isBehind, true);
});

test("the newest is kept last, however slow keeping is", async () => {
  const kept = [];
  const latest = new Latest(async (value) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    kept.push(value);
  });
  latest.put(1);
  latest.put(2);
  await latest.put(3);
  assert.deepEqual(kept, [1, 3]);
  await latest.put(4);
  assert.deepEqual(kept, [1, 3, 4]);
});

test("old ones of this browser go, of whatever file", async () => {
  const { world } = await typed();
  crash(world);
  world.kept.set("student gone.py t0", { text: "old", base_etag: null, saved: world.time.time - KEPT_MS - 1 });
  world.kept.set("student b.py t0", { text: "not so old", base_etag: null, saved: world.time.time - KEPT_MS + 1000 });
  const file = await world.open("a.py", { tab: "t2" });
  assert.equal(file.offer.text, "typed");
  assert.deepEqual([...world.kept.keys()].sort(), ["student a.py t1", "student b.py t0"]);
});
