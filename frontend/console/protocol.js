// The console's wire protocol: docs/protocol.md in JavaScript, the mirror of console/protocol.py. Pure; used by
// connection.js, event_transport.js and the tests that replay tests/console/transcripts.

export const SUBPROTOCOL = "ivle.console.1";
export const ACK_EVERY_BYTES = 32 * 1024;
export const INPUT_WINDOW_BYTES = 64 * 1024;
export const INPUT_FRAME_BYTES = 32 * 1024;
export const ASK_AGAIN_MS = 2000; // by who stands in a queue; the place is kept for longer
const OFFSET_BYTES = 8;

// Close codes after which coming back would not help.
export const PROTOCOL = 4400;
export const LOGGED_OUT = 4401;
export const GONE = 4404;

export class ProtocolFault extends Error {}

const isOffset = (value) => Number.isSafeInteger(value) && value >= 0;
const isExtent = (value) => Number.isSafeInteger(value) && value >= 1 && value <= 500;
const isNumber = (value) => Number.isFinite(value) && value >= 0;
const isText = (value) => typeof value === "string";
const isSwitch = (value) => typeof value === "boolean";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const orNull = (check) => (value) => value === null || check(value);
// More fields than these are no fault: an older page meets a newer server.
const fits = (fields) => (value) =>
  isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
const all = (check) => (value) => Array.isArray(value) && value.every(check);

const WATCHERS = all(fits({ client: isText, name: isText, drives: isSwitch }));
const USAGE = { cpu_seconds: isNumber, cpu_limit_seconds: isNumber, memory_bytes: orNull(isNumber) };
const ENDED = { ended: isText, sentence: isText, exit_status: orNull(Number.isInteger), may_restart: isSwitch };

// What each side may say: the fields of each kind, and what fits in them.
const FROM_BROWSER = {
  ack: { offset: isOffset },
  size: { rows: isExtent, columns: isExtent },
  interrupt: {},
  drive: {},
  release: {},
  restart: {},
  end: {},
};
const FROM_SERVER = {
  welcome: {
    session: isText,
    title: isText,
    program: isText,
    owner: isText,
    offset: isOffset,
    end: isOffset,
    typed: isOffset,
    drives: isSwitch,
    rows: isExtent,
    columns: isExtent,
    watchers: WATCHERS,
    may_type: isSwitch,
    usage: fits(USAGE),
    outcome: orNull(fits(ENDED)),
  },
  gap: { from: isOffset, to: isOffset },
  replayed: { offset: isOffset },
  typed: { offset: isOffset },
  size: { rows: isExtent, columns: isExtent },
  watchers: { watchers: WATCHERS },
  usage: USAGE,
  display: { number: isOffset, mime: isText, title: isText, url: isText },
  ended: ENDED,
  restarted: { offset: isOffset },
  ending: { seconds: isNumber, sentence: isText },
  refused: { reason: isText, sentence: isText },
  closing: { reason: isText, sentence: isText },
};

/** A text frame of the server as an object; null for a kind that this page does not know. */
export function decodeMessage(frame) {
  let message;
  try {
    message = JSON.parse(frame);
  } catch {
    throw new ProtocolFault("a text frame that is not JSON");
  }
  if (!isObject(message) || !isText(message.kind)) throw new ProtocolFault("a message without a kind");
  if (!Object.hasOwn(FROM_SERVER, message.kind)) return null;
  if (!fits(FROM_SERVER[message.kind])(message)) throw new ProtocolFault(`a ${message.kind} that is not one`);
  return message;
}

export function encodeMessage(kind, fields = {}) {
  if (!Object.hasOwn(FROM_BROWSER, kind) || !fits(FROM_BROWSER[kind])(fields)) throw new TypeError(`no message: ${kind}`);
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
