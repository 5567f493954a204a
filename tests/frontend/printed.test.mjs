// printed.js takes what a program printed out of the terminal's stream, however that is cut up.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Printed } from "../../frontend/console/printed.js";

const bytes = (text) => new TextEncoder().encode(text);
const text = (content) => new TextDecoder().decode(content);
const [ON, OFF, BEGINS, OVER, ASKS] = ["1h", "1l", "2h", "2l", "3h"].map((end) => `\x1b[?870${end}`);
const printed = (...lines) => lines.map((line) => `${ON}${line}\r\n${OFF}`).join("");

function fed(stream, step = stream.length) {
  const output = new Printed();
  const rest = [];
  const content = bytes(stream);
  for (let at = 0; at < content.length; at += step) rest.push(text(output.feed(content.subarray(at, at + step)).rest));
  return { output, rest: rest.join("") };
}

for (const step of [1, 3, 8, 1000]) {
  test(`what is printed and what stays in the terminal, ${step} bytes at a time`, () => {
    const stream = `${BEGINS}${printed("one", "two")}\x1b[1merr\x1b[?25h ${printed("three")}${OFF}${OVER}>>> `;
    const { output, rest } = fed(stream, step);
    assert.equal(output.page(true).text, "one\ntwo\nthree\n");
    assert.equal(rest, "\x1b[1merr\x1b[?25h >>> ");
  });
}

test("CGI headers make a page, byte for byte, unless pages are off", () => {
  const { output } = fed(`${BEGINS}${ON}Content-Type: image/x\r\n\r\n\x00\xff\r\r\n\r\n${OFF}${OVER}`);
  const page = output.page(true);
  assert.deepEqual([page.type, page.text], ["image/x", null]);
  assert.deepEqual(page.body, bytes("\x00\xff\r\n\n"));
  assert.match(output.page(false).text, /^Content-Type/);
});

test("colours are left out, and of a line that was written over the last of it is there", () => {
  const { output } = fed(printed("\x1b[31mred\x1b[0m \x1b]0;title\x07", "10%\r50%\r100%"));
  assert.equal(output.page(true).text, "red \n100%\n");
});

test("when the program asks, what it printed since the last question is in the terminal too", () => {
  const { rest } = fed(`${BEGINS}${printed("Guess!")}${ASKS}? 5\r\n${printed("Too low")}${ASKS}? 7\r\n${printed("Yes")}${OVER}`);
  assert.equal(rest, "Guess!\r\n? 5\r\nToo low\r\n? 7\r\n");
  const { rest: last } = fed(`${printed(...Array(5000).fill("line"))}${ASKS}? `);
  assert.match(last, /^line\r\n/);
  assert.ok(last.length < 5000);
});

test("of a text without end the last is kept, of a page the first", () => {
  const line = "x".repeat(1000);
  const { output: endless } = fed(printed(...Array(1000).fill(line), "last"), 5000);
  const page = endless.page(true);
  assert.ok(page.isCut && page.text.startsWith(`${line}\n`) && page.text.endsWith(`${line}\nlast\n`));
  assert.ok(page.text.length <= 256 * 1024);
  const { output: long } = fed(printed("Content-Type: text/html\r\n", ...Array(5000).fill(line)), 50_000);
  assert.ok(long.page(true).isCut && long.page(true).type === "text/html");
  assert.ok(long.page(true).body.length <= 4 * 1024 * 1024);
});

test("after a gap what follows is the terminal's, and it is said that something is missing", () => {
  const { output } = fed(`${BEGINS}${ON}begun`);
  output.gap();
  assert.equal(text(output.feed(bytes(`rest${OFF}>>> `)).rest), "rest>>> ");
  assert.equal(output.page(true).isCut, true);
});

test("another program begins anew, and the end of one is told", () => {
  const { output } = fed(`${BEGINS}${printed("old")}${ON}killed`);
  const told = output.feed(bytes(`${BEGINS}shown${printed("new")}${OVER}`));
  assert.deepEqual([text(told.rest), told.began, told.ended], ["shown", true, true]);
  assert.equal(output.page(true).text, "new\n");
});

test("nothing printed is no page", () => {
  assert.equal(fed(`${BEGINS}${OFF}${OVER}>>> `).output.page(true), null);
});
