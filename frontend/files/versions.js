// The versions of a file: when it was saved, what has changed since, and the way back. Used by pane.js.

import { button, element } from "../site/markup.js";
import { clockOf, exactTimeOf, sizeOf } from "../site/measures.js";
import { gettext } from "../site/words.js";
import { linesOfDiff } from "./difference.js";

const ELEMENTS = { came: "ins", went: "del", same: "span", place: "span" };
const WHY = {
  save: () => gettext("saved"),
  upload: () => gettext("uploaded"),
  before_restore: () => gettext("before an older version came back"),
  delete: () => gettext("before it was deleted"),
  run: () => gettext("run"),
};

/** host: {api, notice, mayWrite(), onRestored()}. Gives the parts for the pane. */
export async function versionsOf(entry, host) {
  const { entries, sentence } = await host.api.versions(entry.path);
  const none = gettext("No older versions yet. From now on, each time you save this file the one before is kept here.");
  const said = sentence ?? (entries.length ? null : none);
  const difference = element("div", { class: "files-difference" }); // below the version that is compared
  const list = element("ul", { class: "files-versions" }, ...entries.map((version) => row(version, entry, host, difference)));
  return [said && element("p", { class: "aside" }, said), entries.length > 0 && list].filter(Boolean);
}

function row(version, entry, host, difference) {
  const when = clockOf(version.saved);
  const compare = async () => {
    const found = await host.api.diff(entry.path, version.id, "now");
    difference.replaceChildren(element("h3", {}, gettext("What has changed since %(when)s", { when })), ...shownDiff(found));
    line.append(difference);
    difference.scrollIntoView({ block: "nearest" });
  };
  const restore = async () => {
    await host.api.restoreVersion(entry.path, version.id);
    host.notice.show({ sentence: gettext("The version of %(when)s is back. The one before it is kept as a version too.", { when }) });
    host.onRestored();
  };
  const guarded = (call) => () => call().catch((fault) => host.notice.fault(fault));
  const about = [WHY[version.why]?.(), sizeOf(version.size_bytes)].filter(Boolean).join(", ");
  const line = element(
    "li", {},
    element("span", {}, element("time", { datetime: version.saved, title: exactTimeOf(version.saved) }, when), " ", element("span", { class: "aside" }, about)),
    element(
      "span", { class: "files-buttons" },
      button(gettext("Compare"), guarded(compare), { "aria-label": gettext("Compare the version of %(when)s with now", { when }) }),
      element("a", { class: "button", href: host.api.versionContent(version.id), download: entry.name, "aria-label": gettext("Download the version of %(when)s", { when }) }, gettext("Download")),
      host.mayWrite() ? button(gettext("Restore"), guarded(restore), { "aria-label": gettext("Restore the version of %(when)s", { when }) }) : null,
    ),
  );
  return line;
}

/** Of an answer of the API's diff: lines that came and went are marked by their sign and their colour. */
function shownDiff({ diff, binary, truncated, sentence }) {
  if (sentence) return [element("p", { class: "aside" }, sentence)];
  if (binary) return [element("p", { class: "aside" }, gettext("The two differ, but they are not text: download both to compare them."))];
  if (!diff) return [element("p", { class: "aside" }, gettext("The two are the same."))];
  const lines = linesOfDiff(diff).map(({ kind, text }) => element(ELEMENTS[kind], { class: kind === "place" ? "files-place" : null }, text || " "));
  return [
    element("pre", { class: "files-text", tabindex: 0, role: "region", "aria-label": gettext("What has changed") }, ...lines),
    truncated ? element("p", { class: "aside" }, gettext("Only the beginning is shown: the difference is long.")) : null,
  ].filter(Boolean);
}
