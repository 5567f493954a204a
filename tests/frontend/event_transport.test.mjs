import assert from "node:assert/strict";
import { test } from "node:test";

import { EventTransport, fromBase64, toBase64 } from "../../frontend/console/event_transport.js";
import { decodeBytes, encodeBytes } from "../../frontend/console/protocol.js";
import { bytes } from "./false_world.mjs";

const settle = () => new Promise((resolve) => setImmediate(resolve));

class Source {
  constructor(address) {
    this.address = address;
    this.closed = false;
  }

  close() {
    this.closed = true;
  }
}

function transport(answer = () => ({ ok: true }), options = { client: "page", offset: 7, drives: true, csrf: "token" }) {
  const posts = [];
  const made = new EventTransport("/api/consoles/s1/", options, {
    EventSource: Source,
    fetch: async (address, request) => {
      posts.push({ address, ...request });
      return answer(posts.length);
    },
  });
  made.heard = [];
  made.onmessage = (frame) => made.heard.push(frame);
  made.onclose = (code) => { made.code = code; };
  return [made, posts];
}

test("base64 of every byte, there and back", () => {
  const every = Uint8Array.from({ length: 256 }, (_, at) => at);
  assert.deepEqual(fromBase64(toBase64(every)), every);
});

test("it asks with the offset it has; the first time without", () => {
  assert.equal(transport()[0].source.address, "/api/consoles/s1/events?client=page&offset=7&drives=1");
  const [first] = transport(undefined, { client: "page", offset: null, drives: false });
  assert.equal(first.source.address, "/api/consoles/s1/events?client=page&offset=&drives=0");
});

test("output becomes the frame that a socket would have brought; the rest passes as it is", () => {
  const [made] = transport();
  made.source.onmessage({ data: JSON.stringify({ kind: "output", offset: 7, data: toBase64(bytes("é")) }) });
  made.source.onmessage({ data: '{"kind":"typed","offset":1}' });
  assert.deepEqual(decodeBytes(made.heard[0]), { offset: 7, bytes: bytes("é") });
  assert.equal(made.heard[1], '{"kind":"typed","offset":1}');
});

test("what goes out is posted one after the other, with the token", async () => {
  let release;
  const [made, posts] = transport(() => new Promise((resolve) => { release = () => resolve({ ok: true }); }));
  made.send(encodeBytes(0, bytes("ab")));
  made.send('{"kind":"interrupt"}');
  await settle();
  assert.equal(posts.length, 1);
  release();
  await settle();
  assert.deepEqual(posts.map(({ body }) => JSON.parse(body)), [{ kind: "input", offset: 0, data: "YWI=" }, { kind: "interrupt" }]);
  assert.equal(posts[0].address, "/api/consoles/s1/messages?client=page");
  assert.equal(posts[0].headers["X-CSRFToken"], "token");
});

test("a stream that breaks off is closed, lest it come back by itself with an offset of the past", () => {
  const [made] = transport();
  made.source.onerror();
  assert.ok(made.source.closed);
  assert.equal(made.code, 1006);
});

test("a post that is refused loses the connection, and nothing more is posted", async () => {
  const [made, posts] = transport(() => ({ ok: false, status: 403 }));
  made.send('{"kind":"interrupt"}');
  made.send('{"kind":"end"}');
  await settle();
  assert.equal(made.code, 1006);
  assert.equal(posts.length, 1);
});
