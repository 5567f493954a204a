// Paths of files: on the wire and in addresses (percent-encoded, every byte of a name), and as people type and read them.

const PLAIN = /[A-Za-z0-9_.~-]/;

/** One spelling of a path, however an address or a person's browser has spelt it. */
export function asWire(path) {
  return path.split("/").filter(Boolean).map((name) => encode(decode(name))).join("/");
}

/** Of a path as it is typed. */
export function ofTyped(path) {
  return path.split("/").filter((name) => name && name !== ".").map((name) => encode(new TextEncoder().encode(name))).join("/");
}

/** As typed; null where it has bytes that are no UTF-8. */
export function asTyped(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** For eyes. */
export function shown(path) {
  return new TextDecoder().decode(decode(path));
}

export function nameOf(path) {
  return shown(path.slice(path.lastIndexOf("/") + 1));
}

export function folderOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function decode(text) {
  const bytes = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text[at] === "%" ? Number.parseInt(text.slice(at + 1, at + 3), 16) : NaN;
    if (Number.isNaN(code)) {
      const character = String.fromCodePoint(text.codePointAt(at));
      bytes.push(...new TextEncoder().encode(character));
      at += character.length - 1;
    } else {
      bytes.push(code);
      at += 2;
    }
  }
  return Uint8Array.from(bytes);
}

function encode(bytes) {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return PLAIN.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
