// Paths of files as the API and addresses have them: names percent-encoded byte by byte, joined by "/", "" for the home; and
// as people type and read them. Pure.

const encoder = new TextEncoder();
const readable = new TextDecoder();

/** The bytes of a name as a person types it, percent-encoded but for what never needs it (RFC 3986 2.3). */
export function encodeName(text) {
  return encodeBytes(encoder.encode(text));
}

function encodeBytes(bytes) {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

function bytesOf(encoded) {
  const parts = encoded.match(/%[0-9a-fA-F]{2}|[^%]+|%/g) ?? [];
  return Uint8Array.from(parts.flatMap((part) =>
    /^%../.test(part) ? [parseInt(part.slice(1), 16)] : [...encoder.encode(part)]));
}

/** However its characters were encoded: as the API writes it. */
export function canonical(path) {
  return path.split("/").filter(Boolean).map((name) => encodeBytes(bytesOf(name))).join("/");
}

/** Of a path as somebody types it. */
export function ofTyped(path) {
  return path.split("/").filter((name) => name && name !== ".").map(encodeName).join("/");
}

export function join(folder, name) {
  return folder ? `${folder}/${name}` : name;
}

export function parentOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function lastOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function isBelow(path, folder) {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

/** For eyes: what is not text in it shows as U+FFFD. */
export function shown(encoded) {
  return visible(readable.decode(bytesOf(encoded)));
}

/** The last name, for eyes. */
export function nameOf(path) {
  return shown(lastOf(path));
}

/** A name of one line that reads as it is written: control characters, and those that turn the writing round, become signs. */
export function visible(name) {
  return name
    .replace(/[\x00-\x1f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replace(/[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, "\u25a1");
}

/** The folders on the way to a path, and itself: [{name, path}], the home not among them. */
export function crumbs(path) {
  const names = path.split("/").filter(Boolean);
  return names.map((name, index) => ({ name: shown(name), path: names.slice(0, index + 1).join("/") }));
}

/** What is wrong with a name that somebody typed, as a word, or "": empty, dots, slash, long. */
export function faultOfName(text) {
  if (!text.trim()) return "empty";
  if (text === "." || text === "..") return "dots";
  if (/[/\\\0]/.test(text)) return "slash";
  return encoder.encode(text).length > 255 ? "long" : "";
}

/** How much of a name is selected when it is changed: all but the ending. */
export function stemLength(name) {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? dot : name.length;
}
