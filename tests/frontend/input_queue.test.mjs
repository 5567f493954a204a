import assert from "node:assert/strict";
import { test } from "node:test";

import { InputQueue, QUEUE_MAX_BYTES } from "../../frontend/console/input_queue.js";
import { INPUT_FRAME_BYTES, INPUT_WINDOW_BYTES } from "../../frontend/console/protocol.js";
import { bytes } from "./false_world.mjs";

const MIB = 1024 * 1024;

/** Everything that may go out now. */
function drain(queue) {
  const frames = [];
  for (let frame = queue.next(); frame; frame = queue.next()) frames.push(frame);
  return frames;
}

const textOf = (frames) => Buffer.concat(frames.map((frame) => frame.bytes)).toString();

test("what is typed goes out at once, with its offset", () => {
  const queue = new InputQueue();
  queue.push(bytes("ab"));
  assert.deepEqual(drain(queue).map(({ offset }) => offset), [0]);
  queue.push(bytes("c"));
  const [frame] = drain(queue);
  assert.deepEqual([frame.offset, textOf([frame])], [2, "c"]);
  assert.equal(queue.next(), null);
});

test("a paste of 10 MB goes out a window at a time, in frames that are not too long, whole and in order", () => {
  const queue = new InputQueue();
  const paste = new Uint8Array(10 * MIB).map((_, at) => at % 251);
  assert.ok(queue.push(paste));
  const arrived = [];
  let confirmed = 0;
  while (confirmed < paste.length) {
    const frames = drain(queue);
    for (const frame of frames) {
      assert.equal(frame.offset, confirmed);
      assert.ok(frame.bytes.length <= INPUT_FRAME_BYTES);
      arrived.push(frame.bytes);
      confirmed += frame.bytes.length;
    }
    assert.ok(queue.sent - queue.confirmed <= INPUT_WINDOW_BYTES);
    queue.confirm(confirmed);
  }
  assert.ok(Buffer.concat(arrived).equals(Buffer.from(paste)));
  assert.equal(queue.chunks.length, 0);
});

test("more than a page may keep is refused, whole", () => {
  const queue = new InputQueue();
  assert.ok(queue.push(new Uint8Array(QUEUE_MAX_BYTES)));
  assert.equal(queue.push(bytes("x")), false);
  assert.equal(queue.pendingBytes, QUEUE_MAX_BYTES);
});

test("after coming back, what had not arrived goes out again, and only that", () => {
  const queue = new InputQueue();
  queue.push(bytes("hello"));
  drain(queue);
  queue.resume(2);
  const frames = drain(queue);
  assert.deepEqual([frames[0].offset, textOf(frames)], [2, "llo"]);
});

test("what was typed before the first welcome counts from where the server counts", () => {
  const queue = new InputQueue();
  queue.push(bytes("hi"));
  queue.resume(70);
  const frames = drain(queue);
  assert.deepEqual([frames[0].offset, textOf(frames)], [70, "hi"]);
});

test("a server that has forgotten this page gets what it had not confirmed", () => {
  const queue = new InputQueue();
  queue.push(bytes("abcdef"));
  drain(queue);
  queue.confirm(4);
  queue.resume(0);
  const frames = drain(queue);
  assert.deepEqual([frames[0].offset, textOf(frames)], [0, "ef"]);
});

test("what has not gone out can be dropped, what has gone out is still sent again", () => {
  const queue = new InputQueue();
  queue.push(new Uint8Array(INPUT_WINDOW_BYTES + 100));
  drain(queue);
  assert.equal(queue.dropUnsent(), 100);
  assert.equal(queue.dropUnsent(), 0);
  queue.resume(10);
  assert.equal(drain(queue).reduce((sum, frame) => sum + frame.bytes.length, 0), INPUT_WINDOW_BYTES - 10);
  queue.push(bytes("x"));
  queue.confirm(INPUT_WINDOW_BYTES);
  assert.equal(textOf(drain(queue)), "x");
});

test("single keys that wait are sent together", () => {
  const queue = new InputQueue();
  for (const key of "typed while away") queue.push(bytes(key));
  assert.equal(drain(queue).length, 1);
});
