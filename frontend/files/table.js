// The list of a folder: rows that are selected by mouse and keys, heads that sort. Used by element.js.

import { button, element } from "../site/markup.js";
import { exactTimeOf, sizeOf, timeOf } from "../site/measures.js";
import { lastOf } from "../site/paths.js";
import { gettext } from "../site/words.js";
import { icon } from "./icons.js";
import { decide } from "./keys.js";
import { typeOf } from "./kinds.js";
import { nameField } from "./naming.js";
import { addressOf } from "./place.js";
import { COLUMNS, nextOrder, sorted } from "./sorting.js";

const FIND_MS = 800;
const ROWS_AT_ONCE = 120; // more than any screen shows; a frame later so many again, and more each time
const LONG_NAME = 60;

/**
 * host: {selection, onSelect(), onOpen(entry), onShow(entry), onAction(id, entries), onMenu(entry, at), onOrder(order),
 * isCut(path), addressFor(entry), rights}.
 */
export class Table {
  constructor(host) {
    this.host = host;
    this.entries = [];
    this.order = { column: "name", descending: false };
    this.drawn = new Map(); // by path, in the order of the entries: all of them a moment after they are shown
    this.marks = new WeakMap(); // what each row shows of the selection
    this.naming = null;
    this.typed = { text: "", at: 0 };
    this.every = element("input", { type: "checkbox", "aria-label": gettext("Select everything"), onchange: () => this.onEvery() });
    this.body = element("tbody", { role: "rowgroup" });
    this.heads = new Map(COLUMNS.map((column) => [column, this.head(column)]));
    this.element = element(
      "table",
      { class: "files-table", role: "grid", "aria-multiselectable": "true", "aria-label": gettext("Files") },
      element("thead", { role: "rowgroup" }, element(
        "tr", { role: "row" },
        element("th", { role: "columnheader", class: "files-check" }, element("label", {}, this.every)),
        ...this.heads.values(),
        element("th", { role: "columnheader", class: "files-more" }, element("span", { class: "unseen" }, gettext("Actions"))),
      )),
      this.body,
    );
    this.body.addEventListener("click", (event) => this.onClick(event));
    this.body.addEventListener("dblclick", (event) => this.onDoubleClick(event));
    this.body.addEventListener("contextmenu", (event) => this.onContextMenu(event));
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("focusin", (event) => this.onFocus(event));
    this.body.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); }); // no text is marked
  }

  head(column) {
    const words = { name: gettext("Name"), size: gettext("Size"), type: gettext("Type"), modified: gettext("Changed") };
    return element(
      "th", { role: "columnheader", class: `files-${column}`, "data-column": column },
      button(words[column], () => this.host.onOrder(nextOrder(this.order, column)), { class: "files-plain" }),
    );
  }

  // --- What it shows ---

  show(entries, order = this.order) {
    this.order = order;
    this.entries = sorted(entries, order);
    for (const [column, head] of this.heads) {
      const isIt = column === order.column;
      if (isIt) head.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    const hadFocus = this.body.contains(document.activeElement) && !this.naming;
    this.host.selection.setOrder(this.entries.map(({ path }) => path));
    const isSameFolder = this.entries.some(({ path }) => this.drawn.has(path)); // and somebody may be far down in it
    this.drawn = new Map();
    this.body.replaceChildren();
    this.draw(isSameFolder ? this.entries.length : ROWS_AT_ONCE);
    this.drawOn(this.entries, ROWS_AT_ONCE);
    if (hadFocus) this.focus();
  }

  /** The next rows. */
  draw(count) {
    const next = this.entries.slice(this.drawn.size, this.drawn.size + count);
    const rows = next.map((entry) => [entry.path, this.row(entry)]);
    this.body.append(...rows.map(([, row]) => row));
    for (const [path, row] of rows) this.drawn.set(path, row);
    this.update();
  }

  /** After what is on the screen has been painted, unless another list is shown by then. */
  drawOn(entries, count) {
    if (this.drawn.size === entries.length) return;
    requestAnimationFrame(() => setTimeout(() => {
      if (entries !== this.entries) return;
      this.draw(count);
      this.drawOn(entries, 2 * count);
    }));
  }

  /** By path. Whoever wants one that is further down gets all drawn. */
  rowAt(path) {
    if (!this.drawn.has(path) && this.entryOf(path)) this.draw(this.entries.length);
    return this.drawn.get(path);
  }

  row(entry) {
    const type = typeOf(entry);
    const name = entry.kind === "folder" || entry.kind === "file"
      ? element("a", { href: this.host.addressFor(entry), tabindex: -1, draggable: "false", class: "files-link", title: whole(entry.name) }, element("bdi", {}, entry.name))
      : element("bdi", { class: "files-link" }, entry.name);
    const published = entry.published && entry.kind === "folder" && !this.host.rights.isOpen ? element("span", { class: "files-published" }, gettext("Published")) : null;
    const isSized = entry.kind !== "folder";
    return element(
      "tr",
      { role: "row", tabindex: -1, "data-path": entry.path, "aria-selected": "false" },
      element("td", { role: "gridcell", class: "files-check" }, element("label", {}, element("input", {
        type: "checkbox", tabindex: -1, "aria-label": gettext("Select %(name)s", { name: entry.name }),
      }))),
      element("td", { role: "gridcell", class: "files-name" }, element("div", {}, icon(type.id), element("span", {}, name, published))),
      element("td", { role: "gridcell", class: "files-size" }, isSized ? sizeOf(entry.size_bytes) : ""),
      element("td", { role: "gridcell", class: "files-type" }, type.words),
      element("td", { role: "gridcell", class: "files-modified" }, element(
        "time", { datetime: entry.modified, title: exactTimeOf(entry.modified) }, timeOf(entry.modified),
      )),
      element("td", { role: "gridcell", class: "files-more" }, button("⋯", () => {}, {
        class: "files-plain", tabindex: -1, "aria-haspopup": "menu", "aria-expanded": "false",
        "aria-label": gettext("Actions for %(name)s", { name: entry.name }),
      })),
    );
  }

  /** What is selected, cut, and where Tab comes in. */
  update() {
    const { selection } = this.host;
    for (const [path, row] of this.drawn) {
      const marks = `${selection.has(path)} ${this.host.isCut(path)} ${path === selection.focus}`;
      if (this.marks.get(row) === marks) continue; // there may be thousands
      this.marks.set(row, marks);
      row.setAttribute("aria-selected", String(selection.has(path)));
      row.querySelector("input[type=checkbox]").checked = selection.has(path);
      row.classList.toggle("files-cut", this.host.isCut(path));
      row.tabIndex = path === selection.focus ? 0 : -1;
    }
    const count = selection.paths.length;
    this.every.checked = count > 0 && count === this.entries.length;
    this.every.indeterminate = count > 0 && count < this.entries.length;
    this.every.disabled = !this.entries.length;
  }

  focus() {
    this.rowAt(this.host.selection.focus)?.focus();
  }

  entryOf(path) {
    return this.entries.find((entry) => entry.path === path);
  }

  markTarget(path) {
    for (const [one, row] of this.drawn) row.classList.toggle("files-target", one === path);
  }

  // --- Names that are typed ---

  rename(entry, save) {
    const cell = this.rowAt(entry.path)?.querySelector(".files-name span");
    if (!cell) return;
    this.type(cell, { value: entry.exact, label: gettext("New name of %(name)s", { name: entry.name }), save });
  }

  /** A row above the others for what is not there yet. */
  add({ isFolder, label, placeholder, save }) {
    this.endNaming();
    const cell = element("span", {});
    const row = element(
      "tr", { role: "row", class: "files-new" },
      element("td", { role: "gridcell", class: "files-check" }),
      element("td", { role: "gridcell", class: "files-name" }, element("div", {}, icon(isFolder ? "folder" : "file"), cell)),
      ...["size", "type", "modified", "more"].map((column) => element("td", { role: "gridcell", class: `files-${column}` })),
    );
    this.body.prepend(row);
    this.type(cell, { label, placeholder, save, row });
  }

  type(cell, { value, label, placeholder, save, row = null }) {
    this.endNaming();
    const before = [...cell.childNodes];
    const done = () => {
      this.naming = null;
      cell.replaceChildren(...before);
      row?.remove();
    };
    const field = nameField({
      value, label, placeholder,
      save: async (text) => {
        await save(text);
        done();
      },
      cancel: () => { done(); this.focus(); },
    });
    if (row) this.body.prepend(row);
    cell.replaceChildren(field.place);
    this.naming = done;
    field.begin();
  }

  endNaming() {
    this.naming?.();
  }

  // --- Mouse and fingers ---

  rowOf(event) {
    const row = event.target.closest("tr[data-path]");
    return row ? this.entryOf(row.dataset.path) : null;
  }

  onClick(event) {
    const entry = this.rowOf(event);
    if (!entry || event.target.closest(".files-naming")) return;
    const more = event.target.closest(".files-more button");
    const ctrl = event.ctrlKey || event.metaKey;
    if (event.target.closest(".files-check")) {
      if (event.target.tagName !== "INPUT") return; // the label clicks the box
      if (event.shiftKey) this.host.selection.extendTo(entry.path);
      else this.host.selection.toggle(entry.path);
    } else if (more) {
      this.openMenu(entry, more);
      return;
    } else {
      this.host.selection.click(entry.path, { ctrl, shift: event.shiftKey });
      const link = event.target.closest("a");
      if (link) event.preventDefault();
      if (link && !ctrl && !event.shiftKey && event.detail < 2) {
        this.changed();
        this.host.onShow(entry);
        return;
      }
    }
    this.changed();
  }

  onDoubleClick(event) {
    const entry = this.rowOf(event);
    if (entry && !event.target.closest(".files-check, .files-more, .files-naming")) this.host.onOpen(entry);
  }

  onContextMenu(event) {
    const entry = this.rowOf(event);
    if (!entry || event.target.closest(".files-naming") || event.shiftKey) return;
    event.preventDefault();
    this.openMenu(entry, { x: event.clientX, y: event.clientY });
  }

  /** Of what is selected, or of this one alone. */
  openMenu(entry, at) {
    if (!this.host.selection.has(entry.path)) this.host.selection.only(entry.path);
    this.changed();
    this.host.onMenu(entry, at);
  }

  onEvery() {
    if (this.every.checked) this.host.selection.all();
    else this.host.selection.none();
    this.changed(false);
  }

  changed(takesFocus = true) {
    this.update();
    if (takesFocus && !this.naming) this.focus();
    this.host.onSelect();
  }

  // --- Keys ---

  onFocus(event) {
    const path = event.target.matches?.("tr[data-path]") ? event.target.dataset.path : null;
    if (path === null || path === this.host.selection.focus) return;
    this.host.selection.focus = path;
    this.update();
  }

  onKey(event) {
    if (event.target.closest("button, .files-naming")) return;
    const meant = decide(event);
    if (!meant) return;
    const { selection } = this.host;
    const held = { ctrl: event.ctrlKey || event.metaKey, shift: event.shiftKey };
    event.preventDefault();
    if ("move" in meant) selection.move(meant.move, held);
    else if (meant.toggle) selection.toggle(selection.focus);
    else if (meant.find) this.find(meant.find);
    else if (meant.action === "all") selection.all();
    else if (meant.action === "none") selection.none();
    else return void this.act(meant.action);
    this.changed();
  }

  act(action) {
    const focused = this.entryOf(this.host.selection.focus);
    if (action === "enter") return focused && this.host.onOpen(focused);
    if (action === "menu") return focused && this.openMenu(focused, this.rowAt(focused.path).querySelector(".files-more button"));
    return this.host.onAction(action);
  }

  /** The next name that begins with what was typed just now. */
  find(letter) {
    const now = Date.now();
    this.typed = { text: now - this.typed.at < FIND_MS ? this.typed.text + letter : letter, at: now };
    const wanted = this.typed.text.toLowerCase();
    const from = this.entries.findIndex(({ path }) => path === this.host.selection.focus) + (this.typed.text.length === 1 ? 1 : 0);
    const order = [...this.entries.slice(from), ...this.entries.slice(0, from)];
    const found = order.find(({ name }) => name.toLowerCase().startsWith(wanted));
    if (found) this.host.selection.only(found.path);
  }
}

/** What is said of a name that may be too long to be shown. */
function whole(name) {
  return name.length > LONG_NAME ? name : null;
}

/** Where a name in the list leads: a folder is gone to, a file is shown beside. */
export function addressOfEntry(entry, place) {
  if (entry.kind === "folder") return addressOf({ path: entry.path, owner: place.owner });
  return addressOf({ ...place, show: lastOf(entry.path), tab: "preview" });
}
