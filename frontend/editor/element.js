// <ivle-editor login owner csrf writable>: the editor of the page at /edit/<path>, with the console and the web page of
// the file in it. It knows which files are open and which is shown; doings.js has what the buttons and keys do.

import { LOCAL_STORAGE } from "../console/settings.js";
import { button, element } from "../site/markup.js";
import { canonical, nameOf } from "../site/paths.js";
import { gettext } from "../site/words.js";
import { Assistance } from "./assistance.js";
import { Bar } from "./bar.js";
import { choicesOf } from "./choices.js";
import { Doings } from "./doings.js";
import { Drafts } from "./drafts.js";
import { DraftsDatabase } from "./drafts_database.js";
import { Files } from "./files.js";
import { LanguageHelp } from "./language.js";
import { noticeFor } from "./notices.js";
import { Panes } from "./panes.js";
import { Presence } from "./presence.js";
import { Problems } from "./problems.js";
import { Runner } from "./runner.js";
import { Saves } from "./saves.js";
import { settingsOfEditor } from "./settings.js";
import { Sheet } from "./sheet.js";
import { Strip } from "./strip.js";
import { Tabs } from "./tabs.js";
import { Where } from "./where.js";

const BASE = "/edit/";
const EXAMPLE = { path: "hello.py", text: 'name = input("What is your name? ")\nprint("Hello,", name)\n' };
const COMMANDS = ["run", "keep", "save", "format", "problem"];

export class IvleEditor extends HTMLElement {
  async connectedCallback() {
    if (this.settings) return;
    this.settings = settingsOfEditor();
    const [login, owner, csrf] = ["login", "owner", "csrf"].map((name) => this.getAttribute(name));
    Object.assign(this, { login, owner, csrf, writable: this.hasAttribute("writable"), isOwn: login === owner });
    this.sheets = new Map();
    this.files = new Files({ csrf, owner: this.isOwn ? "" : owner });
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
    const { csrf, login, owner, isOwn, settings, writable } = this;
    const doings = new Doings(this);
    this.doings = doings;
    this.listener = {
      commands: Object.fromEntries(COMMANDS.map((name) => [name, (what) => doings[name](what)])),
      onChange: (sheet) => this.onChange(sheet),
      onEdited: (sheet) => this.onEdited(sheet),
      onSaved: (sheet) => this.onSaved(sheet),
      onCursor: (sheet) => sheet === this.sheet && this.strip.showCursor(sheet.cursor),
    };
    this.tabs = new Tabs({
      storage: LOCAL_STORAGE,
      key: `ivle-editor-open ${owner}`,
      addressOf: (path) => this.addressOf(path),
      onOpen: (path) => this.open(path),
      onClose: (path) => doings.close(path),
    });
    this.problems = new Problems({
      ask: (path, text) => this.files.lint(path, text),
      onGo: (line, column) => this.sheet.code.goTo(line, column),
      onCount: () => this.strip.showProblems(this.problems.summary),
    });
    this.strip = new Strip({ onProblems: () => { this.problems.element.hidden = !this.problems.element.hidden; } });
    this.help = new LanguageHelp({ login, onLost: () => this.assistance.drop() });
    this.assistance = new Assistance({ settings, problems: this.problems, help: this.help, sheets: () => this.sheets.values() });
    this.saves = new Saves({ onSaved: (path) => this.help.changed(path) });
    this.where = new Where({ owner: isOwn ? "" : owner });
    this.bar = new Bar({ tabs: this.tabs.element, doings, writable });
    this.notice = element("div", { class: "editor-notices" });
    this.choices = choicesOf(this);
    this.place = element("div", { class: "editor-code" });
    this.panes = new Panes(settings, this.notice, this.place, this.problems.element, this.strip.element);
    this.runner = new Runner({
      place: this.panes.console, csrf, login,
      onState: () => this.onRunner(),
      onGo: (path, line) => this.open(path, { line }),
    });
    this.live = element("p", { class: "unseen", role: "status" });
    this.replaceChildren(this.bar.element, this.panes.element, this.live);
    document.addEventListener("keydown", (event) => this.onKey(event));
    const setSide = () => { this.dataset.side = settings.side; };
    settings.addEventListener("change", setSide);
    setSide();
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
    this.sheet = sheet;
    this.tabs.show(path);
    this.onChange(sheet);
    await sheet.opening;
    if (sheet !== this.sheet) return;
    if (text && sheet.file.isNew && !sheet.file.text) sheet.code.replace(text, {}, true);
    if (sheet.file.offer) this.askToChoose();
    else if (line) sheet.code.goTo(line);
    else sheet.code.focus();
    this.assistance.show(sheet);
  }

  askToChoose() {
    this.notice.querySelector("button")?.focus();
    this.say(this.notice.innerText);
  }

  showNothing() {
    this.sheet = null;
    this.tabs.show(null);
    this.where.show(null);
    this.place.replaceChildren(
      element(
        "div",
        { class: "editor-empty" },
        element("p", { class: "lead" }, gettext("Here you write programs, and run them below the text.")),
        element(
          "p",
          { class: "actions" },
          button(gettext("Open a file"), () => this.doings.open(), { class: "primary" }),
          this.writable ? button(gettext("Try hello.py"), () => this.tryExample()) : null,
        ),
      ),
    );
    this.notice.replaceChildren();
    this.strip.element.hidden = true;
    this.bar.show(null, this.runner.state);
  }

  tryExample() {
    history.pushState(null, "", this.addressOf(EXAMPLE.path));
    return this.show(EXAMPLE.path, { text: EXAMPLE.text });
  }

  closed(path) {
    this.sheets.get(path)?.dispose();
    this.sheets.delete(path);
    const next = this.tabs.close(path);
    if (path !== this.sheet?.path) return;
    history.pushState(null, "", this.addressOf(next ?? ""));
    this.follow();
  }

  // --- What the sheets tell ---

  onChange(sheet) {
    this.tabs.setDirty(sheet.path, sheet.file.isDirty);
    if (sheet !== this.sheet) return;
    const { file, path, code } = sheet;
    this.where.show(path, file.isDirty);
    const content = file.state === "refused" ? this.refusal(file) : code.element;
    if (this.place.firstElementChild !== content || file.state === "refused") this.place.replaceChildren(content);
    const notice = noticeFor(sheet, this.choices);
    this.notice.replaceChildren(...(notice ? [notice] : []));
    this.strip.element.hidden = file.state === "refused";
    this.strip.show(sheet);
    this.bar.show(sheet, this.runner.state);
  }

  refusal(file) {
    const again = button(gettext("Try again"), () => file.open());
    const download = element("a", { class: "button", href: this.files.download(file.path) }, gettext("Download"));
    return element(
      "div",
      { class: "editor-empty" },
      element("p", { class: "lead" }, file.sentence),
      element("p", { class: "actions" }, again, file.isThere ? download : null),
    );
  }

  onEdited(sheet) {
    this.lastEdit = performance.now();
    if (sheet === this.sheet) this.assistance.typed();
  }

  onSaved({ path }) {
    this.panes.preview.reload();
    this.help.changed(path);
    this.saves.tell(path);
  }

  say(text) {
    this.live.textContent = text;
  }

  /** Aloud, and for a while below the text. */
  tell(text) {
    this.say(text);
    this.strip.tell(text);
  }

  // --- Runs ---

  onRunner() {
    const { state, sentence, error } = this.runner;
    this.panes.showConsole(state !== "none");
    this.errorLink?.remove();
    this.bar.show(this.sheet, state);
    if (state === "running") this.doings.lendLate();
    if (state === "ended") this.onEnded(sentence, error);
  }

  onEnded(sentence, error) {
    this.say(sentence);
    if (this.isLent && this.panes.console.contains(document.activeElement)) this.sheet?.code.focus();
    this.isLent = false;
    if (!error) return;
    const { path, line } = error;
    this.errorLink = button(gettext("Go to line %(line)s of %(name)s", { line, name: nameOf(path) }), () => this.open(path, { line }));
    this.runner.console.end.append(this.errorLink);
  }

  // --- Keys ---

  onKey(event) {
    if (event.key === "F6" && !this.panes.console.hidden) {
      event.preventDefault();
      if (this.panes.console.contains(event.target)) this.sheet?.code.focus();
      else this.runner.focus();
      return;
    }
    if (event.target.closest("input, textarea, select, dialog, .cm-content, ivle-console")) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "?") this.doings.keys();
    else if (isCommand && event.key === "s") this.doings.save();
    else if (isCommand && event.key === "Enter") this.doings.run();
    else return;
    event.preventDefault();
  }
}

customElements.define("ivle-editor", IvleEditor);
