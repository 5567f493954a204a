// The row of keys that a screen keyboard lacks. Shown by console.css where fingers point. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

const ARROWS = [["←", "D", gettext("Left")], ["↑", "A", gettext("Up")], ["↓", "B", gettext("Down")], ["→", "C", gettext("Right")]];

export function touchKeys(screen, type) {
  const send = (text) => () => type(text);
  const arrow = (letter) => () => type(`\x1b${screen.terminal.modes.applicationCursorKeysMode ? "O" : "["}${letter}`);
  const ctrl = button("Ctrl", () => screen.setCtrl(!screen.ctrl), { "aria-pressed": "false" });
  screen.onCtrl = (on) => ctrl.setAttribute("aria-pressed", String(on));
  const row = element(
    "div",
    { class: "console-touch", role: "group", "aria-label": gettext("Keys") },
    button("Esc", send("\x1b")),
    button("Tab", send("\t")),
    ctrl,
    ...ARROWS.map(([sign, letter, name]) => button(sign, arrow(letter), { "aria-label": name })),
  );
  // The screen keyboard stays: a button must not take the focus from the terminal.
  row.addEventListener("pointerdown", (event) => event.preventDefault());
  return row;
}
