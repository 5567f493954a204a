// What was typed and is not confirmed yet: kept until the server has it, sent a window at a time. Used by connection.js.

import { joined } from "./bytes.js";
import { INPUT_FRAME_BYTES, INPUT_WINDOW_BYTES } from "./protocol.js";

export const QUEUE_MAX_BYTES = 16 * 1024 * 1024;

/** Offsets count this client's input bytes: confirmed <= sent <= end, and sent - confirmed is never above the window. */
export class InputQueue {
  constructor() {
    this.chunks = []; // {start, bytes}, without holes, from confirmed (or just below it) to end
    this.confirmed = 0;
    this.sent = 0;
    this.end = 0;
  }

  get pendingBytes() {
    return this.end - this.confirmed;
  }

  get unsentBytes() {
    return this.end - this.sent;
  }

  /** False, and nothing is kept, when it would be more than a page may keep. */
  push(bytes) {
    if (this.pendingBytes + bytes.length > QUEUE_MAX_BYTES) return false;
    let rest = bytes;
    const last = this.chunks.at(-1);
    if (last && last.start >= this.sent && last.bytes.length < INPUT_FRAME_BYTES) {
      const part = rest.subarray(0, INPUT_FRAME_BYTES - last.bytes.length);
      last.bytes = joined([last.bytes, part]);
      this.end += part.length;
      rest = rest.subarray(part.length);
    }
    while (rest.length) {
      const part = rest.subarray(0, INPUT_FRAME_BYTES);
      this.chunks.push({ start: this.end, bytes: part });
      this.end += part.length;
      rest = rest.subarray(part.length);
    }
    return true;
  }

  /** The next frame that may go out now, or null. */
  next() {
    const room = this.confirmed + INPUT_WINDOW_BYTES - this.sent;
    if (this.sent === this.end || room <= 0) return null;
    const chunk = this.chunks.find(({ start, bytes }) => start + bytes.length > this.sent);
    const begin = this.sent - chunk.start;
    const frame = { offset: this.sent, bytes: chunk.bytes.subarray(begin, begin + room) };
    this.sent += frame.bytes.length;
    return frame;
  }

  confirm(offset) {
    if (offset > this.sent) this.sent = Math.min(offset, this.end);
    this.confirmed = Math.max(this.confirmed, Math.min(offset, this.sent));
    while (this.chunks.length && this.chunks[0].start + this.chunks[0].bytes.length <= this.confirmed) this.chunks.shift();
  }

  /** A new connection has this client's bytes up to `offset`: what comes after goes out again. */
  resume(offset) {
    if (offset >= this.confirmed && offset <= this.end) {
      this.confirm(offset);
      this.sent = this.confirmed;
      return;
    }
    // The server counts otherwise (it is a first connection, or it has forgotten us): its count holds.
    const rest = this.remainder(this.confirmed);
    this.chunks = [];
    this.confirmed = this.sent = this.end = offset;
    this.push(rest);
  }

  /** Forgets what has not gone out; says how many bytes that were. */
  dropUnsent() {
    const dropped = this.unsentBytes;
    this.chunks = this.chunks.filter(({ start }) => start < this.sent);
    const last = this.chunks.at(-1);
    if (last) last.bytes = last.bytes.subarray(0, this.sent - last.start);
    this.end = this.sent;
    return dropped;
  }

  remainder(from) {
    return joined(this.chunks.map(({ start, bytes }) => bytes.subarray(Math.max(0, from - start))));
  }
}
