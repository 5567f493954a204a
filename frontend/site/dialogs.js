// The windows that open over a page: anything under a heading, a question, and the list of keys.

import { button, element } from "./markup.js";
import { gettext } from "./words.js";

/** Opens it; it leaves the page when it closes, and the focus goes back to where it was. */
export function show(parent, heading, ...content) {
  const title = element("h2", { id: `dialog-${Date.now()}` }, heading);
  const dialog = element("dialog", { "aria-labelledby": title.id }, title, ...content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  parent.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0; // the focus may be on a button at its end
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

/** rows: [keys, what they do]. note: a sentence below them. */
export function showKeys(parent, rows, note = "") {
  const dialog = show(
    parent,
    gettext("Keys"),
    element("dl", { class: "keys" }, ...rows.flatMap(([keys, what]) => [element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what)])),
    note ? element("p", { class: "aside" }, note) : null,
    actions(button(gettext("Back"), () => dialog.close(), { autofocus: true })),
  );
}
