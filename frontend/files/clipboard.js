// What was cut or copied, kept for this tab so that it lasts from folder to folder. Pure but for the storage it is given.

import { isBelow, parentOf } from "../site/paths.js";

const KEY = "ivle-files-clipboard";

export class Clipboard {
  constructor(storage) {
    this.storage = storage;
    this.paths = [];
    this.isCut = false;
    try {
      const { paths, isCut } = JSON.parse(storage.getItem(KEY)) ?? {};
      if (Array.isArray(paths) && paths.every((path) => typeof path === "string")) Object.assign(this, { paths, isCut: isCut === true });
    } catch {
      // Nothing readable is kept.
    }
  }

  put(paths, isCut) {
    Object.assign(this, { paths, isCut });
    try {
      this.storage.setItem(KEY, JSON.stringify({ paths, isCut }));
    } catch {
      // A browser that keeps nothing still has it for this page.
    }
  }

  clear() {
    this.put([], false);
  }

  isCutting(path) {
    return this.isCut && this.paths.includes(path);
  }

  /** Why it cannot be pasted there, as a word, or "". */
  faultOf(folder) {
    return faultOfPut(this.paths, folder, this.isCut);
  }
}

/** Why these cannot be put there, as a word, or "": empty, inside (a folder into itself), same (moved to where they are). */
export function faultOfPut(paths, folder, isMove) {
  if (!paths.length) return "empty";
  if (paths.some((path) => isBelow(folder, path))) return "inside";
  return isMove && paths.every((path) => parentOf(path) === folder) ? "same" : "";
}
