// The public address of a file or folder, to copy; and what to do where it has none. Used by doings.js.

import { show } from "../console/dialogs.js";
import { button, element } from "../console/markup.js";
import { gettext } from "../console/words.js";

/** A window with the address; name is for eyes. */
export function showAddress(parent, { name, address }) {
  const field = element("input", { type: "text", readonly: true, "aria-label": gettext("Public address"), autofocus: true, onfocus: () => field.select() });
  field.value = address;
  const copy = button(gettext("Copy address"), async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      document.execCommand("copy"); // without https there is no other way
    }
    said.textContent = gettext("Copied.");
  }, { class: "primary" });
  const said = element("span", { role: "status", class: "aside" });
  const dialog = show(
    parent, gettext("Everybody may open %(name)s", { name }),
    element("p", {}, gettext("At this address, without a login:")),
    element("p", {}, field),
    element(
      "div", { class: "actions" }, copy,
      element("a", { class: "button", href: address, target: "_blank", rel: "noopener" }, gettext("Open in a new tab")),
      button(gettext("Done"), () => dialog.close()), said,
    ),
  );
}

/** A file in a folder that is its owner's alone. Promises whether the folder shall be published. */
export function offerPublishing(parent, { name, folder }) {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = show(
      parent, gettext("%(name)s is yours alone", { name }),
      element("p", {}, gettext("Others can open a file when its folder is published. Publishing shows everything in the folder %(folder)s, also to people without a login. You can take it back at any time.", { folder })),
      element(
        "div", { class: "actions" },
        button(gettext("Publish the folder"), () => { answer = true; dialog.close(); }, { class: "primary", autofocus: true }),
        button(gettext("Keep it private"), () => dialog.close()),
      ),
    );
    dialog.addEventListener("close", () => resolve(answer));
  });
}

export function showKeys(parent) {
  const rows = [
    ["↑ ↓", gettext("go through the list; with Shift: select several, with Ctrl: only go")],
    [gettext("Space"), gettext("select this one, or not")],
    ["Ctrl-A", gettext("select everything")],
    ["Enter", gettext("open: a folder, the editor, or a preview")],
    ["F2", gettext("rename")],
    ["Delete", gettext("move to the trash")],
    ["Ctrl-C, Ctrl-X, Ctrl-V", gettext("copy, cut, paste; also into another folder")],
    ["Shift-F10", gettext("the menu of what is selected")],
    [gettext("Backspace, Alt-↑"), gettext("to the folder above")],
    [gettext("Letters"), gettext("go to the name that begins with them")],
    ["Escape", gettext("select nothing; close the preview")],
    ["?", gettext("this list")],
  ];
  const dialog = show(
    parent, gettext("Keys"),
    element("dl", { class: "console-keys-list" }, ...rows.flatMap(([keys, what]) => [element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what)])),
    element("div", { class: "actions" }, button(gettext("Back"), () => dialog.close(), { autofocus: true })),
  );
}
