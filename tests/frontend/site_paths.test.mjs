// Names as bytes, and paths as the API has them, as they are typed and as they are read.

import assert from "node:assert/strict";
import { test } from "node:test";

import { canonical, crumbs, encodeName, faultOfName, isBelow, join, lastOf, nameOf, ofTyped, parentOf, shown, stemLength, visible } from "../../frontend/site/paths.js";

for (const [name, encoded] of [
  ["hello.py", "hello.py"],
  ["a b~_-", "a%20b~_-"],
  ["it's (me)!*", "it%27s%20%28me%29%21%2A"],
  ["Übung", "%C3%9Cbung"],
  ["two\nlines", "two%0Alines"],
  ["100%", "100%25"],
  ["😀", "%F0%9F%98%80"],
]) {
  test(`a name is encoded as the server does it, and read again: ${JSON.stringify(name)}`, () => {
    assert.equal(encodeName(name), encoded);
    assert.equal(shown(encoded), name.replace("\n", "␊"));
  });
}

test("what is not text is readable", () => assert.equal(shown("a%FF%20b"), "a\ufffd b"));

test("a name reads as it is written", () => {
  assert.equal(visible("a\tb\x7f"), "a␉b□");
  assert.equal(visible("gnp.\u202eyp.x\u2066\u200f"), "gnp.□yp.x□□");
  assert.equal(visible("שלום 👋 é"), "שלום 👋 é");
});

test("an address typed by hand is brought to the one form", () => {
  assert.equal(canonical("/a%20b/it's/%c3%9c/"), "a%20b/it%27s/%C3%9C");
  assert.equal(canonical("50%"), "50%25");
  assert.equal(canonical("a/b%20c(1)%2a/~x.py"), "a/b%20c%281%29%2A/~x.py");
  assert.equal(canonical("%ff%C3%A4ä"), "%FF%C3%A4%C3%A4");
  assert.equal(canonical("😀/"), "%F0%9F%98%80");
});

test("a path as it is typed", () => {
  assert.equal(ofTyped("a/./b c%.py"), "a/b%20c%25.py");
});

test("a path for eyes", () => {
  assert.equal(shown("a%20b/%FF.py"), "a b/\ufffd.py");
  assert.deepEqual([nameOf("a/b%2Fc"), nameOf("a%0Ab"), nameOf("")], ["b/c", "a␊b", ""]);
});

test("parts of a path", () => {
  assert.deepEqual([parentOf("a/b/c"), parentOf("a"), parentOf("")], ["a/b", "", ""]);
  assert.deepEqual([lastOf("a/b"), lastOf("a"), join("", "a"), join("a", "b")], ["b", "a", "a", "a/b"]);
  assert.deepEqual([isBelow("a/b", "a"), isBelow("ab", "a"), isBelow("a", "a"), isBelow("a", "")], [true, false, true, true]);
  assert.deepEqual(crumbs("a/b%20c"), [{ name: "a", path: "a" }, { name: "b c", path: "a/b%20c" }]);
});

for (const [text, fault] of [
  ["a", ""], [" ", "empty"], ["", "empty"], [".", "dots"], ["..", "dots"], ["...", ""], ["a/b", "slash"], ["a\\b", "slash"],
  ["a\0b", "slash"], ["é".repeat(127), ""], ["é".repeat(128), "long"],
]) {
  test(`a name that is typed: ${JSON.stringify(text.slice(0, 8))} is ${fault || "right"}`, () => {
    assert.equal(faultOfName(text), fault);
  });
}

test("all but the ending is selected when a name is changed", () => {
  assert.deepEqual(["hello.py", "a.tar.gz", ".bashrc", "README"].map(stemLength), [5, 5, 7, 6]);
});
