// A unified diff, as it is shown below the versions of a file.

import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOfDiff } from "../../frontend/files/difference.js";

const HEAD = "--- a.py\n+++ a.py\n";
const kinds = (diff) => linesOfDiff(diff).map(({ kind }) => kind).join(" ");
const places = (diff) => linesOfDiff(diff).filter(({ kind }) => kind === "place").map(({ text }) => text);

test("lines that came, went and stayed, each with its sign", () => {
  assert.deepEqual(linesOfDiff(`${HEAD}@@ -1,2 +1,2 @@\n same\n-old\n+new\n`), [
    { kind: "place", text: "Lines 1 to 2" },
    { kind: "same", text: " same" },
    { kind: "went", text: "-old" },
    { kind: "came", text: "+new" },
  ]);
});

test("a line that looks like the head of a diff is a line", () => {
  assert.equal(kinds(`${HEAD}@@ -1,2 +1 @@\n--- a comment\n+++ more\n same\n`), "place went came same");
});

test("where in the file, in words", () => {
  assert.deepEqual(places(`${HEAD}@@ -3 +4 @@\n-a\n+b\n@@ -9,3 +10,5 @@\n+c\n`), ["Line 4", "Lines 10 to 14"]);
  assert.deepEqual(places(`${HEAD}@@ -2,2 +1,0 @@\n-a\n-b\n`), ["After line 1"]);
  assert.deepEqual(places(`${HEAD}@@ -1,2 +0,0 @@\n-a\n-b\n`), ["At the beginning"]);
});

test("an end without an end of line", () => {
  assert.equal(kinds(`${HEAD}@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n`), "place went place came");
  assert.match(places(`${HEAD}@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n`)[1], /no end of line/);
});
