// What the buttons, menus and keys do to the files: one method for each action of actions.js. Used by element.js.

import { encodeName, join, lastOf, nameOf, parentOf } from "../site/paths.js";
import { ngettext, gettext } from "../site/words.js";
import { outcomeOf } from "./outcome.js";
import { offerPublishing, showAddress } from "./sharing.js";

export class Doings {
  /** host: the element: {api, notice, table, selection, clipboard, place, listing, refresh(), go(place), ...}. */
  constructor(host) {
    this.host = host;
  }

  /** Entries: what is selected, or the one of the pane. What is refused is said. */
  do(id, entries) {
    return this.guard(() => this[`do_${id}`](entries));
  }

  async guard(call) {
    try {
      await call();
    } catch (fault) {
      this.host.notice.fault(fault);
    }
  }

  async settle(what, answer, actions = []) {
    this.host.notice.show({ ...outcomeOf(what, answer), actions: answer.done.length ? actions : [] });
    await this.host.refresh();
  }

  // --- Open and run ---

  do_open([entry]) {
    return this.host.go({ path: entry.path, owner: this.host.place.owner });
  }

  do_edit([entry]) {
    location.assign(`/edit/${entry.path}${this.host.place.owner ? `?${new URLSearchParams({ owner: this.host.place.owner })}` : ""}`);
  }

  do_preview([entry]) {
    return this.host.showFile(entry, "preview");
  }

  do_versions([entry]) {
    return this.host.showFile(entry, "versions");
  }

  do_run([entry]) {
    return this.host.running.run(entry, "");
  }

  do_runThenPrompt([entry]) {
    return this.host.running.run(entry, "prompt");
  }

  async do_serve([entry]) {
    if (entry.kind === "folder" && !(await this.hasIndex(entry.path))) {
      const sentence = gettext("%(name)s has no index.py or index.html to begin with. Make one, or serve a file.", { name: entry.name });
      this.host.notice.show({ sentence, isGood: false, isOfPlace: true });
      return;
    }
    open(`/serve/${this.host.owner}/${entry.path}${entry.kind === "folder" ? "/" : ""}`, "_blank", "noopener");
  }

  async hasIndex(path) {
    const { entries, more } = await this.host.api.list(path, false);
    return more > 0 || entries.some(({ exact, kind }) => kind === "file" && (exact === "index.py" || exact === "index.html"));
  }

  do_download(entries) {
    const { api } = this.host;
    const isOneFile = entries.length === 1 && entries[0].kind === "file";
    const link = document.createElement("a");
    link.href = isOneFile ? api.content(entries[0].path, true) : api.zip(entries.map(({ path }) => path));
    link.download = isOneFile ? entries[0].name : "";
    this.host.append(link);
    link.click();
    link.remove();
  }

  // --- Names ---

  do_rename([entry]) {
    this.host.table.rename(entry, async (text) => {
      const { path = join(parentOf(entry.path), encodeName(text)) } = await this.host.api.rename(entry.path, encodeName(text));
      this.host.notice.say(gettext("Renamed to %(name)s.", { name: text }));
      await this.host.refresh(path);
    });
  }

  do_newFile() {
    this.add(false, gettext("Name of the new file"), "program.py", (path) => this.host.api.makeFile(path));
  }

  do_newFolder() {
    this.add(true, gettext("Name of the new folder"), gettext("folder"), (path) => this.host.api.makeFolder(path));
  }

  add(isFolder, label, placeholder, make) {
    this.host.showTable();
    this.host.table.add({
      isFolder, label, placeholder,
      save: async (text) => {
        const path = join(this.host.place.path, encodeName(text));
        await make(path);
        const isHidden = text.startsWith(".") && !this.host.showsHidden;
        this.host.notice.show({
          sentence: isHidden
            ? gettext("%(name)s is made. Names that begin with a dot are hidden: tick Hidden files to see it.", { name: text })
            : gettext("%(name)s is made. Press Enter to open it.", { name: text }),
          isOfPlace: true,
        });
        await this.host.refresh(path);
      },
    });
  }

  // --- Copy, cut, paste, delete ---

  do_copy(entries) {
    this.take(entries, false, (count) => ngettext("%(count)s thing copied. Go where it shall be, then paste.", "%(count)s things copied. Go where they shall be, then paste.", count));
  }

  do_cut(entries) {
    this.take(entries, true, (count) => ngettext("%(count)s thing cut. Go where it shall be, then paste.", "%(count)s things cut. Go where they shall be, then paste.", count));
  }

  take(entries, isCut, words) {
    this.host.clipboard.put(entries.map(({ path }) => path), isCut);
    this.host.notice.show({ sentence: words(entries.length) });
    this.host.update();
  }

  async do_paste() {
    const { clipboard, place } = this.host;
    const sentences = {
      empty: gettext("There is nothing to paste. Copy or cut something first."),
      inside: gettext("A folder cannot be put into itself. Go to another folder, then paste."),
      same: gettext("What you cut is here already. Go to another folder, then paste."),
    };
    const fault = clipboard.faultOf(place.path);
    if (fault) return void this.host.notice.show({ sentence: sentences[fault], isGood: fault === "same", isOfPlace: true });
    const { paths, isCut } = clipboard;
    const done = await this.put(paths, place.path, !isCut);
    if (isCut) clipboard.clear();
    this.host.update();
    this.host.choose(done);
  }

  /** What was dragged onto a folder. */
  async drop(paths, to, isCopy) {
    await this.guard(() => this.put(paths, to, isCopy));
    this.host.table.focus();
  }

  /** Into a folder, with a way back; the paths that came of it. */
  async put(paths, to, isCopy) {
    const answer = await this.host.api.move(paths, to, isCopy);
    const [from, ...others] = new Set(paths.map(parentOf));
    const back = isCopy
      ? async () => this.settle("delete", await this.host.api.remove(answer.done))
      : async () => this.settle("restore", await this.host.api.move(answer.done, from, false));
    const undo = { label: gettext("Undo"), call: () => this.guard(back) };
    await this.settle(isCopy ? "copy" : "move", answer, isCopy || !others.length ? [undo] : []);
    return answer.done;
  }

  async do_delete(entries) {
    const answer = await this.host.api.remove(entries.map(({ path }) => path));
    const undo = { label: gettext("Undo"), call: () => this.undo(answer.trash) };
    await this.settle("delete", answer, answer.trash === null ? [] : [undo]);
    this.host.table.focus();
  }

  async undo(id) {
    const answer = await this.host.api.restore(id).catch((fault) => this.host.notice.fault(fault));
    if (!answer) return;
    await this.settle("restore", answer);
    this.host.choose(answer.done);
  }

  // --- Showing to others ---

  get everything() {
    return { label: gettext("What everybody sees"), call: () => location.assign("/public/") };
  }

  do_publish([entry]) {
    return this.publish(entry.path, entry.name);
  }

  async publish(path, name) {
    const { public_url: address } = await this.host.api.publish(path, true);
    await this.host.refresh();
    if (address) showAddress(this.host, { name, address });
  }

  async do_unpublish([entry]) {
    return this.unpublish(entry.path, entry.name);
  }

  async unpublish(path, name) {
    const { published, public_url: address } = await this.host.api.publish(path, false);
    const sentence = published
      ? gettext("%(name)s can still be seen at %(address)s", { name, address })
      : gettext("%(name)s is yours alone again.", { name });
    this.host.notice.show({ sentence, isGood: !published, actions: published ? [this.everything] : [] });
    await this.host.refresh();
  }

  async do_share([entry]) {
    const { listing, place } = this.host;
    if (!listing.published) {
      const folder = place.path ? nameOf(place.path) : gettext("Files");
      if (!(await offerPublishing(this.host, { name: entry.name, folder }))) return;
      await this.host.api.publish(place.path, true);
      await this.host.refresh();
    }
    if (!this.host.table.entryOf(entry.path)?.published) {
      const sentence = gettext("%(name)s cannot be shared. Names that begin with a dot, and compiled programs, are never shown.", { name: entry.name });
      this.host.notice.show({ sentence, isGood: false, isOfPlace: true });
      return;
    }
    showAddress(this.host, { name: entry.name, address: `${this.host.listing.public_url}${lastOf(entry.path)}` });
  }
}
