// A box that is worked with: its text in CodeMirror, its file, its runs. Fetched when the first box of a page is used, by box.js.

import { Fault } from "../site/asking.js";
import { ask } from "../site/dialogs.js";
import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";
import { BoxFile, BoxFiles } from "./box_file.js";
import { Output } from "./output.js";
import { WebPane } from "./web_pane.js";

const TO_CONSOLE_AFTER_MS = 150; // a program that is over by then needs no keyboard
const KEPT_ALIVE_MAX_BYTES = 32_000;
const REPL_ROWS = [14, 20];

export class Work {
  constructor(box) {
    this.box = box;
    const { csrf, login } = box.closest("[data-csrf]").dataset;
    const { path, kind, etag, unread } = box.dataset;
    Object.assign(this, { csrf, login, path, kind });
    // What is sent arrives though the page is left meanwhile, as far as browsers allow.
    const fetch = (address, options) => globalThis.fetch(address, { ...options, keepalive: (options.body?.length ?? 0) < KEPT_ALIVE_MAX_BYTES });
    this.files = new BoxFiles({ csrf, fetch });
    const text = unread === undefined ? box.parts.code.textContent : null;
    this.file = new BoxFile({ path, files: this.files, text, etag: etag || null });
    this.file.addEventListener("change", () => this.onFile());
    this.file.addEventListener("saved", () => this.onFile());
    this.file.addEventListener("text", () => this.code?.replace(this.file.text, this.file.style));
    this.output = new Output({ place: box.parts.output, csrf, onState: () => this.onOutput(), rows: kind === "repl" ? REPL_ROWS : undefined });
    document.addEventListener("visibilitychange", () => document.hidden && this.saveIfChanged());
    window.addEventListener("beforeunload", (event) => this.hasUnsaved && event.preventDefault());
  }

  get hasUnsaved() {
    return Boolean(this.isTouched && this.file.isDirty);
  }

  saveIfChanged() {
    return this.hasUnsaved ? this.file.save() : true;
  }

  // --- The text ---

  /** at: {x, y} of a click. */
  async edit(at) {
    this.opening ??= this.open();
    await this.opening;
    const position = at && this.code.view.posAtCoords(at);
    if (Number.isInteger(position)) this.code.view.dispatch({ selection: { anchor: position } });
    this.code.focus();
  }

  async open() {
    this.box.classList.add("box-opening");
    const [{ Code }, { settingsOfEditor }] = await Promise.all([import("../editor/code.js"), import("../editor/settings.js"), this.file.ready]);
    const nothing = () => {};
    const commands = { run: () => this.run(), keep: () => this.run(), save: () => this.keep(), format: nothing, problem: nothing };
    const listener = { commands, onEdited: (text) => this.onEdited(text), onCursor: nothing };
    this.code = new Code({ path: this.path, settings: settingsOfEditor(), listener });
    this.code.begin(this.file.text, this.file.style);
    await this.code.loadLanguage(); // or it would be without colours for a moment
    this.box.parts.text.replaceChildren(this.code.element);
    this.box.classList.remove("box-opening");
  }

  onEdited(text) {
    this.isTouched = true;
    this.lastEdit = performance.now();
    this.box.parts.undo.hidden = true;
    this.file.edited(text);
  }

  onFile() {
    const { file, box } = this;
    box.classList.toggle("box-unsaved", Boolean(file.failure));
    this.showConflict();
    if (file.state === "refused") box.say(file.sentence, "failed");
    else if (file.failure && !file.conflict) box.say(file.failure, "failed");
    else if (this.output.state === "running" || this.output.state === "starting") return;
    else if (!this.isTouched) return;
    else if (file.isSaving) box.say(gettext("Saving …"));
    else if (file.savedAt && !file.isDirty) box.say(gettext("Saved"), "saved");
  }

  async keep() {
    this.isTouched = true;
    await this.file.save();
  }

  showConflict() {
    const { notice } = this.box.parts;
    const { conflict } = this.file;
    notice.hidden = !conflict;
    if (!conflict) return;
    notice.replaceChildren(
      element("p", {}, gettext("This was changed somewhere else since you opened the page: in another tab, or in the editor.")),
      conflict.text === null ? "" : button(gettext("Take what is saved"), () => this.file.takeTheirs()),
      button(gettext("Keep mine"), () => this.file.settle(this.file.text)),
    );
  }

  // --- Runs ---

  async run() {
    const { box, kind } = this;
    if (box.parts.run.disabled) return;
    const started = performance.now();
    try {
      await this.prepare();
      if (kind === "web") await this.serve();
      else await this.start(started);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      box.say(fault.message, "failed");
    }
  }

  /** The files of other boxes of the page, which it may open, are there. */
  async prepare() {
    await this.file.ready;
    if (this.kind === "repl") return;
    const others = [...document.querySelectorAll("ivle-box")].filter((one) => one !== this.box && ["file", "web"].includes(one.dataset.kind));
    await Promise.all(others.map((one) => one.work((work) => work.beThere())));
  }

  /** session: of its console, which runs what is saved at once; see OpenFile. */
  async saveToRun(session = null) {
    if (await this.file.save(session)) return;
    if (session) this.output.giveUp();
    throw new Fault(0, this.file.failure || this.file.sentence || gettext("Not saved, so not run."));
  }

  /** What nobody has touched is saved too, once. */
  async beThere() {
    await this.file.ready;
    if (this.file.isNew || this.hasUnsaved) await this.file.save();
  }

  async start(started) {
    const { setup } = this.box;
    const text = this.kind === "repl" ? [setup, this.file.text].filter(Boolean).join("\n") : setup;
    if (text && this.written !== text) {
      await this.files.put(this.hidden, text);
      this.written = text;
    }
    const { environment } = this.box.closest("[data-environment]")?.dataset ?? {};
    const what = { program: "python", policy: "unique", ...(environment && { environment }) };
    if (this.kind === "repl") Object.assign(what, text ? { path: this.hidden, after: "prompt" } : {});
    else Object.assign(what, { path: this.path }, setup && { setup: this.hidden });
    const session = this.kind !== "repl" && this.file.isDirty ? this.output.expect(what) : null;
    const lends = () => this.lend(started);
    this.lends = lends; // it may be running before the answer is there
    if (this.kind !== "repl") await this.saveToRun(session);
    if (session && this.file.hasRestarted) {
      if (this.output.state === "ended") this.box.say(this.output.sentence, "ended"); // sooner than it was known to be saved
      return;
    }
    if (session) this.output.giveUp();
    this.lends = lends;
    await this.output.run(what);
  }

  /** Beside its file, where lists do not show it. */
  get hidden() {
    const at = this.path.lastIndexOf("/") + 1;
    return `${this.path.slice(0, at)}.${this.path.slice(at)}`;
  }

  /** The keyboard goes to a program that still runs, unless its person types on in the text, and comes back at its end. */
  lend(started) {
    const isHere = this.box.contains(document.activeElement) || document.activeElement === document.body;
    if (this.output.state !== "running" || this.lastEdit > started || !isHere) return;
    this.lender = this.box.contains(document.activeElement) ? document.activeElement : null;
    this.output.focus();
  }

  onOutput() {
    const { state, sentence, hasFocus } = this.output;
    const { run, stop } = this.box.parts;
    const isRunning = state === "starting" || state === "running";
    stop.hidden = !isRunning;
    run.classList.toggle("box-busy", isRunning);
    if (isRunning) this.box.say(sentence || gettext("Running …"), "running");
    if (state === "running" && this.lends) setTimeout(this.lends, TO_CONSOLE_AFTER_MS);
    if (state !== "starting") this.lends = null;
    if (state !== "ended") return;
    this.box.say(sentence, "ended");
    if (hasFocus && this.kind !== "repl") (this.lender?.isConnected ? this.lender : run).focus();
  }

  stop() {
    this.output.stop();
  }

  async serve() {
    await this.saveToRun();
    this.pane ??= new WebPane({ place: this.box.parts.output, address: `/serve/${this.login}/${this.path}` });
    this.pane.load();
    this.box.say(gettext("Saved, and shown below."), "saved");
  }

  // --- The menu ---

  async reset() {
    const heading = gettext("Reset to what was here at first?");
    const text = gettext("Your text goes out of the box. You can undo this, and Earlier versions keeps what was saved.");
    if (!(await ask(this.box, { heading, text, yes: gettext("Reset"), no: gettext("Keep mine") }))) return;
    await this.takeText(this.box.start);
    this.box.say(gettext("As at first."));
    this.box.parts.undo.hidden = false;
  }

  /** A text from elsewhere, as a change that can be undone. */
  async takeText(text) {
    await this.file.ready;
    this.before = this.file.text;
    await this.edit();
    this.code.replace(text, {}, true);
    this.isTouched = true;
    await this.file.save();
  }

  async undo() {
    const { before } = this;
    await this.takeText(before);
    this.box.say(gettext("Your text is back."));
    this.box.parts.undo.hidden = true;
  }

  async versions() {
    await this.saveIfChanged();
    const { showVersions } = await import("./versions.js");
    await showVersions(this.box, { files: this.files, path: this.path, onChoose: (text) => this.chosen(text) });
  }

  async chosen(text) {
    await this.takeText(text);
    this.box.say(gettext("An earlier version."));
    this.box.parts.undo.hidden = false;
  }

  async editor() {
    if (this.kind !== "repl" && (await this.file.ready, await this.file.save())) location.assign(`/edit/${this.path}`);
  }
}
