// The uploads under way, each with its bar; choosing what goes up, and whether a zip is unpacked. Used by element.js.

import { actions, show } from "../site/dialogs.js";
import { check } from "../site/fields.js";
import { button, element } from "../site/markup.js";
import { percentOf, sizeOf } from "../site/measures.js";
import { encodeName, join, shown, visible } from "../site/paths.js";
import { gettext, ngettext } from "../site/words.js";
import { isZip } from "./kinds.js";
import { Upload, UploadQueue } from "./upload.js";

const KEPT = "ivle-upload ";

const clock = {
  now: () => performance.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** The ids of uploads that are not done, in this browser: the same file, chosen again after a reload, goes on. */
const kept = {
  get: (key) => {
    try {
      return localStorage.getItem(KEPT + key);
    } catch {
      return null;
    }
  },
  set: (key, id) => {
    try {
      localStorage.setItem(KEPT + key, id);
    } catch {
      // Without it, it begins anew after a reload.
    }
  },
  delete: (key) => {
    try {
      localStorage.removeItem(KEPT + key);
    } catch {
      // There was nothing.
    }
  },
};

export class Uploads {
  /** host: {api, notice, element, onUploaded()}. */
  constructor(host) {
    this.host = host;
    this.queue = new UploadQueue();
    this.rows = new Map();
    this.list = element("ul", {});
    this.title = element("h2", {});
    this.clear = button("✕", () => this.close(), { class: "files-plain", "aria-label": gettext("Close the list of uploads") });
    this.element = element("section", { class: "files-uploads", hidden: true, "aria-label": gettext("Uploads") }, element("header", {}, this.title, this.clear), this.list);
    this.wake = () => this.uploads.forEach((upload) => upload.hurry());
    globalThis.addEventListener("online", this.wake);
    globalThis.addEventListener("beforeunload", (event) => {
      if (this.uploads.some(({ isOver }) => !isOver)) event.preventDefault();
    });
  }

  get uploads() {
    return [...this.rows.keys()];
  }

  /** files: [{file, folders: [names on the way]}]; into: the folder's path. Zips are asked about first. */
  async add(files, into) {
    const unpacked = await this.askAboutZips(files);
    if (!unpacked || !files.length) return;
    await this.makeFolders(files, into);
    const made = files.map(({ file, folders }) => new Upload({
      file, folder: folders.reduce((path, name) => join(path, encodeName(name)), into), name: encodeName(file.name), unzip: unpacked.has(file),
      api: this.host.api, clock, kept, onChange: (upload) => this.update(upload),
    }));
    for (const upload of made) this.addRow(upload);
    this.element.hidden = false;
    await Promise.all(made.map((upload) => this.queue.add(upload).then(() => this.after(upload))));
  }

  /** What came of one: the list has more in it, and what was left out of a zip is told. */
  after({ state, result }) {
    if (state !== "done") return;
    this.host.onUploaded();
    const { failed = [], more_failed: more = 0 } = result;
    if (!failed.length) return;
    const count = failed.length + more;
    const sentence = ngettext("%(count)s thing of the zip was left out:", "%(count)s things of the zip were left out:", count);
    this.host.notice.show({ sentence, faults: failed.map(({ name, detail }) => ({ name: visible(name), detail })), isGood: false });
  }

  /** Promises the zips that shall be unpacked; null for none of all this. */
  askAboutZips(files) {
    const zips = files.map(({ file }) => file).filter(({ name }) => isZip(name));
    if (!zips.length) return new Set();
    return new Promise((resolve) => {
      let answer = null;
      const unzipped = new Set(zips);
      const words = (file) => element("span", {}, gettext("Unzip"), " ", element("bdi", {}, file.name), ` (${sizeOf(file.size)})`);
      const checks = zips.map((file) => check(words(file), true, (isOn) => (isOn ? unzipped.add(file) : unzipped.delete(file))));
      const go = () => {
        answer = unzipped;
        dialog.close();
      };
      const dialog = show(
        this.host.element, ngettext("Upload %(count)s file", "Upload %(count)s files", files.length),
        element("p", {}, gettext("A zip that is unzipped becomes a folder with what is in it.")),
        ...checks,
        actions(button(gettext("Upload"), go, { class: "primary", autofocus: true }), button(gettext("Cancel"), () => dialog.close())),
      );
      dialog.addEventListener("close", () => resolve(answer));
    });
  }

  /** Of a folder that was dropped. One that is there already does. */
  async makeFolders(files, into) {
    const paths = new Set(files.flatMap(({ folders }) =>
      folders.map((_, index) => folders.slice(0, index + 1).reduce((path, name) => join(path, encodeName(name)), into))));
    for (const path of [...paths].sort()) await this.host.api.makeFolder(path).catch(() => {});
  }

  // --- The list ---

  addRow(upload) {
    const row = {
      bar: element("progress", { max: Math.max(1, upload.file.size), value: 0, "aria-label": gettext("Upload of %(name)s", { name: shown(upload.name) }) }),
      words: element("span", { class: "aside" }),
      buttons: element("span", { class: "files-buttons" }),
    };
    row.element = element("li", {}, element("bdi", {}, shown(upload.name)), row.words, row.bar, row.buttons);
    this.rows.set(upload, row);
    this.list.append(row.element);
    this.update(upload);
  }

  update(upload) {
    const row = this.rows.get(upload);
    if (!row) return;
    row.bar.value = upload.sent_bytes;
    if (upload.state === "done") row.bar.value = row.bar.max;
    row.element.dataset.state = upload.state;
    row.words.textContent = WORDS[upload.state](upload);
    row.bar.hidden = ["done", "failed", "cancelled", "exists"].includes(upload.state);
    if (row.state !== upload.state) row.buttons.replaceChildren(...this.buttonsFor(upload));
    row.state = upload.state;
    this.sum();
  }

  buttonsFor(upload) {
    const again = (call) => () => this.queue.add(upload, call).then(() => this.after(upload));
    const cancel = button(gettext("Cancel"), () => upload.cancel(), { "aria-label": gettext("Cancel the upload of %(name)s", { name: shown(upload.name) }) });
    const offered = {
      waiting: [cancel],
      sending: [cancel],
      lost: [button(gettext("Try now"), () => upload.hurry()), cancel],
      exists: [button(gettext("Replace it"), again(() => upload.replace())), button(gettext("Keep the old one"), () => upload.cancel())],
      failed: [button(gettext("Try again"), again(() => upload.retry()))],
    };
    return offered[upload.state] ?? [];
  }

  sum() {
    const all = this.uploads;
    const open = all.filter(({ isOver }) => !isOver);
    const done = all.filter(({ state }) => state === "done").length;
    const sent = all.reduce((sum, { sent_bytes: bytes }) => sum + bytes, 0);
    const whole = all.reduce((sum, { file }) => sum + file.size, 0);
    this.title.textContent = open.length
      ? gettext("Uploading: %(percent)s %", { percent: percentOf(sent, whole) })
      : done ? ngettext("%(count)s file uploaded", "%(count)s files uploaded", done) : gettext("Nothing was uploaded");
    this.clear.hidden = open.length > 0;
    if (!open.length && this.title.textContent !== this.said) this.host.notice.say(this.title.textContent);
    this.said = this.title.textContent;
  }

  close() {
    this.rows.clear();
    this.list.replaceChildren();
    this.element.hidden = true;
  }
}

const WORDS = {
  waiting: () => gettext("waiting"),
  sending: ({ sent_bytes: sent, file }) => gettext("%(sent)s of %(size)s", { sent: sizeOf(sent), size: sizeOf(file.size) }),
  lost: ({ sent_bytes: sent, file }) => gettext("The connection is lost at %(sent)s of %(size)s. It goes on by itself.", { sent: sizeOf(sent), size: sizeOf(file.size) }),
  exists: ({ name }) => gettext("There is a %(name)s here already. Shall the new one take its place?", { name: shown(name) }),
  failed: ({ sentence }) => sentence,
  cancelled: () => gettext("cancelled"),
  done: ({ result, file }) => (result.files > 1
    ? ngettext("✓ %(count)s file unzipped", "✓ %(count)s files unzipped", result.files)
    : gettext("✓ %(size)s", { size: sizeOf(file.size) })),
};
