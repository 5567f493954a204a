// The list below the text: what it says of a text that is too much to be checked.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Fault } from "../../frontend/site/asking.js";

class FalseElement {
  setAttribute() {}
  addEventListener() {}
  append() {}
  replaceChildren() {}
}

globalThis.document = { createElement: () => new FalseElement() };
const { Problems } = await import("../../frontend/editor/problems.js");

const FOUND = { problems: [{ line: 1, column: 1, end_line: 1, end_column: 2, message: "no" }], more: 0 };

function world() {
  const marked = [];
  const code = { text: "x", positionOf: () => 0, mark: (found) => marked.push(found.length) };
  const answers = [];
  const problems = new Problems({ ask: async () => answers.shift()(), onGo() {}, onCount() {} });
  return { marked, code, answers, problems };
}

function refuse(status, sentence) {
  return () => { throw new Fault(status, sentence); };
}

test("what is too long is said to be, and nothing of an earlier text stays marked", async () => {
  const { marked, code, answers, problems } = world();
  answers.push(() => structuredClone(FOUND), refuse(400, "It is too long."), () => ({ problems: [], more: 0 }));
  await problems.askNow("a.py", code);
  assert.equal(problems.summary, "1 problem");
  await problems.askNow("a.py", code);
  assert.deepEqual([problems.none.hidden, problems.none.textContent, problems.summary], [false, "It is too long.", ""]);
  await problems.askNow("a.py", code);
  assert.equal(problems.none.textContent, "No problems were found.");
  assert.deepEqual(marked, [1, 0, 0]);
});

test("where nobody can answer now, what was found stays", async () => {
  const { marked, code, answers, problems } = world();
  answers.push(() => structuredClone(FOUND), refuse(503, "Many texts are being checked right now."));
  await problems.askNow("a.py", code);
  await problems.askNow("a.py", code);
  assert.deepEqual([marked, problems.summary], [[1], "1 problem"]);
});
