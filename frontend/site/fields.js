// Fields for what a person sets once, in the windows of settings.

import { element } from "./markup.js";

/** A box to tick. label: words or an element; onSet(isOn). */
export function check(label, isOn, onSet) {
  return element(
    "label",
    { class: "check" },
    element("input", { type: "checkbox", checked: isOn, onchange: ({ target }) => onSet(target.checked) }),
    element("span", {}, label),
  );
}

/** One of several. options: words by value; onChoose(value). */
export function choice(id, label, { options, chosen, onChoose }) {
  const values = Object.entries(options).map(([value, words]) => element("option", { value, selected: value === chosen }, words));
  return field(id, label, element("select", { id, onchange: ({ target }) => onChoose(target.value) }, ...values));
}

/** Anything that can be labelled. */
export function field(id, label, made) {
  return element("div", { class: "field" }, element("label", { for: id }, label), made);
}
