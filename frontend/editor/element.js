// <ivle-editor login owner csrf writable>: the editor of the page at /edit/<path>, with the console and the web page of
// the file in it. Tabs, text, runs and panes are modules of their own; here is what each button and key does.

import { LOCAL_STORAGE } from "../console/settings.js";
import { splitter } from "../console/splitter.js";
import { ask } from "../site/dialogs.js";
import { button, element } from "../site/markup.js";
import { asTyped, canonical, nameOf, ofTyped, shown } from "../site/paths.js";
import { gettext } from "../site/words.js";
import { choicesOf } from "./choices.js";
import { Drafts } from "./drafts.js";
import { DraftsDatabase } from "./drafts_database.js";
import { Files } from "./files.js";
import { KEYS } from "./keys.js";
import { LanguageHelp, NO_HELP } from "./language.js";
import { menu } from "./menu.js";
import { noticeFor } from "./notices.js";
import { Presence } from "./presence.js";
import { Preview } from "./preview.js";
import { Problems } from "./problems.js";
import { Runner } from "./runner.js";
import { settingsOfEditor } from "./settings.js";
import { Sheet } from "./sheet.js";
import { Strip } from "./strip.js";
import { Tabs } from "./tabs.js";

const BASE = "/edit/";
const TO_CONSOLE_AFTER_MS = 150; // a program that is over by then needs no keyboard
const EXAMPLE = { path: "hello.py", text: 'name = input("What is your name? ")\nprint("Hello,", name)\n' };
const SERVED = /\.(py|html?)$/i;

export class IvleEditor extends HTMLElement {
  async connectedCallback() {
    if (this.settings) return;
    this.settings = settingsOfEditor();
    const [login, owner, csrf] = ["login", "owner", "csrf"].map((name) => this.getAttribute(name));
    Object.assign(this, { login, owner, csrf, writable: this.hasAttribute("writable"), isOwn: login === owner });
    this.sheets = new Map();
    this.files = new Files({ csrf, owner: this.isOwn ? "" : owner });
    this.help = new LanguageHelp({ login, onLost: () => this.dropHelp() });
    this.build();
    const presence = await new Presence().begin();
    this.drafts = new Drafts({ login, storage: new DraftsDatabase(), presence, files: this.files });
    this.begin();
  }

  begin() {
    window.addEventListener("popstate", () => this.follow());
    window.addEventListener("beforeunload", (event) => {
      if (this.writable && this.drafts.isBehind) event.preventDefault();
    });
    this.follow();
    if (!this.writable) return;
    const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
    whenIdle(() => this.runner.load());
    this.runner.comeBack();
  }

  build() {
    const names = ["run", "keep", "save", "format", "problem"];
    const commands = Object.fromEntries(names.map((name) => [name, (what) => this[`do_${name}`](what)]));
    this.listener = {
      commands,
      onChange: (sheet) => this.onChange(sheet),
      onEdited: (sheet) => this.onEdited(sheet),
      onSaved: () => this.preview.reload(),
      onCursor: (sheet) => sheet === this.sheet && this.strip.showCursor(sheet.cursor),
    };
    this.tabs = new Tabs({
      storage: LOCAL_STORAGE,
      key: `ivle-editor-open ${this.owner}`,
      addressOf: (path) => this.addressOf(path),
      onOpen: (path) => this.open(path),
      onClose: (path) => this.do_close(path),
    });
    this.strip = new Strip({ onProblems: () => { this.problems.element.hidden = !this.problems.element.hidden; } });
    this.problems = new Problems({
      ask: (path, text) => this.files.lint(path, text),
      onGo: (line, column) => this.sheet.code.goTo(line, column),
      onCount: () => this.strip.showProblems(this.problems.summary),
    });
    this.consolePlace = element("div", { class: "editor-console", hidden: true });
    this.runner = new Runner({
      place: this.consolePlace,
      csrf: this.csrf,
      login: this.login,
      onState: () => this.onRunner(),
      onGo: ({ path, line }) => this.open(ofTyped(path), { line }),
    });
    this.preview = new Preview({ onClose: () => this.onPanes() });
    this.notice = element("div", { class: "editor-notices" });
    this.choices = choicesOf(this);
    this.place = element("div", { class: "editor-code" });
    this.live = element("p", { class: "unseen", role: "status" });
    const main = element("div", { class: "editor-main" }, this.notice, this.place, this.problems.element, this.strip.element);
    const front = element("div", { class: "editor-front" });
    this.work = element("div", { class: "editor-work" });
    const share = (setting, property, label) => ({ setting, property, label: () => label });
    this.frontLine = splitter(front, this.settings, share("frontShare", "--front-share", gettext("Share of the text beside the web page")));
    this.line = splitter(this.work, this.settings, share("codeShare", "--code-share", gettext("Share of the text")));
    front.append(main, this.frontLine, this.preview.element);
    this.work.append(front, this.line, this.consolePlace);
    this.replaceChildren(element("div", { class: "editor-bar" }, this.tabs.element, this.buttons()), this.work, this.live);
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.settings.addEventListener("change", () => this.onSettings());
    this.onSettings();
  }

  buttons() {
    const narrow = (keys) => ({ keys, isNarrow: true });
    this.go = button(gettext("Run"), () => this.do_run(), { class: "primary", title: KEYS.run });
    this.halt = button(gettext("Stop"), () => this.do_stop(), { disabled: true });
    this.serve = button(gettext("Serve"), () => this.do_serve(), { class: "editor-wide", title: gettext("See it as a web page, beside the text") });
    this.keep = button(gettext("Save"), () => this.do_save(), { class: "editor-wide", title: KEYS.save });
    this.more = menu(gettext("More"), [
      [gettext("Save"), () => this.do_save(), narrow(KEYS.save)],
      [gettext("Serve"), () => this.do_serve(), narrow()],
      [gettext("Run and keep the prompt"), () => this.do_keep(), { keys: KEYS.keep }],
      [gettext("Format"), () => this.do_format(), { keys: KEYS.format }],
      [gettext("Find and replace"), () => this.sheet?.code.find(), { keys: KEYS.find }],
      [gettext("Problems"), () => { this.problems.element.hidden = false; }],
      [gettext("Open a file"), () => this.do_open()],
      [gettext("Settings"), () => this.window("showSettings", this.settings)],
      [gettext("Keys"), () => this.window("showKeys"), { keys: "?" }],
    ]);
    const ofOwner = this.writable ? [this.go, this.halt, this.serve, this.keep] : [];
    return element("div", { class: "editor-buttons" }, ...ofOwner, this.more);
  }

  // --- Which file ---

  addressOf(path) {
    return BASE + path + (this.isOwn ? "" : `?owner=${encodeURIComponent(this.owner)}`);
  }

  /** Shows what the address says. */
  follow() {
    const path = canonical(location.pathname.slice(BASE.length));
    const line = Number(/^#L(\d+)$/.exec(location.hash)?.[1]);
    if (path) this.show(path, { line });
    else this.showNothing();
  }

  open(path, { line } = {}) {
    if (path !== this.sheet?.path) history.pushState(null, "", this.addressOf(path));
    return this.show(path, { line });
  }

  async show(path, { line, text } = {}) {
    if (!this.sheets.has(path)) {
      const { files, drafts, writable, settings, listener } = this;
      this.sheets.set(path, new Sheet({ path, files, drafts, writable, settings, listener }));
    }
    const sheet = this.sheets.get(path);
    const isOther = sheet !== this.sheet;
    this.sheet = sheet;
    this.tabs.show(path);
    if (isOther) this.problems.forget();
    this.onChange(sheet);
    await sheet.opening;
    if (sheet !== this.sheet) return;
    if (text && sheet.file.isNew && !sheet.file.text) sheet.code.replace(text, {}, true);
    if (sheet.file.offer) this.askToChoose();
    else if (line) sheet.code.goTo(line);
    else sheet.code.focus();
    if (isOther) this.lintSoon(sheet, 0);
    this.connectHelp();
  }

  askToChoose() {
    this.notice.querySelector("button")?.focus();
    this.say(this.notice.innerText);
  }

  showNothing() {
    this.sheet = null;
    this.tabs.show(null);
    this.place.replaceChildren(
      element(
        "div",
        { class: "editor-empty" },
        element("p", { class: "lead" }, gettext("Here you write programs, and run them below the text.")),
        element(
          "p",
          { class: "actions" },
          button(gettext("Open a file"), () => this.do_open(), { class: "primary" }),
          this.writable && button(gettext("Try hello.py"), () => this.tryExample()),
        ),
      ),
    );
    this.notice.replaceChildren();
    this.strip.element.hidden = true;
    this.enable();
  }

  tryExample() {
    history.pushState(null, "", this.addressOf(EXAMPLE.path));
    return this.show(EXAMPLE.path, { text: EXAMPLE.text });
  }

  // --- What the sheets tell ---

  onChange(sheet) {
    this.tabs.setDirty(sheet.path, sheet.file.isDirty);
    if (sheet !== this.sheet) return;
    const { file, path, code } = sheet;
    const name = nameOf(path);
    document.title = `${file.isDirty ? "● " : ""}${name} – ivle`;
    const where = document.querySelector(".editor-where");
    if (where) where.textContent = shown(path);
    const content = file.state === "refused" ? this.refusal(file) : code.element;
    if (this.place.firstElementChild !== content || file.state === "refused") this.place.replaceChildren(content);
    const notice = noticeFor(sheet, this.choices);
    this.notice.replaceChildren(...(notice ? [notice] : []));
    this.strip.element.hidden = file.state === "refused";
    this.strip.show(sheet);
    this.enable();
  }

  refusal(file) {
    const again = button(gettext("Try again"), () => file.open());
    return element("div", { class: "editor-empty" }, element("p", { class: "lead" }, file.sentence), element("p", {}, again));
  }

  onEdited(sheet) {
    this.lastEdit = performance.now();
    if (sheet !== this.sheet) return;
    this.lintSoon(sheet);
    this.connectHelp(true);
  }

  lintSoon(sheet, milliseconds) {
    if (sheet.file.isPython && this.writable && this.settings.marks && sheet.file.state === "open") {
      this.problems.askSoon(sheet.path, sheet.code, milliseconds);
    }
  }

  /** The language server is asked for when somebody begins to type: to look at a file costs nobody a process. */
  async connectHelp(isTyping = false) {
    this.hasTyped ||= isTyping;
    const { sheet } = this;
    if (!this.hasTyped || sheet.isHelped || !sheet.file.isPython || !this.settings.help || !this.writable) return;
    sheet.isHelped = true;
    const extension = await this.help.extensionFor(sheet.path);
    if (sheet.isHelped) sheet.code.set("help", extension);
    sheet.isHelped = extension !== NO_HELP;
  }

  dropHelp() {
    for (const sheet of this.sheets.values()) {
      sheet.isHelped = false;
      sheet.code.set("help", []);
    }
  }

  enable() {
    const file = this.sheet?.file;
    const isOpen = file?.state === "open";
    this.go.disabled = !isOpen || !file.isPython;
    this.keep.disabled = !isOpen || (!file.isDirty && !file.isNew);
    this.serve.disabled = !isOpen || !SERVED.test(this.sheet.path);
    this.halt.disabled = !["starting", "running"].includes(this.runner.state);
  }

  say(text) {
    this.live.textContent = text;
  }

  // --- Runs and panes ---

  onRunner() {
    const { state, sentence, error } = this.runner;
    this.consolePlace.hidden = state === "none";
    this.errorLink?.remove();
    this.onPanes();
    this.enable();
    if (state === "ended") this.onEnded(sentence, error);
  }

  onEnded(sentence, error) {
    this.say(sentence);
    if (this.isLent && this.consolePlace.contains(document.activeElement)) this.sheet?.code.focus();
    this.isLent = false;
    if (!error) return;
    const { path, line } = error;
    const label = gettext("Go to line %(line)s of %(name)s", { line, name: path.split("/").at(-1) });
    this.errorLink = button(label, () => this.open(ofTyped(path), { line }));
    this.runner.console.end.append(this.errorLink);
  }

  onPanes() {
    this.line.hidden = this.consolePlace.hidden;
    this.frontLine.hidden = !this.preview.isOpen;
  }

  onSettings() {
    this.dataset.side = this.settings.side;
    if (!this.settings.marks) this.problems.forget();
    else if (this.sheet) this.lintSoon(this.sheet);
    if (!this.settings.help) this.dropHelp();
  }

  onKey(event) {
    if (event.key === "F6" && !this.consolePlace.hidden) {
      event.preventDefault();
      if (this.consolePlace.contains(event.target)) this.sheet?.code.focus();
      else this.runner.focus();
      return;
    }
    if (event.target.closest("input, textarea, select, dialog, .cm-content, ivle-console")) return;
    if (event.key === "?") this.window("showKeys");
    else if ((event.ctrlKey || event.metaKey) && event.key === "s") this.do_save();
    else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") this.do_run();
    else return;
    event.preventDefault();
  }

  /** One of those in dialogs.js. */
  async window(name, what) {
    const windows = await import("./dialogs.js");
    windows[name](this, what);
  }

  // --- What the buttons and keys do ---

  async do_save() {
    const { sheet } = this;
    if (!sheet || !this.writable) return false;
    const isSaved = await sheet.file.save();
    if (isSaved) this.say(gettext("Saved."));
    else this.askToChoose();
    return isSaved;
  }

  do_run() {
    return this.start("");
  }

  do_keep() {
    return this.start("prompt");
  }

  async start(after) {
    const { sheet } = this;
    if (!sheet?.file.isPython || !this.writable) return;
    const file = asTyped(sheet.path);
    if (file === null) {
      this.say(gettext("This file’s name cannot be typed. Rename it to run it."));
      return;
    }
    if (!(await this.do_save())) return;
    const started = performance.now();
    await this.runner.run(file, after);
    setTimeout(() => this.lend(started, after), TO_CONSOLE_AFTER_MS);
  }

  /** The keyboard goes to a program that still runs, unless its person types on in the text, and comes back at its end. */
  lend(started, after) {
    const isElsewhere = !this.contains(document.activeElement) && document.activeElement !== document.body;
    if (this.runner.state !== "running" || this.lastEdit > started || isElsewhere) return;
    this.runner.focus();
    this.isLent = !after;
  }

  do_stop() {
    this.runner.stop();
  }

  async do_serve() {
    if (!this.sheet || !(await this.do_save())) return;
    this.preview.open(`/serve/${this.owner}/${this.sheet.path}`, nameOf(this.sheet.path));
    this.onPanes();
  }

  async do_format() {
    const { sheet } = this;
    if (!sheet?.file.isPython || sheet.file.isLocked) return;
    const { text } = sheet.code;
    try {
      const formatted = await this.files.format(sheet.path, text);
      if (sheet.code.text !== text) return; // typed on meanwhile
      if (formatted !== text) sheet.code.replace(formatted, {}, true);
      this.tell(formatted === text ? gettext("It is formatted already.") : gettext("Formatted."));
    } catch (fault) {
      this.tell(fault.message);
    }
  }

  do_problem(direction) {
    this.tell(this.problems.go(this.sheet.cursor, direction) || gettext("No problems were found."));
  }

  do_open() {
    this.window("showOpen", {
      from: this.sheet?.path ?? "",
      list: (path) => this.files.list(path),
      onOpen: (path) => this.open(path),
    });
  }

  async do_close(path) {
    const file = this.sheets.get(path)?.file;
    if (file?.isDirty) {
      const heading = gettext("Close %(name)s without saving?", { name: nameOf(path) });
      const text = gettext("What you changed since it was last saved is thrown away.");
      if (!(await ask(this, { heading, text, yes: gettext("Throw away"), no: gettext("Keep it") }))) return;
      await this.drafts.drop(path);
    }
    this.sheets.get(path)?.dispose();
    this.sheets.delete(path);
    const next = this.tabs.close(path);
    if (path !== this.sheet?.path) return;
    history.pushState(null, "", this.addressOf(next ?? ""));
    this.follow();
  }

  /** Aloud, and for a while below the text. */
  tell(text) {
    this.say(text);
    this.strip.tell(text);
  }
}

customElements.define("ivle-editor", IvleEditor);
