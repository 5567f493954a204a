// The window with what a box held earlier, each version as text, to take one of them. Used by work.js.

import { actions, show } from "../site/dialogs.js";
import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

const SHOWN_MAX = 50;

/** onChoose(text). */
export async function showVersions(parent, { files, path, onChoose }) {
  const listed = await files.ask("GET", files.address("/api/files/versions", { path })).catch(() => ({}));
  const versions = (listed.entries ?? []).slice(0, SHOWN_MAX);
  const text = element("pre", { class: "box-version", tabindex: 0 });
  const choose = button(gettext("Take this one"), () => {
    dialog.close();
    onChoose(text.textContent);
  }, { class: "primary", disabled: true });
  const look = async (version, one) => {
    const answer = await files.ask("GET", `/api/files/versions/${version.id}/content`);
    for (const other of list.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", String(other === one));
    text.textContent = answer.text ?? "";
    choose.disabled = false;
  };
  const list = element("ul", { class: "box-versions" }, ...versions.map((version) => {
    const one = button(when(version.saved), () => look(version, one), { "aria-pressed": "false" });
    return element("li", {}, one);
  }));
  const content = versions.length
    ? [element("div", { class: "box-versions-work" }, list, text), actions(choose, button(gettext("Back"), () => dialog.close()))]
    : [element("p", {}, gettext("There is none yet: each time your text is saved, a version is kept.")), actions(button(gettext("Back"), () => dialog.close()))];
  const dialog = show(parent, gettext("Earlier versions"), ...content);
  dialog.classList.add("wide-dialog");
  list.querySelector("button")?.click();
}

function when(saved) {
  return new Date(saved).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}
