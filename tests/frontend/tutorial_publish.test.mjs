// Lines of JSON out of a stream, however it is cut into pieces.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.HTMLElement = class {};
const { messagesOf } = await import("../../frontend/tutorial/publish.js");

async function read(...pieces) {
  const stream = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const found = [];
  for await (const message of messagesOf(stream)) found.push(message);
  return found;
}

const bytes = new TextEncoder().encode('{"done":0,"what":"Ü"}\n{"published":3}\n');

test("in one piece", async () => assert.deepEqual(await read(bytes), [{ done: 0, what: "Ü" }, { published: 3 }]));

test("byte by byte", async () => {
  assert.deepEqual(await read(...Array.from(bytes, (byte) => Uint8Array.of(byte))), [{ done: 0, what: "Ü" }, { published: 3 }]);
});

test("a line without its end is no message", async () => assert.deepEqual(await read(bytes.slice(0, -1)), [{ done: 0, what: "Ü" }]));
