// The order of a list: folders first, then by the column that was chosen. Pure.

import { typeOf } from "./kinds.js";

export const COLUMNS = ["name", "size", "type", "modified"];
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

const VALUES = {
  name: () => 0,
  size: (entry) => (entry.kind === "folder" ? 0 : entry.size_bytes),
  modified: (entry) => Date.parse(entry.modified),
};

/** A new list. Names with numbers in them go by the number: part2 before part10. */
export function sorted(entries, { column = "name", descending = false } = {}) {
  const sign = descending ? -1 : 1;
  const value = VALUES[column];
  const compare = (a, b) => (value ? value(a) - value(b) : byName.compare(typeOf(a).words, typeOf(b).words));
  const tie = (a, b) => byName.compare(a.name, b.name) || (a.path < b.path ? -1 : 1);
  return [...entries].sort((a, b) =>
    Number(b.kind === "folder") - Number(a.kind === "folder")
      || sign * compare(a, b)
      || (column === "name" ? sign : 1) * tie(a, b));
}

/** What a click on a column's head asks for. Sizes and times begin with the greatest. */
export function nextOrder({ column, descending }, clicked) {
  if (column === clicked) return { column, descending: !descending };
  return { column: clicked, descending: clicked === "size" || clicked === "modified" };
}
