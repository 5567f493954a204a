// Rows that are dragged onto a folder of the list, or onto one of the way above it: they move there, with Ctrl or Alt a copy
// of each. By keyboard that is cut, or copy, and paste. Used by element.js.

import { element } from "../site/markup.js";
import { faultOfPut } from "./clipboard.js";

const KIND = "application/x-ivle-paths";
const FOLDER = "tr[data-path], a[data-path]";

/**
 * parent: of the rows and of the way. host: {mayMove(), take(path): selects it and gives the paths that go along, folderOf(node):
 * {path, name} or null, words(paths), onOver(paths, folder or null, isCopy), onDrop(paths, folder, isCopy)}.
 */
export function takeDragging(parent, host) {
  let paths = null;
  const end = () => {
    if (paths) host.onOver(paths, null, false);
    paths = null;
  };
  /** Where these may go. */
  const targetOf = (event) => {
    if (!paths || !event.dataTransfer.types.includes(KIND)) return null;
    const node = event.target.closest?.(FOLDER);
    const folder = node && host.folderOf(node);
    return folder && !faultOfPut(paths, folder.path, !isCopy(event)) ? folder : null;
  };
  parent.addEventListener("pointerdown", ({ target, pointerType }) => {
    const row = target.closest("tr[data-path]"); // fingers scroll, and a long touch opens the menu
    if (row) row.draggable = pointerType === "mouse" && host.mayMove() && !target.closest(".files-naming, .files-more");
  });
  parent.addEventListener("dragstart", (event) => {
    if (!event.target.matches?.("tr[data-path]")) return;
    paths = host.take(event.target.dataset.path);
    event.dataTransfer.effectAllowed = "copyMove";
    event.dataTransfer.setData(KIND, JSON.stringify(paths));
    showCarried(parent, event, host.words(paths));
  });
  parent.addEventListener("dragover", (event) => {
    if (!paths) return;
    const folder = targetOf(event);
    host.onOver(paths, folder, isCopy(event));
    if (!folder) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = isCopy(event) ? "copy" : "move";
  });
  parent.addEventListener("drop", (event) => {
    const folder = targetOf(event);
    if (!folder) return;
    event.preventDefault();
    const dropped = paths;
    end();
    host.onDrop(dropped, folder, isCopy(event));
  });
  parent.addEventListener("dragend", end);
}

const isCopy = ({ ctrlKey, altKey }) => ctrlKey || altKey;

/** What goes along with the mouse; the browser makes a picture of it at once. */
function showCarried(parent, { dataTransfer }, words) {
  const carried = element("div", { class: "files-carried" }, element("bdi", {}, words));
  parent.append(carried);
  dataTransfer.setDragImage(carried, 0, 0);
  setTimeout(() => carried.remove());
}
