// The body of a table that is told again and again what is in it: rows stay the same elements, so that focus and the
// mouse stay where they are, and only what has changed is written.

import { element } from "../site/markup.js";

export class Rows {
  /** columns: [{label, text(item), kind, make(item)}]; make() gives an element that is kept as long as text() stays the same. */
  constructor(body, columns, keyOf) {
    Object.assign(this, { body, columns, keyOf });
    this.known = new Map();
  }

  show(items) {
    const keys = new Set(items.map(this.keyOf));
    for (const [key, { row }] of this.known) {
      if (!keys.has(key)) {
        row.remove();
        this.known.delete(key);
      }
    }
    for (const item of items) this.write(item);
    if (!this.isInUse()) this.order(items);
  }

  /** Nothing moves under the mouse of whoever is about to press something. */
  isInUse() {
    return this.body.matches(":hover") || this.body.contains(document.activeElement);
  }

  order(items) {
    let next = this.body.firstElementChild;
    for (const item of items) {
      const { row } = this.known.get(this.keyOf(item));
      if (row === next) next = next.nextElementSibling;
      else this.body.insertBefore(row, next);
    }
  }

  write(item) {
    const key = this.keyOf(item);
    if (!this.known.has(key)) {
      const cells = this.columns.map(({ label, kind }) => element("td", { "data-label": label, class: kind }));
      const row = element("tr", {}, ...cells);
      this.body.append(row);
      this.known.set(key, { row, cells, texts: [] });
    }
    const { cells, texts } = this.known.get(key);
    this.columns.forEach((column, place) => {
      const text = column.text(item);
      if (texts[place] === text) return;
      texts[place] = text;
      cells[place].replaceChildren(column.make ? column.make(item) : text);
    });
  }
}
