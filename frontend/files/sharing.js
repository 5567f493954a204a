// The public address of a file or folder, to copy; and what to do where it has none. Used by doings.js.

import { actions, ask, show } from "../site/dialogs.js";
import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

/** A window with the address; name is for eyes. */
export function showAddress(parent, { name, address }) {
  const field = element("input", { type: "text", readonly: true, "aria-label": gettext("Public address"), autofocus: true, onfocus: () => field.select() });
  field.value = address;
  const copy = button(gettext("Copy address"), async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      document.execCommand("copy"); // without https there is no other way
    }
    said.textContent = gettext("Copied.");
  }, { class: "primary" });
  const said = element("span", { role: "status", class: "aside" });
  const dialog = show(
    parent, gettext("Everybody may open %(name)s", { name }),
    element("p", {}, gettext("At this address, without a login:")),
    element("p", {}, field),
    actions(
      copy,
      element("a", { class: "button", href: address, target: "_blank", rel: "noopener" }, gettext("Open in a new tab")),
      button(gettext("Done"), () => dialog.close()), said,
    ),
    element("p", { class: "aside" }, element("a", { href: "/public/" }, gettext("All that everybody sees"))),
  );
}

/** A file in a folder that is its owner's alone. Promises whether the folder shall be published. */
export function offerPublishing(parent, { name, folder }) {
  return ask(parent, {
    heading: gettext("%(name)s is yours alone", { name }),
    text: gettext("Others can open a file when its folder is published. Publishing shows everything in the folder %(folder)s, also to people without a login. You can take it back at any time.", { folder }),
    yes: gettext("Publish the folder"),
    no: gettext("Keep it private"),
  });
}
