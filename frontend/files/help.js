// The keys of the list, for eyes; keys.js decides what they do. Used by element.js.

import { showKeys as showList } from "../site/dialogs.js";
import { gettext } from "../site/words.js";

export function showKeys(parent) {
  const rows = [
    ["↑ ↓", gettext("go through the list; with Shift: select several, with Ctrl: only go")],
    [gettext("Space"), gettext("select this one, or not")],
    ["Ctrl-A", gettext("select everything")],
    ["Enter", gettext("open: a folder, the editor, or a preview")],
    ["F2", gettext("rename")],
    ["Delete", gettext("move to the trash")],
    ["Ctrl-C, Ctrl-X, Ctrl-V", gettext("copy, cut, paste; also into another folder")],
    [gettext("Dragging"), gettext("onto a folder, or a step of the way above the list: move; with Ctrl: copy")],
    ["Shift-F10", gettext("the menu of what is selected")],
    [gettext("Backspace, Alt-↑"), gettext("to the folder above")],
    [gettext("Letters"), gettext("go to the name that begins with them")],
    ["Escape", gettext("select nothing; close the preview")],
    ["?", gettext("this list")],
  ];
  showList(parent, rows);
}
