// <ivle-files owner="LOGIN" person="LOGIN" csrf="...">: the file browser. Where it is, is the address of the page (place.js).

import { element } from "../site/markup.js";
import { lastOf, nameOf, parentOf, shown } from "../site/paths.js";
import { gettext, ngettext } from "../site/words.js";
import { actionsFor, may } from "./actions.js";
import { FilesApi } from "./api.js";
import { Clipboard } from "./clipboard.js";
import { Doings } from "./doings.js";
import { Head } from "./head.js";
import { showKeys } from "./help.js";
import { emptyFolder, faultInstead } from "./instead.js";
import { decide } from "./keys.js";
import { isEditable } from "./kinds.js";
import { isMenuOpen, openMenu } from "./menu.js";
import { Notice } from "./notice.js";
import { Pane } from "./pane.js";
import { addressOf, isSame, placeOf } from "./place.js";
import { Running } from "./running.js";
import { Selection } from "./selection.js";
import { addressOfEntry, Table } from "./table.js";
import { Targets } from "./targets.js";
import { Toolbar } from "./toolbar.js";
import { Trash } from "./trash.js";
import { Uploads } from "./uploads.js";

const LOOK_AGAIN_MS = 5000;
const SLOW_MS = 300;
const HIDDEN = "ivle-files-hidden";
const DIRECT_KEYS = new Set(["rename", "delete", "copy", "cut"]);

export class IvleFiles extends HTMLElement {
  connectedCallback() {
    if (this.table) return;
    this.owner = this.getAttribute("owner");
    this.isOwn = this.owner === this.getAttribute("person");
    this.place = placeOf(location);
    this.api = new FilesApi({ owner: this.isOwn ? "" : this.owner, csrf: this.getAttribute("csrf") });
    this.selection = new Selection();
    this.clipboard = new Clipboard(sessionStorage);
    this.showsHidden = sessionStorage.getItem(HIDDEN) === "1";
    this.build();
    this.listen();
    this.load();
  }

  disconnectedCallback() {
    clearInterval(this.looking);
    this.leaving.abort();
  }

  build() {
    this.notice = new Notice();
    this.doings = new Doings(this);
    this.head = new Head((place) => this.go(place));
    this.table = new Table(this);
    this.toolbar = new Toolbar({
      newFile: () => this.do("newFile"), newFolder: () => this.do("newFolder"), upload: () => this.picker.click(), paste: () => this.do("paste"),
      refresh: () => this.refresh(), trash: () => this.go({ view: "trash" }), nothing: () => this.choose([]),
      folderMenu: () => this.folderMenu(), do: (id) => this.do(id),
    });
    this.pane = new Pane({
      api: this.api, notice: this.notice, mayWrite: () => this.rights.writable,
      actionsFor: (entry) => actionsFor([entry], this.rights), do: (id, entry) => this.doings.do(id, [entry]),
      onTab: (tab) => this.move({ ...this.place, tab }, "replace"), onClose: () => this.closeFile(), onRestored: () => this.refresh(),
    });
    this.trash = new Trash({ api: this.api, notice: this.notice, element: this }, () => this.load());
    this.uploads = new Uploads({ api: this.api, notice: this.notice, element: this, onUploaded: () => this.refresh() });
    this.running = new Running({ csrf: this.getAttribute("csrf"), onClose: () => this.table.focus() });
    this.picker = element("input", { type: "file", multiple: true, hidden: true, onchange: () => this.onPicked() });
    this.list = element("div", { class: "files-list", tabindex: -1, onkeydown: (event) => this.onKey(event) });
    this.more = element("p", { class: "aside files-more-note", hidden: true });
    this.targets = new Targets(this);
    this.replaceChildren(
      this.head.element, this.toolbar.element,
      element("div", { class: "files-work" }, element("div", { class: "files-front" }, this.list, this.targets.element), this.pane.element),
      this.running.element, element("div", { class: "files-over" }, this.notice.element, this.uploads.element), this.notice.live, this.picker,
    );
  }

  listen() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("popstate", () => this.arrive(placeOf(location)), { signal });
    addEventListener("focus", () => this.refresh(), { signal });
    this.looking = setInterval(() => {
      if (!this.running.element.hidden && document.visibilityState === "visible") this.refresh(); // a program may write files
    }, LOOK_AGAIN_MS);
    this.addEventListener("keydown", (event) => {
      if (event.key !== "?" || event.target.closest("input, textarea, dialog, ivle-console")) return;
      event.preventDefault();
      showKeys(this);
    });
  }

  get rights() {
    return { own: this.isOwn, writable: this.listing?.writable ?? false, isOpen: this.listing?.published ?? false };
  }

  // --- Where it is ---

  /** As a link that is followed; Back leads here again. */
  go(place) {
    return this.move({ owner: this.place.owner, ...place }, "push");
  }

  move(place, how) {
    if (isSame(placeOf(new URL(addressOf(place), location)), this.place) && how === "push") return this.refresh();
    history[`${how}State`](null, "", addressOf(place));
    return this.arrive(placeOf(location));
  }

  async arrive(place) {
    const before = this.place;
    this.place = place;
    if (before.path === place.path && before.view === place.view && this.listing) {
      this.showPane(true);
      return;
    }
    this.table.endNaming();
    this.notice.leave();
    this.selection.none();
    const camefrom = parentOf(before.path) === place.path && before.view === place.view ? before.path : null;
    await this.load(camefrom);
    if (this.table.element.isConnected) this.table.focus();
    else this.list.focus();
  }

  /** The whole of it anew. */
  async load(focused = null) {
    const { place } = this;
    const slow = setTimeout(() => { this.list.classList.add("files-busy"); }, SLOW_MS);
    this.head.showWay(place);
    document.title = `${place.view === "trash" ? gettext("Trash") : nameOf(place.path) || gettext("Files")} – ivle`;
    try {
      if (place.view === "trash") await this.loadTrash();
      else await this.loadFolder(focused);
    } catch (fault) {
      if (fault.name !== "AbortError" && place === this.place) this.showFault(fault);
    }
    clearTimeout(slow);
    this.list.classList.remove("files-busy");
  }

  async loadFolder(focused) {
    const { path } = this.place;
    this.asking?.abort();
    this.asking = new AbortController();
    const listing = await this.api.list(path, this.showsHidden, this.asking.signal);
    if (path !== this.place.path || this.place.view !== "folder") return;
    this.showListing(listing, focused, true);
  }

  async loadTrash() {
    this.listing = null;
    this.pane.hide();
    this.head.showPublished([]);
    this.toolbar.element.hidden = true;
    await this.trash.load();
    if (this.place.view === "trash") this.list.replaceChildren(this.trash.element);
    this.api.list("", false).then(({ quota }) => this.head.showQuota(quota), () => {});
  }

  /** Quietly, and only what has changed; the one that is named gets the selection. */
  async refresh(chosen = null) {
    if (this.place.view === "trash") return this.load();
    if (chosen === null && (this.table.naming || isMenuOpen())) return undefined;
    const { path } = this.place;
    try {
      const listing = await this.api.list(path, this.showsHidden);
      if (path !== this.place.path || this.place.view !== "folder") return undefined;
      if (chosen !== null) this.table.endNaming();
      if (chosen !== null || !this.listing || !isSameList(listing, this.listing)) this.showListing(listing, null);
      else this.showAbout(listing);
    } catch (fault) {
      if (!fault.isLost || !this.listing) this.showFault(fault);
      else this.notice.fault(fault);
    }
    if (chosen !== null) this.choose([chosen]);
    return undefined;
  }

  // --- What it shows ---

  showListing(listing, focused, isNew = false) {
    this.showAbout(listing);
    if (focused) this.selection.focus = focused;
    this.toolbar.element.hidden = false;
    this.table.show(listing.entries);
    this.more.textContent = ngettext("%(count)s more is not shown.", "%(count)s more are not shown.", listing.more);
    this.more.hidden = !listing.more;
    if (listing.entries.length || this.table.naming) this.showTable();
    else {
      const { writable } = this.rights;
      const ways = { newFile: () => this.do("newFile"), upload: () => this.picker.click() };
      this.list.replaceChildren(emptyFolder({ isHome: this.place.path === "", writable, ...ways }));
    }
    this.update();
    this.showPane(isNew);
  }

  /** All but the list itself. */
  showAbout(listing) {
    this.listing = listing;
    this.head.showPublished(listing.published ? [listing.public_url, ...listing.other_urls] : []);
    this.head.showQuota(listing.quota);
  }

  showTable() {
    if (!this.table.element.isConnected) this.list.replaceChildren(this.table.element, this.more);
  }

  /** The bar, and what is marked in the list. */
  update() {
    this.table.update();
    const entries = this.selected;
    if (entries.length) this.toolbar.showSelection(entries.length, actionsFor(entries, this.rights));
    else {
      this.toolbar.showFolder({
        writable: this.rights.writable, pasteCount: this.clipboard.paths.length,
        hidden: { isOn: this.showsHidden, set: (isOn) => this.showHidden(isOn) },
      });
    }
  }

  showFault(fault) {
    this.listing = null;
    this.pane.hide();
    this.toolbar.element.hidden = true;
    this.list.replaceChildren(faultInstead(fault, { home: () => this.go({ path: "" }), again: () => this.load() }));
  }

  showHidden(isOn) {
    this.showsHidden = isOn;
    try {
      sessionStorage.setItem(HIDDEN, isOn ? "1" : "0");
    } catch {
      // It lasts for this page.
    }
    this.refresh();
  }

  // --- The pane ---

  showFile(entry, tab = "preview") {
    return this.move({ ...this.place, show: lastOf(entry.path), tab }, this.place.show ? "replace" : "push");
  }

  closeFile() {
    if (!this.place.show) return;
    this.move({ ...this.place, show: "", tab: "preview" }, "replace");
    this.table.focus();
  }

  /** isNew: one came here for it, so it is selected, and it is said when it is not there. */
  showPane(isNew) {
    const { show, tab } = this.place;
    const entry = show && this.listing?.entries.find(({ path }) => lastOf(path) === show);
    this.classList.toggle("files-showing", Boolean(entry));
    if (!entry) {
      if (show && this.listing && isNew) this.notice.show({ sentence: gettext("%(name)s is not here any more.", { name: shown(show) }), isGood: false, isOfPlace: true });
      this.pane.hide();
      if (show && this.listing) this.move({ ...this.place, show: "", tab: "preview" }, "replace");
      return;
    }
    if (isNew && !this.selection.has(entry.path)) {
      this.selection.only(entry.path);
      this.update();
    }
    this.pane.show(entry, tab);
  }

  // --- What the list tells (table.js) ---

  get selected() {
    return this.selection.paths.map((path) => this.table.entryOf(path)).filter(Boolean);
  }

  onSelect() {
    this.update();
    const [entry, ...others] = this.selected;
    if (!this.place.show || !entry || others.length || entry.kind !== "file") return;
    clearTimeout(this.following);
    this.following = setTimeout(() => {
      if (this.place.show && this.selection.has(entry.path)) this.showFile(entry, this.place.tab);
    }, 120);
  }

  onShow(entry) {
    if (entry.kind === "folder") this.go({ path: entry.path });
    else if (entry.kind === "file") this.showFile(entry);
  }

  onOpen(entry) {
    if (entry.kind === "folder") this.go({ path: entry.path });
    else if (isEditable(entry)) this.doings.do("edit", [entry]);
    else if (entry.kind === "file") this.showFile(entry);
  }

  onOrder(order) {
    this.table.show(this.table.entries, order);
  }

  onMenu(entry, at) {
    const entries = this.selected;
    const offered = actionsFor(entries, this.rights).map((one) => ({ ...one, call: () => this.do(one.id) }));
    const label = entries.length > 1 ? gettext("What is selected") : entry.name;
    openMenu(this, { entries: offered, at, label, from: this.table.rowAt(entry.path) });
  }

  /** The list has the keys where it is empty. */
  onKey(event) {
    const action = event.target === this.list && decide(event)?.action;
    if (action !== "up" && action !== "paste") return;
    event.preventDefault();
    this.onAction(action);
  }

  onAction(action) {
    if (action === "up") return this.place.path && this.go({ path: parentOf(this.place.path) });
    if (action === "help") return showKeys(this);
    if (action === "paste") return this.rights.writable && this.do("paste");
    const focused = this.table.entryOf(this.selection.focus);
    const entries = this.selected.length || !focused ? this.selected : [focused];
    return DIRECT_KEYS.has(action) && may(action, entries, this.rights) && this.doings.do(action, entries);
  }

  isCut(path) {
    return this.clipboard.isCutting(path);
  }

  addressFor(entry) {
    return addressOfEntry(entry, this.place);
  }

  choose(paths) {
    this.selection.none();
    for (const path of paths) if (this.table.entryOf(path)) this.selection.toggle(path);
    this.update();
    this.table.focus();
  }

  do(id) {
    return this.doings.do(id, this.selected);
  }

  folderMenu() {
    const { path } = this.place;
    const here = { path, kind: "folder", name: path ? nameOf(path) : gettext("Files") };
    const { published } = this.listing;
    const entries = [
      { group: "run", label: gettext("Serve this folder"), call: () => this.doings.do("serve", [here]), needs: "own" },
      { group: "show", label: published ? gettext("Unpublish this folder") : gettext("Publish this folder"), needs: "writable",
        call: () => this.doings.do(published ? "unpublish" : "publish", [here]) },
      { group: "show", ...this.doings.everything, needs: "own" },
      { group: "show", label: gettext("Download this folder"), call: () => this.doings.do("download", [here]) },
      { group: "view", label: this.showsHidden ? gettext("Hide hidden files") : gettext("Show hidden files"), call: () => this.showHidden(!this.showsHidden) },
      { group: "view", label: gettext("Refresh"), call: () => this.refresh() },
      { group: "view", label: gettext("Trash"), call: () => this.go({ view: "trash" }), needs: "writable" },
      { group: "view", label: gettext("Keys"), call: () => showKeys(this) },
    ];
    return entries.filter(({ needs }) => !needs || this.rights[needs]);
  }

  // --- What is brought from the computer ---

  onPicked() {
    const files = [...this.picker.files].map((file) => ({ file, folders: [] }));
    this.picker.value = "";
    this.uploads.add(files, this.place.path).catch((fault) => this.notice.fault(fault));
  }
}

/** Rows that have not changed stay: a click may be under way on one. */
function isSameList(one, other) {
  const [a, b] = [one, other].map(({ entries, more, writable, published }) => JSON.stringify([entries, more, writable, published]));
  return a === b;
}

customElements.define("ivle-files", IvleFiles);
