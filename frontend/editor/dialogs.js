// The windows of the editor: settings, keys, and which file to open. Fetched by element.js when one is opened.

import { actions, show } from "../console/dialogs.js";
import { button, element } from "../console/markup.js";
import { gettext } from "../console/words.js";
import { CTRL, KEYS } from "./keys.js";
import { folderOf, ofTyped, shown } from "./paths.js";

export function showSettings(parent, settings) {
  const choice = (name, label, options) => {
    const id = `editor-${name}`;
    const values = Object.entries(options).map(([value, text]) => element("option", { value, selected: settings[name] === value }, text));
    return element(
      "div",
      { class: "field" },
      element("label", { for: id }, label),
      element("select", { id, onchange: ({ target }) => settings.change({ [name]: target.value }) }, ...values),
    );
  };
  const check = (name, label) =>
    element(
      "label",
      { class: "console-check" },
      element("input", { type: "checkbox", checked: settings[name], onchange: ({ target }) => settings.change({ [name]: target.checked }) }),
      element("span", {}, label),
    );
  const dialog = show(
    parent,
    gettext("Settings of the editor"),
    choice("keyMap", gettext("Keys as in"), { plain: gettext("most editors"), vim: "Vim", emacs: "Emacs" }),
    choice("side", gettext("The console stands"), { below: gettext("below the text"), right: gettext("to the right of it") }),
    check("wrap", gettext("Break long lines")),
    check("marks", gettext("Show problems while I type")),
    check("help", gettext("Offer names and explanations while I type")),
    actions(button(gettext("Done"), () => dialog.close(), { class: "primary" })),
  );
}

export function showKeys(parent) {
  const rows = [
    [KEYS.run, gettext("save, and run the program below")],
    [KEYS.keep, gettext("the same, and keep the prompt afterwards")],
    [KEYS.save, gettext("save")],
    [KEYS.console, gettext("from the text to the console; there Escape, then Tab, leads out")],
    [gettext("Escape, then Tab"), gettext("leave the text for the buttons; Shift-Tab goes the other way")],
    [KEYS.find, gettext("find and replace")],
    [KEYS.goTo, gettext("go to a line")],
    [`${KEYS.problem}, ${gettext("Shift")}-${KEYS.problem}`, gettext("the next problem; the one before")],
    [KEYS.format, gettext("format the program")],
    [`${CTRL}-/`, gettext("make comments of the selected lines, and back")],
    [`${gettext("Tab")}, ${gettext("Shift")}-${gettext("Tab")}`, gettext("indent, and back")],
    [`${CTRL}-Space`, gettext("offer names")],
    [`${CTRL}-Shift-[, ]`, gettext("fold and unfold")],
    ["?", gettext("this list, when the text does not have the keyboard")],
  ];
  const dialog = show(
    parent,
    gettext("Keys"),
    element(
      "dl",
      { class: "console-keys-list" },
      ...rows.flatMap(([keys, what]) => [element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what)]),
    ),
    actions(button(gettext("Back"), () => dialog.close(), { autofocus: true })),
  );
}

/** Which file to open, or to begin. list(path) promises a folder's entries; onOpen(path on the wire). */
export function showOpen(parent, { from, list, onOpen }) {
  let folder = folderOf(from);
  const names = element("ul", { class: "editor-files" });
  const where = element("p", { class: "aside" });
  const input = element("input", { id: "editor-open", autocomplete: "off", spellcheck: "false", autofocus: true });
  const problem = element("p", { class: "aside", role: "status" });
  const chosen = (path) => {
    dialog.close();
    onOpen(path);
  };
  const entry = ({ kind, path, name }) =>
    element("li", {}, button(kind === "folder" ? `${name}/` : name, () => (kind === "folder" ? enter(path) : chosen(path)), { class: "quiet" }));
  const enter = async (path) => {
    folder = path;
    where.textContent = gettext("In %(folder)s", { folder: path ? shown(path) : gettext("your folder") });
    const { entries } = await list(path).catch((fault) => ({ entries: [], fault: (problem.textContent = fault.message) }));
    const up = path ? [{ kind: "folder", path: folderOf(path), name: ".." }] : [];
    const opens = entries.filter(({ kind }) => kind === "folder" || kind === "file");
    names.replaceChildren(...[...up, ...opens].map(entry));
  };
  const form = element(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        const typed = ofTyped(input.value.trim());
        if (typed) chosen(folder && !input.value.startsWith("/") ? `${folder}/${typed}` : typed);
      },
    },
    element(
      "div",
      { class: "field" },
      element("label", { for: "editor-open" }, gettext("Name of a file, new or not")),
      input,
    ),
    where,
    names,
    problem,
    actions(element("button", { class: "primary" }, gettext("Open")), button(gettext("Back"), () => dialog.close())),
  );
  const dialog = show(parent, gettext("Open a file"), form);
  enter(folder);
}
