// Where something can be dropped, and what will come of it, said while it is in the air: files of the computer, and rows of
// the list. Used by element.js.

import { element } from "../site/markup.js";
import { nameOf } from "../site/paths.js";
import { gettext, ngettext } from "../site/words.js";
import { takeDragging } from "./dragging.js";
import { takeDrops } from "./dropping.js";

export class Targets {
  /** host: the element: {rights, place, table, head, selection, doings, uploads, notice, update()}. */
  constructor(host) {
    this.host = host;
    this.element = element("p", { class: "files-drop", hidden: true });
    takeDrops(host, {
      onOver: (event, isOver) => this.showDrop(event, isOver),
      onDrop: (files, event) => this.upload(files, event),
    });
    takeDragging(host, {
      mayMove: () => host.rights.writable,
      take: (path) => this.take(path),
      folderOf: (node) => this.folderOf(node),
      words: thingsOf,
      onOver: (paths, folder, isCopy) => this.showDragged(paths, folder, isCopy),
      onDrop: (paths, folder, isCopy) => host.doings.drop(paths, folder.path, isCopy),
    });
  }

  say(sentence, path) {
    this.element.hidden = !sentence;
    this.element.textContent = sentence;
    this.host.table.markTarget(path);
    this.host.head.markTarget(path);
  }

  // --- Files of the computer ---

  /** The folder under the mouse, else the one that is open. */
  targetOf(event) {
    const row = event.target.closest?.("tr[data-path]");
    return (row && this.folderOf(row)) ?? stepOf(this.host.place.path);
  }

  showDrop(event, isOver) {
    if (!isOver || !this.host.rights.writable) return this.say("", null);
    const { path, name } = this.targetOf(event);
    return this.say(gettext("Drop to upload into %(folder)s", { folder: name }), path);
  }

  upload(files, event) {
    if (!this.host.rights.writable) return;
    this.host.uploads.add(files, this.targetOf(event).path).catch((fault) => this.host.notice.fault(fault));
  }

  // --- Rows of the list ---

  /** The paths that go along with this one: all that is selected, where it is, else this alone. */
  take(path) {
    const { selection } = this.host;
    if (!selection.has(path)) {
      selection.only(path);
      this.host.update();
    }
    return selection.paths;
  }

  /** {path, name} of a row or a step of the way; null for a file. */
  folderOf(node) {
    if (node.matches("a")) return stepOf(node.dataset.path);
    const entry = this.host.table.entryOf(node.dataset.path);
    return entry?.kind === "folder" ? entry : null;
  }

  showDragged(paths, folder, isCopy) {
    if (!folder) return this.say("", null);
    const names = { things: thingsOf(paths), folder: folder.name };
    const sentence = isCopy
      ? gettext("Copy %(things)s into %(folder)s", names)
      : gettext("Move %(things)s into %(folder)s; with Ctrl it is a copy", names);
    return this.say(sentence, folder.path);
  }
}

const stepOf = (path) => ({ path, name: path ? nameOf(path) : gettext("Files") });

/** In words: the one, or how many. */
function thingsOf(paths) {
  return paths.length === 1 ? nameOf(paths[0]) : ngettext("%(count)s thing", "%(count)s things", paths.length);
}
