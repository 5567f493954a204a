// The windows a console opens over itself: the plain text, the settings, the keys. Fetched by element.js when one is opened.

import { actions, show, showKeys as showList } from "../site/dialogs.js";
import { check, choice, field } from "../site/fields.js";
import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

export function showText(parent, text) {
  const output = element("pre", { class: "console-text", tabindex: 0, role: "document", autofocus: true }, text);
  const copy = button(gettext("Copy all"), () => {
    getSelection().selectAllChildren(output);
    document.execCommand("copy");
    copy.textContent = gettext("Copied");
  });
  const dialog = show(parent, gettext("The output as text"), output, actions(copy, button(gettext("Back"), () => dialog.close())));
  dialog.classList.add("wide-dialog");
  output.scrollTop = output.scrollHeight;
}

export function showSettings(parent, settings) {
  const fontSize = element("input", {
    id: "console-font-size", type: "number", min: 8, max: 40, value: settings.fontSize,
    onchange: ({ target }) => {
      settings.change({ fontSize: Number(target.value) });
      target.value = settings.fontSize;
    },
  });
  const theme = {
    options: { system: gettext("As the computer"), light: gettext("Light"), dark: gettext("Dark") },
    chosen: settings.theme,
    onChoose: (value) => settings.change({ theme: value }),
  };
  const tick = (name, label) => check(label, settings[name], (isOn) => settings.change({ [name]: isOn }));
  const dialog = show(
    parent,
    gettext("Settings of consoles"),
    field("console-font-size", gettext("Size of the letters, in pixels"), fontSize),
    choice("console-theme", gettext("Light or dark"), theme),
    tick("screenReader", gettext("I use a screen reader")),
    tick("pages", gettext("Show output that begins with CGI headers as a page, too")),
    tick("split", gettext("Show what a program prints before its prompt beside the terminal only")),
    actions(button(gettext("Done"), () => dialog.close(), { class: "primary" })),
  );
}

export function showKeys(parent) {
  const rows = [
    [gettext("Escape, then Tab"), gettext("leave the terminal for the buttons; Shift-Tab goes the other way")],
    ["Ctrl-C", gettext("interrupt the program; with text selected: copy it")],
    ["Ctrl-Shift-C, Ctrl-Shift-V", gettext("copy, paste; Ctrl-V pastes too")],
    ["Ctrl-Shift-F", gettext("find in the output")],
    ["Ctrl-D", gettext("end the input; at a prompt: end the program")],
    ["Ctrl-Alt-W, T, N, V", gettext("Ctrl-W, T, N, V for the program, which the browser keeps for itself")],
    [gettext("Tab"), gettext("complete the name")],
    [gettext("Enter, once it has ended"), gettext("restart")],
    ["?", gettext("this list, when the terminal does not have the keyboard")],
  ];
  showList(parent, rows, gettext("Installed as an app, the window leaves Ctrl-W, Ctrl-T and Ctrl-N to the program."));
}
