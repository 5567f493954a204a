// A unified diff as lines to show: which came, which went, and in words where in the file they are. Pure; for versions.js.

import { gettext, ngettext } from "../site/words.js";

const PLACE = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/;
const KINDS = { "+": "came", "-": "went" };

/** [{kind: "came", "went", "same" or "place", text}]. A line keeps its sign; a place is in the file as it is now. */
export function linesOfDiff(diff) {
  const lines = diff.replace(/\n$/, "").split("\n");
  const first = lines.findIndex((line) => line.startsWith("@@")); // before it are the names of the two files
  return lines.slice(Math.max(0, first)).map((line) => {
    const [, from, count = "1"] = PLACE.exec(line) ?? [];
    if (from) return { kind: "place", text: placeOf(Number(from), Number(count)) };
    if (line.startsWith("\\")) return { kind: "place", text: gettext("The last line has no end of line.") };
    return { kind: KINDS[line[0]] ?? "same", text: line };
  });
}

function placeOf(from, count) {
  if (!count) return from ? gettext("After line %(from)s", { from }) : gettext("At the beginning");
  return ngettext("Line %(from)s", "Lines %(from)s to %(to)s", count, { from, to: from + count - 1 });
}
