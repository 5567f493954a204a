// What stands in place of the list: an empty folder, which teaches, or why there is none. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

export function emptyFolder({ isHome, writable, newFile, upload }) {
  const text = writable
    ? gettext("Make a program, for example hello.py, and run it. Or drag files from your computer here: a zip is unpacked if you like.")
    : gettext("There is nothing to see here.");
  const ways = [button(gettext("New file"), newFile, { class: "primary" }), button(gettext("Upload"), upload)];
  return element(
    "div", { class: "files-empty" },
    element("h2", {}, isHome && writable ? gettext("You have no files yet") : gettext("This folder is empty")),
    element("p", {}, text),
    writable ? element("p", { class: "actions" }, ...ways) : null,
  );
}

export function faultInstead(fault, { home, again }) {
  const isGone = fault.status === 404;
  const heading = isGone ? gettext("This folder is not there") : gettext("The folder could not be shown");
  const way = isGone ? button(gettext("To your files"), home, { class: "primary" }) : button(gettext("Try again"), again, { class: "primary" });
  return element("div", { class: "files-empty", role: "alert" }, element("h2", {}, heading), element("p", {}, fault.message), way);
}
