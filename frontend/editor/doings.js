// What the buttons and keys do to the file on the screen: one method each. Used by element.js and bar.js.

import { ask } from "../site/dialogs.js";
import { gettext } from "../site/words.js";
import { nameOf } from "../site/paths.js";

const TO_CONSOLE_AFTER_MS = 150; // a program that is over by then needs no keyboard

export class Doings {
  /** editor: the element: {sheet, sheets, files, tabs, runner, panes, problems, ...}. */
  constructor(editor) {
    this.editor = editor;
  }

  /** Promises whether it is saved. */
  async save(session = null) {
    const { editor } = this;
    if (!editor.sheet || !editor.writable) return false;
    const isSaved = await editor.sheet.file.save(session);
    if (isSaved) editor.say(gettext("Saved."));
    else editor.askToChoose();
    return isSaved;
  }

  // --- Runs ---

  run() {
    return this.start("");
  }

  keep() {
    return this.start("prompt");
  }

  async start(after) {
    const { editor } = this;
    const { sheet } = editor;
    if (!sheet?.file.isPython) return;
    const session = sheet.file.isDirty ? editor.runner.expect(sheet.path, after) : null;
    const isSaved = await this.save(session);
    if (session && !sheet.file.hasRestarted) editor.runner.giveUp();
    if (!isSaved) return;
    const run = { started: performance.now(), after };
    this.late = null;
    if (!sheet.file.hasRestarted) await editor.runner.run(sheet.path, after);
    setTimeout(() => this.lend(run), TO_CONSOLE_AFTER_MS);
  }

  /** The keyboard goes to a program that still runs, unless its person types on in the text, and comes back at its end. */
  lend(run) {
    const { editor } = this;
    const isElsewhere = !editor.contains(document.activeElement) && document.activeElement !== document.body;
    this.late = editor.runner.state === "starting" ? run : null;
    if (editor.runner.state !== "running" || editor.lastEdit > run.started || isElsewhere) return;
    editor.runner.focus();
    editor.isLent = !run.after;
  }

  /** The program has started, after the moment at which it would have had the keyboard. */
  lendLate() {
    if (this.late) this.lend(this.late);
  }

  stop() {
    this.editor.runner.stop();
  }

  async serve() {
    const { editor } = this;
    if (!editor.sheet || !(await this.save())) return;
    editor.panes.serve(`/serve/${editor.owner}/${editor.sheet.path}`, nameOf(editor.sheet.path));
  }

  // --- The text ---

  async format() {
    const { editor } = this;
    const { sheet } = editor;
    if (!sheet?.file.isPython || sheet.file.isLocked) return;
    const { text } = sheet.code;
    try {
      const formatted = await editor.files.format(sheet.path, text);
      if (sheet.code.text !== text) return; // typed on meanwhile
      if (formatted !== text) sheet.code.replace(formatted, {}, true);
      editor.tell(formatted === text ? gettext("It is formatted already.") : gettext("Formatted."));
    } catch (fault) {
      editor.tell(fault.message);
    }
  }

  find() {
    this.editor.sheet?.code.find();
  }

  /** The next one, or with -1 the one before. */
  problem(direction) {
    const { problems, sheet } = this.editor;
    this.editor.tell(problems.go(sheet.cursor, direction) || gettext("No problems were found."));
  }

  problems() {
    this.editor.problems.element.hidden = false;
  }

  // --- Files and windows ---

  open() {
    const { editor } = this;
    return this.window("showOpen", {
      from: editor.sheet?.path ?? "",
      list: (path) => editor.files.list(path),
      onOpen: (path) => editor.open(path),
    });
  }

  async close(path) {
    const { editor } = this;
    const file = editor.sheets.get(path)?.file;
    if (file?.isDirty) {
      const heading = gettext("Close %(name)s without saving?", { name: nameOf(path) });
      const text = gettext("What you changed since it was last saved is thrown away.");
      if (!(await ask(editor, { heading, text, yes: gettext("Throw away"), no: gettext("Keep it") }))) return;
      await editor.drafts.drop(path);
    }
    editor.closed(path);
  }

  settings() {
    return this.window("showSettings", this.editor.settings);
  }

  keys() {
    return this.window("showKeys");
  }

  /** One of those in dialogs.js. */
  async window(name, what) {
    const windows = await import("./dialogs.js");
    windows[name](this.editor, what);
  }
}
