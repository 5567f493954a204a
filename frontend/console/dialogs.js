// The windows a console opens over itself: a question, the plain text, the settings, the keys. Used by element.js.

import { button, element } from "./markup.js";
import { gettext } from "./words.js";

/** Opens it; it leaves the page when it closes, and the focus goes back to where it was. */
export function show(parent, heading, ...content) {
  const title = element("h2", { id: `console-dialog-${Date.now()}` }, heading);
  const dialog = element("dialog", { class: "console-dialog", "aria-labelledby": title.id }, title, ...content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  parent.append(dialog);
  dialog.showModal();
  return dialog;
}

export const actions = (...buttons) => element("div", { class: "actions" }, ...buttons);

/** Promises whether the person said yes. */
export function ask(parent, { heading, text, yes, no }) {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = show(
      parent,
      heading,
      element("p", {}, text),
      actions(
        button(yes, () => { answer = true; dialog.close(); }, { class: "primary", autofocus: true }),
        button(no, () => dialog.close()),
      ),
    );
    dialog.addEventListener("close", () => resolve(answer));
  });
}

export function showText(parent, text) {
  const output = element("pre", { class: "console-text", tabindex: 0, role: "document", autofocus: true }, text);
  const copy = button(gettext("Copy all"), () => {
    getSelection().selectAllChildren(output);
    document.execCommand("copy");
    copy.textContent = gettext("Copied");
  });
  const dialog = show(parent, gettext("The output as text"), output, actions(copy, button(gettext("Back"), () => dialog.close())));
  dialog.classList.add("console-dialog-wide");
  output.scrollTop = output.scrollHeight;
}

export function showSettings(parent, settings) {
  const themes = { system: gettext("As the computer"), light: gettext("Light"), dark: gettext("Dark") };
  const choice = (value, label) => element("option", { value, selected: settings.theme === value }, label);
  const check = (name, label) =>
    element(
      "label",
      { class: "console-check" },
      element("input", {
        type: "checkbox", checked: settings[name], onchange: ({ target }) => settings.change({ [name]: target.checked }),
      }),
      element("span", {}, label),
    );
  const dialog = show(
    parent,
    gettext("Settings of consoles"),
    element(
      "div",
      { class: "field" },
      element("label", { for: "console-font-size" }, gettext("Size of the letters, in pixels")),
      element("input", {
        id: "console-font-size", type: "number", min: 8, max: 40, value: settings.fontSize,
        onchange: ({ target }) => {
          settings.change({ fontSize: Number(target.value) });
          target.value = settings.fontSize;
        },
      }),
    ),
    element(
      "div",
      { class: "field" },
      element("label", { for: "console-theme" }, gettext("Light or dark")),
      element(
        "select",
        { id: "console-theme", onchange: ({ target }) => settings.change({ theme: target.value }) },
        ...Object.entries(themes).map(([value, label]) => choice(value, label)),
      ),
    ),
    check("screenReader", gettext("I use a screen reader")),
    check("pages", gettext("Show output that begins with CGI headers as a page, too")),
    check("split", gettext("Show what a program prints before its prompt beside the terminal only")),
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
  const dialog = show(
    parent,
    gettext("Keys"),
    element(
      "dl",
      { class: "console-keys-list" },
      ...rows.flatMap(([keys, what]) => [element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what)]),
    ),
    element("p", { class: "aside" }, gettext("Installed as an app, the window leaves Ctrl-W, Ctrl-T and Ctrl-N to the program.")),
    actions(button(gettext("Back"), () => dialog.close(), { autofocus: true })),
  );
}
