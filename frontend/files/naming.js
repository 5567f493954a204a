// A name that is typed in its place in the list: for a new file or folder, and for a new name. Used by table.js.

import { element } from "../site/markup.js";
import { faultOfName, stemLength } from "../site/paths.js";
import { gettext } from "../site/words.js";

const SENTENCES = {
  empty: () => gettext("Type a name, or press Escape to leave it."),
  dots: () => gettext("A name cannot be only dots. Choose another."),
  slash: () => gettext("A name cannot have a slash or a backslash in it. Choose another."),
  long: () => gettext("This name is too long. Choose a shorter one."),
};

/** save(text) promises; what it throws is said below the field, which stays open with what was typed. */
export function nameField({ value = "", label, placeholder = "", save, cancel }) {
  const sentence = element("div", { class: "error", id: `files-name-${Date.now()}`, role: "alert" });
  const input = element("input", {
    class: "files-name-field", type: "text", "aria-label": label, "aria-describedby": sentence.id, dir: "auto", placeholder,
    autocomplete: "off", autocapitalize: "off", spellcheck: "false",
  });
  input.value = value;
  const before = input.value; // a newline does not fit into the field
  let isBusy = false;
  const refuse = (text) => {
    input.setAttribute("aria-invalid", "true");
    sentence.replaceChildren(element("p", {}, text));
    input.focus();
  };
  const finish = async () => {
    if (isBusy) return;
    if (input.value === before && value) return void cancel();
    const fault = faultOfName(input.value);
    if (fault) return void refuse(SENTENCES[fault]());
    isBusy = true;
    input.readOnly = true;
    try {
      await save(input.value);
    } catch (refused) {
      input.readOnly = false;
      refuse(refused.message);
    }
    isBusy = false;
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && !event.isComposing) finish();
    if (event.key === "Escape") cancel();
  });
  input.addEventListener("blur", () => {
    if (!input.isConnected || isBusy || !document.hasFocus()) return;
    if (input.value.trim() && !faultOfName(input.value) && !input.hasAttribute("aria-invalid")) finish();
    else cancel();
  });
  input.addEventListener("input", () => {
    input.removeAttribute("aria-invalid");
    sentence.replaceChildren();
  });
  const place = element("div", { class: "files-naming" }, input, sentence);
  const begin = () => {
    input.focus();
    input.setSelectionRange(0, stemLength(before));
  };
  return { place, begin };
}
