// A text file's bytes and its text: encoding, byte order mark and line ends, which saving keeps. Pure; used by open_file.js.

import { joined } from "../console/bytes.js";
import { gettext } from "../site/words.js";

export const TEXT_MAX_BYTES = 2 * 1024 * 1024;
const BOM = [0xef, 0xbb, 0xbf];
const ENCODINGS = { // the highest character of each that is written a byte a character
  "utf-8": { names: ["utf-8", "utf8", "u8", "utf-8-sig"] },
  "latin-1": { names: ["latin-1", "latin1", "iso-8859-1", "iso8859-1", "8859", "l1"], highest: 0xff },
  ascii: { names: ["ascii", "us-ascii", "646"], highest: 0x7f },
};

/** Its text is a sentence: this file cannot be edited, or not be written like this. */
export class NotText extends Error {}

/**
 * {text, style}; line ends in the text are "\n". style: {bom, newline}, newline being null where they differ: then each
 * line keeps its carriage return. Throws NotText.
 */
export function read(bytes, isPython) {
  if (bytes.length > TEXT_MAX_BYTES) {
    throw new NotText(gettext("This file has more than 2 MB, and the editor opens no more. Download it to change it."));
  }
  const bom = BOM.every((byte, index) => bytes[index] === byte);
  const content = bom ? bytes.subarray(BOM.length) : bytes;
  if (content.includes(0)) throw new NotText(gettext("This file is not text, so there is nothing here to edit."));
  const name = bom || !isPython ? "utf-8" : declared(asLatin1(content.subarray(0, 1000)));
  const encoding = known(name);
  if (!encoding) {
    throw new NotText(gettext("This file says that it is written in %(name)s. The editor knows UTF-8 and Latin-1.", { name }));
  }
  const raw = encoding.highest ? asLatin1(content) : asUtf8(content);
  const newline = newlineOf(raw);
  return { text: newline ? raw.replaceAll(newline, "\n") : raw, style: { bom, newline } };
}

/** The bytes to save. Throws NotText where the encoding that the text declares has no such character. */
export function write(text, { bom, newline }, isPython) {
  const name = bom || !isPython ? "utf-8" : declared(text);
  const encoding = known(name);
  if (!encoding) {
    throw new NotText(gettext("The file says that it is written in %(name)s, and the editor writes UTF-8 and Latin-1. Change that line.", { name }));
  }
  const raw = newline && newline !== "\n" ? text.replaceAll("\n", newline) : text;
  const bytes = encoding.highest ? oneByOne(raw, encoding.highest, name) : new TextEncoder().encode(raw);
  const written = bom ? joined([Uint8Array.from(BOM), bytes]) : bytes;
  if (written.length > TEXT_MAX_BYTES) {
    throw new NotText(gettext("The text has more than 2 MB, and the editor saves no more. Take something out."));
  }
  return written;
}

/** What a Python file says in its first two lines (PEP 263), as it is spelt there. */
function declared(text) {
  for (const line of text.split(/\r\n?|\n/, 2)) {
    const found = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/.exec(line);
    if (found) return found[1];
    if (!/^[ \t\f]*(?:#.*)?$/.test(line)) break;
  }
  return "utf-8";
}

function known(name) {
  const plain = name.toLowerCase().replaceAll("_", "-");
  return Object.values(ENCODINGS).find(({ names }) => names.includes(plain) || names.some((one) => plain.startsWith(`${one}-`)));
}

function asUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotText(gettext("This file is not text in UTF-8. If it is Python in Latin-1, its first line must say so: # coding: latin-1"));
  }
}

/** Not TextDecoder("latin1"), which is windows-1252. */
function asLatin1(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 4096) parts.push(String.fromCharCode(...bytes.subarray(at, at + 4096)));
  return parts.join("");
}

function oneByOne(text, highest, name) {
  const bytes = new Uint8Array(text.length);
  let line = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > highest) {
      const character = String.fromCodePoint(text.codePointAt(at));
      throw new NotText(
        gettext("Line %(line)s has “%(character)s”, which %(name)s cannot write. Take it out, or let the coding line say utf-8.", { line, character, name }),
      );
    }
    if (code === 10) line += 1;
    bytes[at] = code;
  }
  return bytes;
}

/** "\n" for a text of one line; null where there are several kinds. */
function newlineOf(text) {
  const kinds = new Set(text.match(/\r\n|\r|\n/g));
  if (kinds.size > 1) return null;
  return [...kinds][0] ?? "\n";
}
