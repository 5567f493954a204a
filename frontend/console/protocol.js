// The console's wire protocol: docs/protocol.md in JavaScript, the mirror of console/protocol.py. Pure; used by
// connection.js, event_transport.js and the tests that replay tests/console/transcripts.

export const SUBPROTOCOL = "ivle.console.1";
export const ACK_EVERY_BYTES = 32 * 1024;
export const INPUT_WINDOW_BYTES = 64 * 1024;
export const INPUT_FRAME_BYTES = 16 * 1024;
const OFFSET_BYTES = 8;

export const CLOSED_BY_US = 1000;
export const PROTOCOL_ERROR = 4400;
export const NOT_LOGGED_IN = 4401;
export const NO_SUCH_CONSOLE = 4404;
export const TOO_MANY = 4429;

export class ProtocolFault extends Error {}

const whole = (value) => Number.isSafeInteger(value) && value >= 0;
const number = (value) => Number.isFinite(value);
const text = (value) => typeof value === "string";
const truth = (value) => typeof value === "boolean";
const object = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const maybe = (check) => (value) => value === null || check(value);
const watchers = (value) =>
  Array.isArray(value) && value.every((one) => object(one) && text(one.client) && text(one.name) && truth(one.drives));

// What each message of the server holds. More fields than these are no fault: an older page meets a newer server.
const FROM_SERVER = {
  welcome: {
    session: text, title: text, program: text, owner: text, offset: whole, end: whole, typed: whole, drives: truth,
    rows: whole, columns: whole, watchers, may_type: truth, usage: maybe(object), outcome: maybe(object),
  },
  gap: { from: whole, to: whole },
  replayed: { offset: whole },
  typed: { offset: whole },
  size: { rows: whole, columns: whole },
  watchers: { watchers },
  usage: { cpu_seconds: number, cpu_limit_seconds: number, memory_bytes: maybe(number) },
  display: { number: whole, mime: text, title: text, url: text },
  ended: { ended: text, sentence: text, exit_status: maybe(Number.isInteger), may_restart: truth },
  restarted: { offset: whole },
  refused: { reason: text, sentence: text },
  closing: { reason: text, sentence: text },
};

/** A text frame of the server as an object; null for a kind that this page does not know. */
export function decodeMessage(frame) {
  let message;
  try {
    message = JSON.parse(frame);
  } catch {
    throw new ProtocolFault("a text frame that is not JSON");
  }
  if (!object(message) || !text(message.kind)) throw new ProtocolFault("a message without a kind");
  if (!Object.hasOwn(FROM_SERVER, message.kind)) return null;
  for (const [name, check] of Object.entries(FROM_SERVER[message.kind])) {
    if (!check(message[name])) throw new ProtocolFault(`${message.kind}: ${name} is wrong`);
  }
  return message;
}

export function encodeMessage(kind, fields = {}) {
  return JSON.stringify({ kind, ...fields });
}

/** A binary frame, in either direction: 8 bytes of offset, big-endian, and the bytes that begin there. */
export function encodeBytes(offset, bytes) {
  const frame = new Uint8Array(OFFSET_BYTES + bytes.length);
  new DataView(frame.buffer).setBigUint64(0, BigInt(offset));
  frame.set(bytes, OFFSET_BYTES);
  return frame;
}

export function decodeBytes(buffer) {
  const frame = buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
  if (frame.length < OFFSET_BYTES) throw new ProtocolFault("a binary frame without an offset");
  const offset = Number(new DataView(frame.buffer, frame.byteOffset).getBigUint64(0));
  if (!Number.isSafeInteger(offset)) throw new ProtocolFault("an offset out of range");
  return { offset, bytes: frame.subarray(OFFSET_BYTES) };
}
