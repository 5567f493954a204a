// What the keys of the editor are called. Used by element.js and dialogs.js.

import { gettext } from "../site/words.js";

const MAC = /Mac|iP(hone|ad|od)/.test(globalThis.navigator?.platform ?? "");
export const CTRL = MAC ? "⌘" : "Ctrl";

export const KEYS = {
  run: `${CTRL}-${gettext("Enter")}`,
  keep: `${CTRL}-${gettext("Shift")}-${gettext("Enter")}`,
  save: `${CTRL}-S`,
  find: `${CTRL}-F`,
  goTo: `${CTRL}-Alt-G`,
  format: `${gettext("Shift")}-Alt-F`,
  problem: "F8",
  console: "F6",
};
