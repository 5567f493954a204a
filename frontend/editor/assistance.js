// What is offered about the text on the screen: problems after a pause, and what the language server knows. Used by element.js.

import { shown } from "../site/paths.js";
import { NO_HELP } from "./language.js";

const AT_ONCE_MS = 0;
const WHEN_LOOKED_AT_MS = 400; // a file that is only passed by costs nobody a process

export class Assistance {
  /** help: see language.js; sheets(): all that are open. */
  constructor({ settings, problems, help, sheets }) {
    Object.assign(this, { settings, problems, help, sheets });
    this.sheet = null; // the one on the screen
    settings.addEventListener("change", () => this.obey());
  }

  /** Another file is on the screen. */
  show(sheet) {
    if (sheet !== this.sheet) {
      this.sheet = sheet;
      this.problems.forget();
      this.look(AT_ONCE_MS);
    }
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => whenIdle(() => this.connect()), WHEN_LOOKED_AT_MS);
  }

  /** Somebody has typed into the file on the screen. */
  typed() {
    this.look();
    this.connect();
  }

  obey() {
    if (!this.settings.marks) this.problems.forget();
    else this.look();
    if (this.settings.help) this.connect();
    else this.drop();
  }

  look(milliseconds) {
    const { sheet, settings } = this;
    if (settings.marks && isProgram(sheet)) this.problems.askSoon(sheet.path, sheet.code, milliseconds);
  }

  /** Before the first name is typed: the server starts, and reads what every program needs, in a tenth of a second. */
  async connect() {
    clearTimeout(this.waiting);
    const { sheet, settings } = this;
    if (!settings.help || !isProgram(sheet) || sheet.isHelped || !isText(sheet.path)) return;
    sheet.isHelped = true;
    const extension = await this.help.extensionFor(sheet.path);
    if (sheet.isHelped) sheet.code.set("help", extension);
    sheet.isHelped = extension !== NO_HELP;
    if (sheet.isHelped) this.help.warm(sheet.path);
  }

  /** The language server is gone, or not wanted. */
  drop() {
    for (const sheet of this.sheets()) {
      sheet.isHelped = false;
      sheet.code.set("help", []);
    }
  }
}

/** Servers fail over names that are not: an address of the protocol is text. */
function isText(path) {
  return !shown(path).includes("\ufffd");
}

function whenIdle(call) {
  if (globalThis.requestIdleCallback) requestIdleCallback(call);
  else call();
}

function isProgram(sheet) {
  const file = sheet?.file;
  return Boolean(file?.isPython && file.writable && file.state === "open");
}
