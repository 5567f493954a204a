// One open file: saving, what somebody else saved meanwhile, and what goes wrong. No text is ever lost.

import assert from "node:assert/strict";
import { test } from "node:test";

import { EditorWorld } from "./editor_world.mjs";

test("what is typed is saved, with the style of the file", async () => {
  const world = new EditorWorld();
  world.put("a.py", "x = 1\r\n");
  const file = await world.open("a.py");
  assert.deepEqual([file.state, file.text, file.isDirty], ["open", "x = 1\n", false]);
  file.edited("x = 2\n");
  assert.equal(file.isDirty, true);
  assert.equal(await file.save(), true);
  assert.equal(world.textOf("a.py"), "x = 2\r\n");
  assert.equal(file.isDirty, false);
  file.edited("x = 3\n");
  assert.equal(await file.save(), true, "with the etag of the save before");
});

test("nothing is sent where nothing has changed", async () => {
  const world = new EditorWorld();
  world.put("a.py", "x");
  const file = await world.open("a.py");
  assert.equal(await file.save(), true);
  assert.ok(!world.asked.includes("PUT /api/files/content"));
});

test("a file that is not there is new, and is made by saving, even empty", async () => {
  const world = new EditorWorld();
  const file = await world.open("new.py");
  assert.deepEqual([file.state, file.isNew, file.isDirty], ["open", true, false]);
  assert.equal(await file.save(), true);
  assert.equal(world.textOf("new.py"), "");
  assert.equal(file.isNew, false);
});

test("a new file does not replace one that was made meanwhile", async () => {
  const world = new EditorWorld();
  const file = await world.open("new.py");
  file.edited("mine");
  world.put("new.py", "theirs");
  assert.equal(await file.save(), false);
  assert.equal(file.conflict.text, "theirs");
  assert.equal(world.textOf("new.py"), "theirs");
});

test("what somebody else saved meanwhile is a conflict, never replaced", async () => {
  const world = new EditorWorld();
  world.put("a.py", "one");
  const file = await world.open("a.py");
  file.edited("mine");
  world.put("a.py", "theirs");
  assert.equal(await file.save(), false);
  assert.equal(file.conflict.text, "theirs");
  assert.equal(file.text, "mine");
  assert.equal(await file.save(), false, "not before somebody has chosen");
  assert.equal(world.textOf("a.py"), "theirs");
});

test("the same text saved twice is no conflict", async () => {
  const world = new EditorWorld();
  world.put("a.py", "one");
  const file = await world.open("a.py");
  file.edited("two");
  world.put("a.py", "two");
  assert.equal(await file.save(), true);
  assert.equal(file.isDirty, false);
});

async function inConflict() {
  const world = new EditorWorld();
  world.put("a.py", "one");
  const file = await world.open("a.py");
  file.edited("mine");
  world.put("a.py", "theirs");
  await file.save();
  return { world, file };
}

test("a conflict ends by saving what was made of both", async () => {
  const { world, file } = await inConflict();
  let told = 0;
  file.addEventListener("text", () => { told += 1; });
  assert.equal(await file.settle("both"), true);
  assert.deepEqual([world.textOf("a.py"), file.text, file.conflict, file.failure, told], ["both", "both", null, "", 1]);
});

test("or by taking theirs", async () => {
  const { world, file } = await inConflict();
  file.takeTheirs();
  assert.deepEqual([file.text, file.isDirty, file.conflict], ["theirs", false, null]);
  file.edited("more");
  assert.equal(await file.save(), true);
  assert.equal(world.textOf("a.py"), "more");
});

test("a third one who saves while somebody chooses is met again", async () => {
  const { world, file } = await inConflict();
  world.put("a.py", "third");
  assert.equal(await file.settle("both"), false);
  assert.equal(file.conflict.text, "third");
  assert.deepEqual([world.textOf("a.py"), file.text], ["third", "both"]);
});

test("choosing mine unchanged saves it, though it is what was tried before", async () => {
  const { world, file } = await inConflict();
  assert.equal(await file.settle("mine"), true);
  assert.equal(world.textOf("a.py"), "mine");
});

test("so does choosing what the file once was", async () => {
  const { world, file } = await inConflict();
  assert.equal(await file.settle("one"), true);
  assert.equal(world.textOf("a.py"), "one");
});

test("a file that was deleted meanwhile is made again only when asked for", async () => {
  const world = new EditorWorld();
  world.put("a.py", "one\r\n");
  const file = await world.open("a.py");
  file.edited("mine\n");
  world.files.delete("a.py");
  assert.equal(await file.save(), false);
  assert.deepEqual([file.conflict.etag, file.conflict.text], [null, null]);
  assert.match(file.failure, /deleted or renamed/);
  assert.equal(await file.settle(file.text), true);
  assert.equal(world.textOf("a.py"), "mine\r\n");
});

test("what somebody else made no text of can be replaced only when asked for", async () => {
  const world = new EditorWorld();
  world.put("a.py", "one");
  const file = await world.open("a.py");
  file.edited("mine");
  world.put("a.py", "\0");
  assert.equal(await file.save(), false);
  assert.equal(file.conflict.text, null);
  assert.ok(file.conflict.etag);
  assert.equal(await file.settle(file.text), true);
  assert.equal(world.textOf("a.py"), "mine");
});

for (const [why, status, content, expected] of [
  ["a full quota", 507, { detail: "Your folder is full. Delete something, then save again." }, /folder is full/],
  ["a logout", 401, { detail: [] }, /logged out/],
  ["a fault of the site", 500, null, /status 500/],
]) {
  test(`${why} keeps the text and says why; saving again works`, async () => {
    const world = new EditorWorld();
    world.put("a.py", "one");
    const file = await world.open("a.py");
    file.edited("two");
    world.refusals.push([status, content]);
    assert.equal(await file.save(), false);
    assert.match(file.failure, expected);
    assert.deepEqual([file.text, file.isDirty], ["two", true]);
    assert.equal(await file.save(), true);
    assert.equal(file.failure, "");
  });
}

test("no network is said too, and a character that cannot be written", async () => {
  const world = new EditorWorld();
  world.put("a.py", "# coding: latin-1\n");
  const file = await world.open("a.py");
  file.edited("# coding: latin-1\n€");
  assert.equal(await file.save(), false);
  assert.match(file.failure, /€/);
  file.edited("# coding: latin-1\nä");
  world.isDown = true;
  assert.equal(await file.save(), false);
  assert.match(file.failure, /cannot be reached/);
  world.isDown = false;
  assert.equal(await file.save(), true);
  assert.deepEqual(world.files.get("a.py").bytes, Buffer.from("# coding: latin-1\nä", "latin1"));
});

test("what is typed while it is being saved stays unsaved, and the next save has it", async () => {
  const world = new EditorWorld();
  world.put("a.py", "one");
  const file = await world.open("a.py");
  file.edited("two");
  let open;
  world.gate = (method) => method === "PUT" && new Promise((resolve) => { open = resolve; });
  const saving = file.save();
  await world.settle();
  file.edited("three");
  const again = [file.save(), file.save()];
  world.gate = null;
  open();
  assert.deepEqual(await Promise.all([saving, ...again]), [true, true, true]);
  assert.equal(world.textOf("a.py"), "three");
  assert.equal(world.asked.filter((one) => one === "PUT /api/files/content").length, 2);
});

test("what cannot be edited is refused with its sentence", async () => {
  const world = new EditorWorld();
  world.put("a.bin", "\0");
  const file = await world.open("a.bin");
  assert.equal(file.state, "refused");
  assert.match(file.sentence, /not text/);
  assert.equal(await file.save(), false);
});

test("somebody else's file is read and never written", async () => {
  const world = new EditorWorld();
  world.put("a.py", "one");
  const file = await world.open("a.py", { writable: false });
  assert.deepEqual([file.text, file.isLocked], ["one", true]);
  assert.equal(await file.save(), false);
  assert.deepEqual(world.asked, ["GET /api/files/content"]);
  const gone = await world.open("gone.py", { writable: false });
  assert.equal(gone.state, "refused");
});

test("a save can start the console's program in one go", async () => {
  const world = new EditorWorld();
  world.put("a.py", "x = 1\n");
  const file = await world.open("a.py");
  file.edited("x = 2\n");
  world.restarts = true;
  assert.equal(await file.save("s1"), true);
  assert.ok(world.asked.includes("PUT /api/consoles/s1/file"));
  assert.deepEqual([file.hasRestarted, world.textOf("a.py")], [true, "x = 2\n"]);
  world.restarts = false;
  file.edited("x = 3\n");
  assert.equal(await file.save(), true);
  assert.equal(file.hasRestarted, false, "that was the save before");
  file.edited("x = 4\n");
  world.put("a.py", "theirs\n");
  assert.equal(await file.save("s1"), false);
  assert.equal(file.hasRestarted, false, "nothing runs that is not saved");
});
