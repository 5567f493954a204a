// The versions of a file: when it was saved, what has changed since, and the way back. Used by pane.js.

import { button, element } from "../site/markup.js";
import { exactTimeOf, sizeOf, timeOf } from "../site/measures.js";
import { gettext } from "../site/words.js";

const WHY = {
  save: () => gettext("saved"),
  upload: () => gettext("uploaded"),
  before_restore: () => gettext("before an older version came back"),
  delete: () => gettext("before it was deleted"),
  run: () => gettext("run"),
};

/** host: {api, notice, mayWrite(), onRestored()}. Gives the parts for the pane. */
export async function versionsOf(entry, host) {
  const { entries } = await host.api.versions(entry.path);
  if (!entries.length) {
    return [element("p", { class: "aside" }, gettext("No older versions yet. From now on, each time you save this file the one before is kept here."))];
  }
  const difference = element("div", { class: "files-difference" });
  const list = element("ul", { class: "files-versions" }, ...entries.map((version) => row(version, entry, host, difference)));
  return [list, difference];
}

function row(version, entry, host, difference) {
  const when = exactTimeOf(version.saved);
  const compare = async () => {
    const { diff, binary } = await host.api.diff(entry.path, version.id, "now");
    difference.replaceChildren(element("h3", {}, gettext("From %(when)s to now", { when: timeOf(version.saved) })), shownDiff(diff, binary));
    difference.scrollIntoView({ block: "nearest" });
  };
  const restore = async () => {
    await host.api.restoreVersion(entry.path, version.id);
    host.notice.show({ sentence: gettext("The version of %(when)s is back. The one before it is kept as a version too.", { when }) });
    host.onRestored();
  };
  const guarded = (call) => () => call().catch((fault) => host.notice.fault(fault));
  return element(
    "li", {},
    element("span", {}, element("time", { datetime: version.saved, title: when }, timeOf(version.saved)), document.createTextNode(" "),
      element("span", { class: "aside" }, `${WHY[version.why]?.() ?? ""}, ${sizeOf(version.size_bytes)}`)),
    element(
      "span", { class: "files-buttons" },
      button(gettext("Compare"), guarded(compare), { "aria-label": gettext("Compare the version of %(when)s with now", { when }) }),
      element("a", { class: "button", href: host.api.versionContent(version.id), download: entry.name, "aria-label": gettext("Download the version of %(when)s", { when }) }, gettext("Download")),
      host.mayWrite() ? button(gettext("Restore"), guarded(restore), { "aria-label": gettext("Restore the version of %(when)s", { when }) }) : null,
    ),
  );
}

/** A unified diff: lines that came and went are marked by their sign and their colour. */
export function shownDiff(diff, binary) {
  if (binary) return element("p", { class: "aside" }, gettext("The two differ, but they are not text: download both to compare them."));
  if (!diff) return element("p", { class: "aside" }, gettext("The two are the same."));
  const lines = diff.split("\n").filter((line) => !/^(---|\+\+\+) /.test(line));
  const kinds = { "+": "ins", "-": "del" };
  return element(
    "pre", { class: "files-text", tabindex: 0, role: "region", "aria-label": gettext("What has changed") },
    ...lines.map((line) => element(kinds[line[0]] ?? "span", {}, line || " ")),
  );
}
