// A menu that opens at a button or at the mouse: arrows, Home, End, first letters, Escape. Used by element.js and toolbar.js.

import { element } from "../site/markup.js";

const EDGE = 8;
let open = null;

/** entries: [{label, group, call}]; a line between groups. at: {x, y} or an element. Focus goes back to `from`. */
export function openMenu(parent, { entries, at, label, from = document.activeElement }) {
  open?.hidePopover();
  const items = [];
  const menu = element("div", { class: "files-menu", role: "menu", "aria-label": label, popover: "auto" });
  const close = () => {
    menu.hidePopover();
    from?.focus?.();
  };
  entries.forEach((entry, index) => {
    if (index && entry.group !== entries[index - 1].group) menu.append(element("div", { role: "separator" }));
    const item = element("button", { type: "button", role: "menuitem", tabindex: -1, onclick: () => { close(); entry.call(); } }, entry.label);
    items.push(item);
    menu.append(item);
  });
  menu.addEventListener("keydown", (event) => onKey(event, items, close));
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    menu.remove();
    if (at instanceof Element) at.setAttribute("aria-expanded", "false");
    if (open === menu) open = null;
  });
  parent.append(menu);
  menu.showPopover();
  open = menu;
  put(menu, at instanceof Element ? at.getBoundingClientRect() : { left: at.x, bottom: at.y, top: at.y, right: at.x });
  if (at instanceof Element) at.setAttribute("aria-expanded", "true");
  items[0]?.focus();
}

export const isMenuOpen = () => open !== null;

function put(menu, { left, right, top, bottom }) {
  const { width, height } = menu.getBoundingClientRect();
  const x = left + width + EDGE <= innerWidth ? left : right - width;
  const y = bottom + height + EDGE <= innerHeight ? bottom : top - height;
  menu.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - width - EDGE))}px`;
  menu.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - height - EDGE))}px`;
}

function onKey(event, items, close) {
  const here = items.indexOf(document.activeElement);
  const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 };
  let next = steps[event.key];
  if (next === undefined && event.key.length === 1 && event.key !== " ") {
    const matches = (item) => item.textContent.toLowerCase().startsWith(event.key.toLowerCase());
    next = [...items.keys()].map((index) => (here + 1 + index) % items.length).find((index) => matches(items[index]));
  }
  event.stopPropagation(); // the list below has keys of its own
  if (event.key === "Tab" || event.key === "Escape") {
    event.preventDefault();
    close();
  } else if (next !== undefined) {
    event.preventDefault();
    items[(next + items.length) % items.length].focus();
  }
}
