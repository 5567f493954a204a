// What a program prints before its prompt, taken out of the terminal's stream by the marks that guest/printed.py sets
// (docs/protocol.md): text, or a page when it begins with CGI headers. Pure; used by beside.js.

import { joined } from "./bytes.js";
import { pageOf, sniff } from "./cgi.js";

const TEXT_MAX_BYTES = 256 * 1024; // as much as the site keeps for whoever comes later
const PAGE_MAX_BYTES = 4 * 1024 * 1024;
const REPEATED_MAX_BYTES = 4 * 1024; // in the terminal, when the program asks
const PARTS_MAX = 200;
const MARK = /^\x1b\[\?870([123])([hl])$/;
const MARK_BYTES = 8;
const BEGINNING = [0x1b, 0x5b, 0x3f, 0x38, 0x37, 0x30]; // of every mark
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/g;

/** Fed with all that comes; keeps the last of a text, and the first of a page. */
export class Printed {
  constructor() {
    this.partial = new Uint8Array(0); // of a mark, at the end of what came
    this.begin();
  }

  /** Another program. */
  begin() {
    this.isPrinted = false;
    this.parts = [];
    this.bytes = 0;
    this.unasked = []; // what was printed since the last question
    this.isPage = undefined;
    this.isFull = false;
    this.isCut = false;
  }

  /** Some of the stream was left out. */
  gap() {
    this.partial = new Uint8Array(0);
    this.isPrinted = false;
    this.isCut = true;
  }

  /** {rest: what else there is for a terminal, changed, began: a program, ended: its printing}. */
  feed(bytes) {
    const all = this.partial.length ? joined([this.partial, bytes]) : bytes;
    this.partial = new Uint8Array(0);
    const told = { rest: [], changed: false, began: false, ended: false };
    let start = 0;
    for (let at = all.indexOf(0x1b); at >= 0; at = all.indexOf(0x1b, at + 1)) {
      const [kind, isOn] = markAt(all, at);
      if (kind === undefined) continue;
      this.take(all.subarray(start, at), told);
      start = at;
      if (kind === null) break;
      start += MARK_BYTES;
      this.obey(kind, isOn, told);
    }
    const last = all.subarray(start);
    if (last.length < MARK_BYTES && markAt(last, 0)[0] === null) this.partial = last.slice();
    else this.take(last, told);
    return { ...told, rest: joined(told.rest) };
  }

  obey(kind, isOn, told) {
    if (kind === "1") this.isPrinted = isOn;
    if (kind === "2" && isOn) {
      this.begin();
      told.began = true;
    }
    if (kind === "2" && !isOn) {
      this.isPrinted = false;
      told.ended = true;
    }
    if (kind === "3") {
      told.rest.push(lastLines(joined(this.unasked), REPEATED_MAX_BYTES));
      this.unasked = [];
    }
  }

  take(bytes, told) {
    if (!bytes.length) return;
    if (!this.isPrinted) {
      told.rest.push(bytes);
      return;
    }
    told.changed = true;
    this.unasked.push(bytes.slice(-REPEATED_MAX_BYTES - 1));
    if (this.unasked.length > PARTS_MAX) this.unasked = [joined(this.unasked).slice(-REPEATED_MAX_BYTES - 1)];
    this.keep(bytes.slice());
  }

  keep(bytes) {
    if (this.isFull) return;
    if (this.parts.length > PARTS_MAX) this.parts = [joined(this.parts)];
    this.parts.push(bytes);
    this.bytes += bytes.length;
    if (this.bytes <= TEXT_MAX_BYTES) return;
    this.isPage ??= Boolean(sniff(joined(this.parts)));
    if (this.isPage && this.bytes <= PAGE_MAX_BYTES) return;
    this.isCut = true;
    this.isFull = this.isPage;
    const all = joined(this.parts);
    this.parts = [this.isPage ? all.slice(0, PAGE_MAX_BYTES) : lastLines(all, TEXT_MAX_BYTES / 2).slice()];
    this.bytes = this.parts[0].length;
  }

  /** {status, type, body, text, isCut}; text is null for a page, which belongs into the frame. Null for nothing. */
  page(showsPages) {
    if (!this.bytes) return null;
    this.parts = [joined(this.parts)];
    const output = asWritten(this.parts[0]);
    const decision = showsPages ? sniff(output) : null;
    const { isCut } = this;
    if (decision) return { ...pageOf(output, decision), text: null, isCut };
    const text = readable(output);
    return text ? { status: "", type: "text/plain", body: output, text, isCut } : null;
  }
}

/** [kind, isOn] of the mark at this byte; [null] when it may become one, [] when it is none. */
function markAt(bytes, at) {
  const piece = bytes.subarray(at, at + MARK_BYTES);
  if (!piece.length || BEGINNING.some((byte, index) => index < piece.length && piece[index] !== byte)) return [];
  if (piece.length < MARK_BYTES) return [null];
  const found = MARK.exec(String.fromCharCode(...piece));
  return found ? [found[1], found[2] === "h"] : [];
}

/** The last whole lines, as many as fit. */
function lastLines(bytes, mostBytes) {
  if (bytes.length <= mostBytes) return bytes;
  const end = bytes.subarray(-mostBytes);
  return end.subarray(end.indexOf(10) + 1);
}

/** A terminal puts a carriage return before every line feed: without those, it is what the program wrote. */
function asWritten(bytes) {
  return bytes.filter((byte, index) => byte !== 13 || bytes[index + 1] !== 10);
}

/** Without colours, and of a line that was written over only what is left of it. */
function readable(bytes) {
  const text = new TextDecoder().decode(bytes).replace(ESCAPES, "");
  return text.split("\n").map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1)).join("\n");
}
