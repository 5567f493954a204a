// What is read of a file and what is written back: every byte that nobody changed stays.

import assert from "node:assert/strict";
import { test } from "node:test";

import { NotText, read, write } from "../../frontend/editor/text_file.js";

const bytes = (...parts) => Uint8Array.from(Buffer.concat(parts.map((part) => Buffer.from(part))));
const latin1 = (text) => Buffer.from(text, "latin1");
const BOM = [0xef, 0xbb, 0xbf];

for (const [name, content, isPython] of [
  ["UTF-8", bytes("a = 'ä €'\n"), true],
  ["no line end", bytes("a"), true],
  ["nothing", bytes(), true],
  ["a byte order mark", bytes(BOM, "a = 'ä'\n"), true],
  ["a byte order mark and nothing", bytes(BOM), false],
  ["CRLF", bytes("a\r\nb\r\n"), false],
  ["CR", bytes("a\rb\r"), false],
  ["all of them", bytes("a\r\nb\nc\rd\r\n"), false],
  ["a byte order mark and CRLF", bytes(BOM, "a\r\nb"), false],
  ["Latin-1", bytes(latin1("# -*- coding: latin-1 -*-\na = 'ä\x80\x9f'\n")), true],
  ["Latin-1 in the second line", bytes(latin1("#!/usr/bin/python\r\n# vim: set fileencoding=ISO-8859-1 :\r\na = 'ä'\r\n")), true],
  ["a second byte order mark, which is a character", bytes(BOM, BOM, "a"), false],
]) {
  test(`${name}: read and written, it is the same`, () => {
    const { text, style } = read(content, isPython);
    assert.deepEqual(write(text, style, isPython), content);
  });
}

test("line ends are \\n in the text", () => {
  assert.equal(read(bytes("a\r\nb\r\n"), false).text, "a\nb\n");
  assert.equal(read(bytes("a\rb"), false).text, "a\nb");
  assert.equal(read(bytes("a\r\nb\n"), false).text, "a\r\nb\n", "each line keeps its own where they differ");
});

test("a line that is typed into a file with CRLF gets CRLF", () => {
  const { text, style } = read(bytes("a\r\nb\r\n"), false);
  assert.deepEqual(write(`${text}c\n`, style, false), bytes("a\r\nb\r\nc\r\n"));
});

test("Latin-1 that is declared is read as it is meant", () => {
  assert.match(read(bytes(latin1("# coding: latin1\na = 'ä'\n")), true).text, /'ä'/);
});

test("a coding line counts in Python only, and in its first two lines only", () => {
  assert.throws(() => read(bytes(latin1("# coding: latin-1\nä")), false), NotText);
  assert.throws(() => read(bytes(latin1("\n\n# coding: latin-1\nä")), true), NotText);
  assert.throws(() => read(bytes(latin1("a = 1\n# coding: latin-1\nä")), true), NotText);
});

test("what is not text, is too long, or is written in something else is refused with a sentence", () => {
  for (const [content, sentence] of [
    [bytes("a\0b"), /not text/],
    [bytes([0xff, 0xfe, 0x61, 0x00]), /not text/],
    [bytes([0xff, 0x61]), /UTF-8/],
    [bytes("# coding: cp1252\n"), /cp1252/],
    [new Uint8Array(2 * 1024 * 1024 + 1).fill(97), /more than 2 MB, and the editor opens/],
  ]) {
    assert.throws(() => read(content, true), (fault) => fault instanceof NotText && sentence.test(fault.message));
  }
  assert.equal(read(new Uint8Array(2 * 1024 * 1024).fill(97), true).text.length, 2 * 1024 * 1024);
});

test("a character that Latin-1 has not is named with its line, and nothing is written", () => {
  const { text, style } = read(bytes(latin1("# coding: latin-1\n")), true);
  assert.throws(() => write(`${text}price = '5 €'\n`, style, true), /Line 2 has “€”/);
  assert.throws(() => write(`${text}\n'😀'`, style, true), /Line 3 has “😀”/);
});

test("the coding line that is there now decides", () => {
  const { style } = read(bytes(latin1("# coding: latin-1\n'ä'\n")), true);
  assert.deepEqual(write("# coding: utf-8\n'ä'\n", style, true), bytes("# coding: utf-8\n'ä'\n"));
  assert.throws(() => write("# coding: ascii\n'ä'\n", style, true), /ascii/);
  assert.throws(() => write("# coding: klingon\n", style, true), /klingon/);
});

test("a text that has grown too long is not written", () => {
  assert.throws(() => write("ä".repeat(1024 * 1024 + 1), { bom: false, newline: "\n" }, false), /more than 2 MB, and the editor saves/);
});
