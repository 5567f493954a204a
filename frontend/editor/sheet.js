// One open file with its text on the screen, and whoever warns about it and helps with it. Used by element.js.

import { Code } from "./code.js";
import { OpenFile } from "./open_file.js";

export class Sheet {
  /** listener: onChange(sheet), onEdited(sheet), onSaved(sheet), onCursor(sheet, place), commands. */
  constructor({ path, files, drafts, writable, settings, listener }) {
    this.path = path;
    this.cursor = { line: 1, column: 1, selected: 0 };
    this.file = new OpenFile({ path, files, drafts, writable });
    this.code = new Code({
      path,
      settings,
      listener: {
        commands: listener.commands,
        onEdited: (text) => {
          this.file.edited(text);
          listener.onEdited(this);
        },
        onCursor: (cursor) => {
          this.cursor = cursor;
          listener.onCursor(this);
        },
      },
    });
    this.file.addEventListener("text", () => this.takeText());
    this.file.addEventListener("saved", () => listener.onSaved(this));
    this.file.addEventListener("change", () => {
      this.code.lock(this.file.isLocked);
      listener.onChange(this);
    });
    this.opening = this.file.open();
  }

  takeText() {
    if (this.isFilled) this.code.replace(this.file.text, this.file.style);
    else this.code.begin(this.file.text, this.file.style);
    this.isFilled = true;
  }

  dispose() {
    this.code.dispose();
  }
}
