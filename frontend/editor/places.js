// Where in one's own files a traceback points to. Pure; used for the links in the console, and for "go to the line".

import { ofTyped } from "../site/paths.js";

const PATTERNS = [
  /File "([^"]+)", line (\d+)/g, // Python
  /File (~?\/[^\n:]+):(\d+)/g, // IPython
];

/** [{from, to, path: on the wire, line}] of a line of output. */
export function placesIn(text, login) {
  const homes = [`/home/${login}/`, "~/"];
  const found = [];
  for (const pattern of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const home = homes.find((one) => match[1].startsWith(one));
      const path = home && match[1].slice(home.length);
      if (!path || /(^|\/)\.{0,2}(\/|$)/.test(path)) continue;
      found.push({ from: match.index, to: match.index + match[0].length, path: wireOf(path), line: Number(match[2]) });
    }
  }
  return found;
}

/** Python writes a byte that is of no character as \udcff, which no sensible name has in it. */
function wireOf(path) {
  return ofTyped(path).replace(/%5Cudc([89a-f][0-9a-f])/g, (_, byte) => `%${byte.toUpperCase()}`);
}

/** The place where the last error of this output happened, or null: the last line of a traceback that is one's own. */
export function lastPlace(text, login) {
  const start = text.lastIndexOf("Traceback (most recent call last)");
  const places = placesIn(start < 0 ? lastLines(text) : text.slice(start), login);
  return places.at(-1) ?? null;
}

/** A SyntaxError of the program itself comes without a heading. */
function lastLines(text) {
  return /\n?[A-Z]\w*(?:Error|Exception|Warning): .*\s*$/.test(text) ? text.split("\n").slice(-12).join("\n") : "";
}
