// The windows of the editor: settings, keys, and which file to open. Fetched by element.js when one is opened.

import { actions, show, showKeys as showList } from "../site/dialogs.js";
import { check, choice, field } from "../site/fields.js";
import { button, element } from "../site/markup.js";
import { parentOf, ofTyped, shown } from "../site/paths.js";
import { gettext } from "../site/words.js";
import { CTRL, KEYS } from "./keys.js";

export function showSettings(parent, settings) {
  const choose = (name, label, options) =>
    choice(`editor-${name}`, label, { options, chosen: settings[name], onChoose: (value) => settings.change({ [name]: value }) });
  const tick = (name, label) => check(label, settings[name], (isOn) => settings.change({ [name]: isOn }));
  const dialog = show(
    parent,
    gettext("Settings of the editor"),
    choose("keyMap", gettext("Keys as in"), { plain: gettext("most editors"), vim: "Vim", emacs: "Emacs" }),
    choose("side", gettext("The console stands"), { below: gettext("below the text"), right: gettext("to the right of it") }),
    tick("wrap", gettext("Break long lines")),
    tick("marks", gettext("Show problems while I type")),
    tick("help", gettext("Offer names and explanations while I type")),
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
  showList(parent, rows);
}

/** Which file to open, or to begin. list(path) promises a folder's entries; onOpen(path on the wire). */
export function showOpen(parent, { from, list, onOpen }) {
  let folder = parentOf(from);
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
    const up = path ? [{ kind: "folder", path: parentOf(path), name: ".." }] : [];
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
    field("editor-open", gettext("Name of a file, new or not"), input),
    where,
    names,
    problem,
    actions(element("button", { class: "primary" }, gettext("Open")), button(gettext("Back"), () => dialog.close())),
  );
  const dialog = show(parent, gettext("Open a file"), form);
  enter(folder);
}
