// protocol.js and console/protocol.py say the same: both are held to tests/console/transcripts.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { decodeBytes, decodeMessage, encodeBytes, encodeMessage, ProtocolFault } from "../../frontend/console/protocol.js";

const TRANSCRIPTS = fileURLToPath(new URL("../console/transcripts", import.meta.url));
const files = readdirSync(TRANSCRIPTS).filter((name) => name.endsWith(".json"));

test("there are transcripts", () => assert.ok(files.length > 5));

for (const file of files) {
  const { name, steps } = JSON.parse(readFileSync(join(TRANSCRIPTS, file), "utf8"));
  test(`transcript: ${name}`, () => {
    for (const step of steps) {
      if (step.from === "server" && step.text) {
        assert.deepEqual(decodeMessage(step.text), JSON.parse(step.text));
      } else if (step.from === "server" && step.binary_base64) {
        const frame = Buffer.from(step.binary_base64, "base64");
        const { offset, bytes } = decodeBytes(new Uint8Array(frame).buffer);
        assert.deepEqual(Buffer.from(encodeBytes(offset, bytes)), frame);
      } else if (step.from === "browser" && !step.bad && step.text) {
        const { kind, ...fields } = JSON.parse(step.text);
        assert.equal(encodeMessage(kind, fields), step.text);
      } else if (step.from === "browser" && !step.bad) {
        const frame = Buffer.from(step.binary_base64, "base64");
        const { offset, bytes } = decodeBytes(frame);
        assert.deepEqual(Buffer.from(encodeBytes(offset, bytes)), frame);
      }
    }
  });
}

test("an offset is eight bytes, big-endian", () => {
  assert.deepEqual([...encodeBytes(2 ** 40 + 3, Uint8Array.of(120))], [0, 0, 1, 0, 0, 0, 0, 3, 120]);
});

test("bytes inside a larger buffer are read from where they begin", () => {
  const frame = encodeBytes(5, Uint8Array.of(1, 2));
  const larger = new Uint8Array(20);
  larger.set(frame, 4);
  assert.deepEqual(decodeBytes(larger.subarray(4, 14)), { offset: 5, bytes: Uint8Array.of(1, 2) });
});

for (const [what, frame] of [
  ["no JSON", "{nonsense"],
  ["a list", "[]"],
  ["no kind", "{}"],
  ["a typed without an offset", '{"kind":"typed"}'],
  ["a negative offset", '{"kind":"typed","offset":-1}'],
  ["a size of nothing", '{"kind":"size","rows":0,"columns":80}'],
  ["watchers that are no list", '{"kind":"watchers","watchers":{}}'],
]) {
  test(`refused: ${what}`, () => assert.throws(() => decodeMessage(frame), ProtocolFault));
}

test("refused: a binary frame without an offset, and one beyond all offsets", () => {
  assert.throws(() => decodeBytes(new Uint8Array(7).buffer), ProtocolFault);
  assert.throws(() => decodeBytes(new Uint8Array(9).fill(255).buffer), ProtocolFault);
});

test("a kind of the future is passed over, and so is a field of the future", () => {
  assert.equal(decodeMessage('{"kind":"weather","sun":true}'), null);
  assert.equal(decodeMessage('{"kind":"constructor"}'), null);
  assert.equal(decodeMessage('{"kind":"typed","offset":3,"speed":9}').offset, 3);
});

test("the page does not say what the protocol does not have", () => {
  assert.throws(() => encodeMessage("sudo"), TypeError);
  assert.throws(() => encodeMessage("size", { rows: 501, columns: 80 }), TypeError);
});
