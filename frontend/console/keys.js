// Which key is the page's and which the program's. Pure; used by screen.js.

// Ctrl-W closes a tab, Ctrl-T and Ctrl-N open one, Ctrl-V pastes: with Alt they go to the program.
const REMAPPED = { KeyN: "\x0e", KeyT: "\x14", KeyV: "\x16", KeyW: "\x17" };
const BROWSERS_OWN = new Set(["F5", "F11", "F12"]);
const MODIFIERS = new Set(["Alt", "AltGraph", "Control", "Meta", "Shift"]);

/**
 * What a keydown means: {action: "program"} (it is the terminal's), "browser" (nobody's but the browser's), "copy",
 * "search", "leave" (Tab after Escape: the focus moves on) or "send" with its text. `selected`: some text is selected.
 */
export function decide({ key, code, ctrlKey, altKey, shiftKey, metaKey }, { selected, escaped }) {
  if (key === "Tab" && escaped && !ctrlKey && !altKey) return { action: "leave" };
  if (metaKey || BROWSERS_OWN.has(key)) return { action: "browser" };
  if (ctrlKey && altKey && !shiftKey && REMAPPED[code]) return { action: "send", text: REMAPPED[code] };
  if (shiftKey && key === "Insert") return { action: "browser" };
  if (ctrlKey && !altKey) {
    const letter = key.toLowerCase();
    if (letter === "c" && (shiftKey || selected)) return { action: "copy" };
    if (letter === "v") return { action: "browser" };
    if (letter === "f" && shiftKey) return { action: "search" };
  }
  return { action: "program" };
}

/** Whether Tab would leave the terminal after this keydown. */
export function escapedAfter({ key }, escaped) {
  return key === "Escape" || (escaped && MODIFIERS.has(key));
}

/** What a key with Ctrl held sends: Ctrl-A is 1, up to Ctrl-_ which is 31; anything else stays as it is. */
export function withCtrl(text) {
  const code = text.length === 1 ? text.toUpperCase().charCodeAt(0) : 0;
  if (text === " ") return "\0";
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : text;
}
