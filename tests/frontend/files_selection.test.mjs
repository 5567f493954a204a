// Selecting by mouse and keys, what can be done then, and the keys themselves.

import assert from "node:assert/strict";
import { test } from "node:test";

import { actionsFor, may } from "../../frontend/files/actions.js";
import { Clipboard } from "../../frontend/files/clipboard.js";
import { decide } from "../../frontend/files/keys.js";
import { Selection } from "../../frontend/files/selection.js";

function selection(...order) {
  const made = new Selection();
  made.setOrder(order.length ? order : ["a", "b", "c", "d", "e"]);
  return made;
}

test("a click selects one, with Ctrl one more or less, with Shift all between", () => {
  const it = selection();
  it.click("b");
  it.click("d", { ctrl: true });
  assert.deepEqual(it.paths, ["b", "d"]);
  it.click("d", { ctrl: true });
  assert.deepEqual(it.paths, ["b"]);
  it.click("e", { shift: true });
  assert.deepEqual(it.paths, ["d", "e"]); // from where the last click was
  it.click("a", { shift: true });
  assert.deepEqual(it.paths, ["a", "b", "c", "d"]);
  it.click("c");
  assert.deepEqual(it.paths, ["c"]);
});

test("arrows move, with Shift they extend and shrink, with Ctrl they only move", () => {
  const it = selection();
  it.move(1);
  assert.deepEqual(it.paths, ["b"]);
  it.move(2, { shift: true });
  assert.deepEqual(it.paths, ["b", "c", "d"]);
  it.move(-1, { shift: true });
  assert.deepEqual(it.paths, ["b", "c"]);
  it.move("last", { ctrl: true });
  assert.deepEqual([it.focus, it.paths], ["e", ["b", "c"]]);
  it.toggle("e");
  assert.deepEqual(it.paths, ["b", "c", "e"]);
  it.move(10);
  assert.deepEqual([it.focus, it.paths], ["e", ["e"]]);
  it.move("first");
  assert.equal(it.focus, "a");
});

test("the first row has the keyboard in a new list", () => {
  assert.equal(selection("x", "y").focus, "x");
  assert.equal(selection().paths.length, 0);
});

test("what is gone is not selected, and its neighbour has the keyboard", () => {
  const it = selection();
  it.click("b");
  it.click("c", { ctrl: true });
  it.setOrder(["a", "b", "d", "e"]);
  assert.deepEqual([it.focus, it.paths], ["d", ["b"]]);
  it.click("e");
  it.setOrder(["a", "b", "d"]);
  assert.deepEqual([it.focus, it.paths], ["d", []]);
  it.setOrder([]);
  it.move(1);
  assert.equal(it.focus, null);
});

test("a list sorted anew keeps both", () => {
  const it = selection();
  it.click("c");
  it.setOrder(["e", "d", "c", "b", "a"]);
  assert.deepEqual([it.focus, it.paths], ["c", ["c"]]);
});

// --- What can be done ---

const file = (name, fields) => ({ name, path: name, kind: "file", size_bytes: 9, type: "", published: false, ...fields });
const folder = (name, fields) => file(name, { kind: "folder", ...fields });
const MINE = { own: true, writable: true };
const ids = (entries, place = MINE) => actionsFor(entries, place).map(({ id }) => id);

test("a program can be run, text be edited, several be moved", () => {
  assert.ok(["edit", "run", "runThenPrompt", "serve", "share"].every((id) => ids([file("a.py")]).includes(id)));
  assert.ok(!ids([file("a.png")]).some((id) => ["edit", "run"].includes(id)));
  assert.deepEqual(ids([file("a.py"), folder("b")]), ["download", "copy", "cut", "delete"]);
  assert.deepEqual(ids([]), []);
});

test("a folder is published or unpublished, a file shared", () => {
  assert.ok(may("publish", [folder("b")], MINE) && !may("unpublish", [folder("b")], MINE));
  assert.ok(may("unpublish", [folder("b", { published: true })], MINE));
  assert.ok(!may("unpublish", [folder("b", { published: true })], { ...MINE, isOpen: true })); // one above it is what shows it
  assert.ok(!may("publish", [file("b.py")], MINE) && !may("share", [folder("b")], MINE));
});

test("who only reads can neither change nor run anything", () => {
  assert.deepEqual(ids([file("a.py")], { own: false, writable: false }), ["edit", "preview", "download", "versions"]);
});

test("what is neither a file nor a folder can be renamed and deleted", () => {
  assert.deepEqual(ids([file("pipe", { kind: "other" })]), ["rename", "copy", "cut", "delete"]);
});

// --- Keys ---

const key = (name, held = {}) => decide({ key: name, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...held });

test("keys", () => {
  assert.deepEqual(key("ArrowDown", { shiftKey: true }), { move: 1 });
  assert.deepEqual(key("a", { ctrlKey: true }), { action: "all" });
  assert.deepEqual(key("V", { metaKey: true }), { action: "paste" });
  assert.deepEqual(key(" "), { toggle: true });
  assert.deepEqual(key("F10", { shiftKey: true }), { action: "menu" });
  assert.deepEqual(key("h"), { find: "h" });
});

for (const [name, held] of [["t", { ctrlKey: true }], ["Tab", {}], ["F5", {}], ["ArrowLeft", { altKey: true }], ["c", { altKey: true }]]) {
  test(`the browser's own: ${name} ${Object.keys(held)}`, () => assert.equal(key(name, held), null));
}

// --- Cut, copy, paste ---

class Storage {
  getItem() { return this.kept ?? null; }
  setItem(name, value) { this.kept = value; }
}

test("what was cut is still known after a reload", () => {
  const storage = new Storage();
  new Clipboard(storage).put(["a/b"], true);
  const later = new Clipboard(storage);
  assert.ok(later.isCutting("a/b") && !later.isCutting("a"));
  later.clear();
  assert.equal(new Clipboard(storage).faultOf("c"), "empty");
});

test("nothing goes into itself, and nothing is moved to where it is", () => {
  const board = new Clipboard(new Storage());
  board.put(["a/b", "a/c"], true);
  assert.deepEqual(["", "a", "a/b", "a/b/d", "a/bb"].map((path) => board.faultOf(path)), ["", "same", "inside", "inside", ""]);
  board.put(["a/b"], false);
  assert.equal(board.faultOf("a"), ""); // a copy beside it
});

for (const kept of ["{nonsense", "null", '{"paths": 3}', '{"paths": [3], "isCut": true}']) {
  test(`an unreadable clipboard is empty: ${kept}`, () => {
    assert.deepEqual(new Clipboard({ getItem: () => kept, setItem() {} }).paths, []);
  });
}
