// A button with a list of actions below it. Used by element.js.

import { button, element } from "../site/markup.js";

/** entries: [label, call, {keys, isNarrow}] */
export function menu(label, entries) {
  const made = element("details", { class: "menu editor-menu" }, element("summary", {}, label));
  const close = () => { made.open = false; };
  const entry = ([text, call, { keys, isNarrow } = {}]) => {
    const one = button(text, () => { close(); call(); });
    if (keys) one.append(element("kbd", {}, keys));
    return element("li", { class: isNarrow ? "editor-narrow" : null }, one);
  };
  made.append(element("ul", {}, ...entries.map(entry)));
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !made.open) return;
    close();
    made.firstElementChild.focus();
  });
  made.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !made.contains(relatedTarget)) close();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!made.contains(target)) close();
  });
  return made;
}
