// Which key means what in the list. Pure; table.js asks.

const MOVES = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: "first", End: "last" };
const PLAIN = { F2: "rename", Delete: "delete", Enter: "enter", Backspace: "up", Escape: "none", ContextMenu: "menu", "?": "help" };
const WITH_CTRL = { a: "all", c: "copy", x: "cut", v: "paste" };

/** {move}, {action}, {toggle: true}, {find: "letter"} or null for a key that is the browser's. */
export function decide({ key, ctrlKey, altKey, shiftKey, metaKey }) {
  const ctrl = ctrlKey || metaKey;
  if (altKey) return key === "ArrowUp" ? { action: "up" } : null;
  if (key in MOVES) return { move: MOVES[key] };
  if (key === "F10" && shiftKey) return { action: "menu" };
  if (ctrl) return key === " " ? { toggle: true } : WITH_CTRL[key.toLowerCase()] ? { action: WITH_CTRL[key.toLowerCase()] } : null;
  if (key === " ") return { toggle: true };
  if (PLAIN[key]) return { action: PLAIN[key] };
  return key.length === 1 ? { find: key } : null;
}
