// Which lines of one's own files a program's output points to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { lastPlace, placesIn } from "../../frontend/editor/places.js";

const TRACEBACK = `before
Traceback (most recent call last):
  File "/home/student/a/b c.py", line 12, in <module>
    f()
  File "/home/student/helper.py", line 3, in f
    json.loads("{")
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
json.decoder.JSONDecodeError: Expecting property name
`;

test("a line of a traceback leads to the file and the line", () => {
  const line = '  File "/home/student/a/b c.py", line 12, in <module>';
  assert.deepEqual(placesIn(line, "student"), [{ from: 2, to: 40, path: "a/b%20c.py", line: 12 }]);
  assert.equal(line.slice(2, 40), 'File "/home/student/a/b c.py", line 12');
});

test("IPython's does too", () => {
  assert.deepEqual(placesIn("File ~/a.py:3, in f()", "student"), [{ from: 0, to: 13, path: "a.py", line: 3 }]);
  assert.deepEqual(placesIn("File /home/student/a.py:3, in f()", "student").map(({ path }) => path), ["a.py"]);
});

test("a name that is not text, as Python writes it", () => {
  const [place] = placesIn(String.raw`  File "/home/student/a/\udcff\udc80.py", line 2`, "student");
  assert.equal(place.path, "a/%FF%80.py");
});

for (const line of [
  'File "/usr/lib/python3.11/json/__init__.py", line 346, in loads',
  'File "/home/classmate/a.py", line 1',
  'File "/home/studentess/a.py", line 1',
  'File "/home/student/../classmate/a.py", line 1',
  'File "/home/student/", line 1',
  'File "<stdin>", line 1',
  'File "a.py", line 1',
  "line 1",
]) {
  test(`${line}: no link`, () => assert.deepEqual(placesIn(line, "student"), []));
}

test("the last place of a traceback is the last line that is one's own", () => {
  const { path, line } = lastPlace(TRACEBACK, "student");
  assert.deepEqual([path, line], ["helper.py", 3]);
  const two = `${TRACEBACK}\nDuring handling of the above exception, another exception occurred:\n\n${TRACEBACK.replace("helper.py\", line 3", "x.py\", line 8")}`;
  assert.equal(lastPlace(two, "student").path, "x.py");
});

test("a syntax error comes without a heading; other output is no error", () => {
  const text = '  File "/home/student/a.py", line 2\n    if x\n        ^\nSyntaxError: expected \':\'\n';
  assert.equal(lastPlace(text, "student").line, 2);
  assert.equal(lastPlace('I wrote File "/home/student/a.py", line 2\nand ended well\n', "student"), null);
});
