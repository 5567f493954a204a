// What stands above the text when there is something to decide or to know: a draft, a conflict, a save that failed.
// Used by element.js.

import { button, element } from "../site/markup.js";
import { nameOf } from "../site/paths.js";
import { gettext } from "../site/words.js";

/** choices: restore, discard, compare, settle, retry; each a function. */
export function noticeFor({ file, path }, choices) {
  const name = nameOf(path);
  if (file.offer) {
    const when = new Date(file.offer.saved).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    return notice(
      gettext("You have changes to %(name)s from %(when)s that were not saved.", { name, when }),
      button(gettext("Restore"), choices.restore, { class: "primary" }),
      button(gettext("Discard"), choices.discard),
      button(gettext("Compare"), choices.compare),
    );
  }
  if (file.conflict) return notice(file.failure, button(gettext("Compare and choose"), choices.settle, { class: "primary" }));
  if (file.failure) {
    return notice(gettext("Not saved: %(why)s Your text is kept here.", { why: file.failure }), button(gettext("Save again"), choices.retry));
  }
  return null;
}

function notice(sentence, ...buttons) {
  return element("div", { class: "editor-notice", role: "group", "aria-label": gettext("To decide") }, element("p", {}, sentence), ...buttons);
}
