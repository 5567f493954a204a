// Order, sizes, times, kinds and what came of a batch.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isEditable, typeOf } from "../../frontend/files/kinds.js";
import { clockOf, exactTimeOf, percentOf, sizeOf, timeOf } from "../../frontend/site/measures.js";
import { outcomeOf } from "../../frontend/files/outcome.js";
import { nextOrder, sorted } from "../../frontend/files/sorting.js";

const entry = (name, size_bytes = 0, modified = "2026-01-01T00:00:00Z", kind = "file") => ({ name, path: name, kind, size_bytes, modified, type: "" });
const names = (entries, order) => sorted(entries, order).map(({ name }) => name);

const ENTRIES = [
  entry("part10.py", 5, "2026-03-01T00:00:00Z"), entry("Part2.py", 7, "2026-02-01T00:00:00Z"), entry("b.txt", 7, "2026-01-01T00:00:00Z"),
  entry("zoo", 0, "2026-01-05T00:00:00Z", "folder"), entry("attic", 0, "2026-01-09T00:00:00Z", "folder"),
];

for (const [order, expected] of [
  [{}, ["attic", "zoo", "b.txt", "Part2.py", "part10.py"]],
  [{ column: "name", descending: true }, ["zoo", "attic", "part10.py", "Part2.py", "b.txt"]],
  [{ column: "size", descending: true }, ["attic", "zoo", "b.txt", "Part2.py", "part10.py"]],
  [{ column: "size" }, ["attic", "zoo", "part10.py", "b.txt", "Part2.py"]],
  [{ column: "modified", descending: true }, ["attic", "zoo", "part10.py", "Part2.py", "b.txt"]],
  [{ column: "type" }, ["attic", "zoo", "Part2.py", "part10.py", "b.txt"]],
]) {
  test(`sorted by ${JSON.stringify(order)}, folders first`, () => assert.deepEqual(names(ENTRIES, order), expected));
}

test("a click on a head sorts by it, a second one turns it round", () => {
  assert.deepEqual(nextOrder({ column: "name", descending: false }, "name"), { column: "name", descending: true });
  assert.deepEqual(nextOrder({ column: "name", descending: true }, "size"), { column: "size", descending: true });
  assert.deepEqual(nextOrder({ column: "size", descending: true }, "type"), { column: "type", descending: false });
});

for (const [bytes, words] of [
  [0, "0 bytes"], [1, "1 byte"], [1023, "1023 bytes"], [1024, "1 KB"], [1500, "1.5 KB"], [10_150, "9.9 KB"], [10_200, "10 KB"],
  [123_456, "121 KB"], [1_048_000, "1023 KB"], [1_048_300, "1 MB"], [12_300_000, "12 MB"], [1_073_741_824, "1 GB"],
  [1_181_116_006, "1.1 GB"],
]) {
  test(`${bytes} is ${words}`, () => assert.equal(sizeOf(bytes), words));
}

const NOW = Date.parse("2026-11-20T12:00:00Z");
for (const [moment, words] of [
  ["2026-11-20T11:59:30Z", "just now"], ["2026-11-20T12:00:20Z", "just now"], ["2026-11-20T11:58:00Z", "2 minutes ago"],
  ["2026-11-20T09:00:00Z", "3 hours ago"], ["2026-11-19T09:00:00Z", "yesterday"], ["2026-11-15T12:00:00Z", "5 days ago"],
  ["2026-05-04T12:00:00Z", "May 4, 2026"], ["2027-01-01T12:00:00Z", "Jan 1, 2027"],
]) {
  test(`${moment} is ${words}`, () => assert.equal(timeOf(moment, NOW, "en-US"), words));
}

test("moments of one minute are told apart", () => {
  const now = Date.parse("2026-11-20T12:35:30");
  const clock = (moment) => clockOf(new Date(moment).toISOString(), now, "en-GB");
  assert.deepEqual(
    ["2026-11-20T12:35:01", "2026-11-20T00:00:00", "2026-11-19T23:59:59", "2026-11-18T08:00:00", "2025-11-20T08:00:00", "2026-11-21T00:10:00"].map(clock),
    ["today, 12:35:01", "today, 00:00:00", "yesterday, 23:59:59", "18 Nov 2026, 08:00:00", "20 Nov 2025, 08:00:00", "21 Nov 2026, 00:10:00"],
  );
});

test("the exact time has the second", () => assert.match(exactTimeOf("2026-05-04T12:34:56Z", "en-US"), /2026.*:34:56/));

test("percent", () => assert.deepEqual([percentOf(1, 3), percentOf(3, 3), percentOf(0, 0)], [33, 100, 100]));

test("kinds, by the ending, else by what the server says", () => {
  assert.deepEqual(["a.py", "A.PNG", "x.ipynb", "noending"].map((name) => typeOf(entry(name)).id), ["python", "picture", "notebook", "file"]);
  assert.equal(typeOf({ ...entry("noending"), type: "text/plain" }).id, "text");
  assert.equal(typeOf(entry("a.py", 0, "", "folder")).words, "Folder");
  assert.deepEqual([isEditable(entry("a.py", 3)), isEditable(entry("a.zip", 3)), isEditable(entry("notes")), isEditable(entry("d.py", 0, "", "folder"))], [true, false, true, false]);
});

test("a half-done batch says what was done, and of each other one why not", () => {
  const failed = [{ path: "x", name: "x", detail: "There is one." }];
  assert.deepEqual(outcomeOf("move", { done: ["a", "b"], failed }), { sentence: "2 things moved. 1 was not:", faults: [{ name: "x", detail: "There is one." }], isGood: false });
  assert.deepEqual(outcomeOf("copy", { done: [], failed }).sentence, "Nothing was copied.");
  assert.deepEqual(outcomeOf("delete", { done: ["a"], failed: [] }), { sentence: "Moved to trash.", faults: [], isGood: true });
});
