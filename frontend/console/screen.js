// The terminal of one console: xterm.js with our keys, colours and manners. Used by element.js.

import { sizeOf } from "../site/measures.js";
import { gettext } from "../site/words.js";
import { FitAddon, Terminal, Unicode11Addon, WebLinksAddon } from "../vendor/xterm.js";
import { HeldEscape } from "./held_escape.js";
import { decide, escapedAfter, withCtrl } from "./keys.js";
import { linksAt } from "./links.js";
import { THEMES } from "./themes.js";

const SCROLLBACK_LINES = 5000;
const FIT_AFTER_MS = 80;
// What a program may have left on: the second screen, mouse reports, bracketed paste, a hidden cursor, colours.
const AS_NEW = "\x1b[?1047l\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[0m";

/** listener: onTyped(text or bytes, byPerson), onSize(rows, columns), onShown(offset), onSearch(), onLeave(). */
export class Screen {
  constructor(place, settings, listener, fixed = null) {
    Object.assign(this, { place, settings, listener, fixed });
    this.replaying = false;
    this.follows = false; // the size is somebody else's
    this.escaped = false;
    this.ctrl = false;
    this.terminal = new Terminal({
      allowProposedApi: true, // the width tables and the marks of a search are "proposed"
      scrollback: SCROLLBACK_LINES,
      minimumContrastRatio: 4.5,
      lineHeight: 1.2,
      macOptionIsMeta: true,
      rightClickSelectsWord: false,
      rows: fixed?.rows ?? 24,
      cols: fixed?.cols ?? 80,
      ...this.look(),
    });
    this.fit = new FitAddon();
    this.terminal.loadAddon(this.fit);
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = "11";
    this.terminal.loadAddon(new WebLinksAddon((event, address) => window.open(address, "_blank", "noopener")));
    this.terminal.open(place);
    this.terminal.textarea.setAttribute("aria-label", gettext("Terminal. Escape, then Tab, leaves it."));
    this.escape = new HeldEscape((input) => this.listener.onTyped(input, true));
    this.listenToPerson();
    this.darkness = matchMedia("(prefers-color-scheme: dark)");
    this.restyle = () => this.applyLook();
    this.darkness.addEventListener("change", this.restyle);
    settings.addEventListener("change", this.restyle);
    this.watcher = new ResizeObserver(() => this.fitSoon());
    this.watcher.observe(place);
    this.fitNow();
  }

  dispose() {
    this.watcher.disconnect();
    this.escape.drop();
    clearTimeout(this.fitting);
    this.darkness.removeEventListener("change", this.restyle);
    this.settings.removeEventListener("change", this.restyle);
    this.terminal.dispose();
  }

  // --- Looks and size ---

  look() {
    const dark = this.settings.theme === "system"
      ? matchMedia("(prefers-color-scheme: dark)").matches
      : this.settings.theme === "dark";
    return {
      theme: THEMES[dark ? "dark" : "light"],
      fontSize: this.settings.fontSize,
      fontFamily: getComputedStyle(this.place).fontFamily,
      screenReaderMode: this.settings.screenReader,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    };
  }

  applyLook() {
    Object.assign(this.terminal.options, this.look());
    this.fitNow();
  }

  fitSoon() {
    clearTimeout(this.fitting);
    this.fitting = setTimeout(() => this.fitNow(), FIT_AFTER_MS);
  }

  fitNow() {
    if (this.fixed || this.follows || !this.place.offsetWidth) return;
    this.fit.fit();
    this.listener.onSize(this.terminal.rows, this.terminal.cols);
  }

  /** The keyboard is somebody else's, and so is the size. */
  follow(rows, columns) {
    this.follows = true;
    this.place.classList.add("console-follows");
    this.terminal.resize(columns, rows);
  }

  lead() {
    if (!this.follows) return;
    this.follows = false;
    this.place.classList.remove("console-follows");
    if (this.fixed) this.terminal.resize(this.fixed.cols, this.fixed.rows);
    this.fitNow();
  }

  // --- Output ---

  write(offset, bytes) {
    this.terminal.write(bytes, () => this.listener.onShown(offset + bytes.length));
  }

  /** What programs ask the terminal in the bytes from here on was answered when they were new. */
  replay() {
    this.replaying = true;
  }

  replayed() {
    this.terminal.write("", () => {
      this.replaying = false;
    });
  }

  sayMissing(bytes) {
    const text = gettext("%(size)s of earlier output are no longer kept", { size: sizeOf(bytes) });
    this.terminal.write(`\x1b[0m\r\n\x1b[2m- ${text} -\x1b[0m\r\n`);
  }

  /** Another program, on an empty screen. */
  begin() {
    this.terminal.write(`${AS_NEW}\x1b[2J\x1b[3J\x1b[H`);
  }

  restart() {
    this.terminal.write(`${AS_NEW}\r\n\x1b[2m- ${gettext("restarted")} -\x1b[0m\r\n`);
  }

  /** The lines above the one with the cursor go away; a program that draws the whole screen draws it again itself. */
  clear() {
    this.terminal.clear();
  }

  /** find(text of a line): [{from, to, open}], where `open` is called for a click. */
  link(find) {
    const provideLinks = (row, answer) => answer(linksAt(this.terminal.buffer.active, row, find));
    this.terminal.registerLinkProvider({ provideLinks });
  }

  text() {
    const buffer = this.terminal.buffer.active;
    const lines = [];
    for (let number = 0; number < buffer.length; number += 1) {
      const line = buffer.getLine(number);
      if (line.isWrapped && lines.length) lines[lines.length - 1] += line.translateToString(true);
      else lines.push(line.translateToString(true));
    }
    return lines.join("\n").trimEnd();
  }

  focus() {
    this.terminal.focus();
  }

  // --- Input ---

  listenToPerson() {
    let byPerson = false;
    // xterm.js says first whether somebody typed; its own answers to programs come without.
    this.terminal._core.coreService.onUserInput(() => {
      byPerson = true;
    });
    this.terminal.onData((text) => {
      const typed = byPerson;
      byPerson = false;
      if (!typed && this.replaying) return;
      if (typed) this.type(this.modified(text));
      else this.listener.onTyped(text, false);
    });
    this.terminal.onBinary((text) => this.type(Uint8Array.from(text, (one) => one.charCodeAt(0))));
    this.terminal.attachCustomKeyEventHandler((event) => this.onKey(event));
  }

  type(input) {
    this.escape.type(input, this.terminal.buffer.active.type === "alternate");
  }

  modified(text) {
    if (!this.ctrl) return text;
    this.setCtrl(false);
    return withCtrl(text);
  }

  setCtrl(on) {
    this.ctrl = on;
    this.onCtrl?.(on);
  }

  /** True lets xterm.js have the key. */
  onKey(event) {
    if (event.type !== "keydown") return !this.left;
    const { action, text } = decide(event, { selected: this.terminal.hasSelection(), escaped: this.escaped });
    this.escaped = escapedAfter(event, this.escaped);
    this.left = action !== "program";
    return this[`on_${action}`](event, text);
  }

  on_program() {
    return true;
  }

  on_browser() {
    return false;
  }

  on_leave(event) {
    this.escape.drop();
    if (!event.shiftKey && this.isLastOfPage()) {
      event.preventDefault();
      this.listener.onLeave();
    }
    return false;
  }

  /** Whether Tab would leave the page. */
  isLastOfPage() {
    const stops = document.querySelectorAll("a[href], button, input, select, textarea, summary, iframe, [tabindex='0']");
    return ![...stops].some((one) =>
      this.place.compareDocumentPosition(one) === Node.DOCUMENT_POSITION_FOLLOWING && one.checkVisibility());
  }

  on_send(event, text) {
    event.preventDefault();
    this.type(text);
    return false;
  }

  on_copy(event) {
    event.preventDefault();
    if (this.terminal.hasSelection()) document.execCommand("copy"); // works without HTTPS too
    this.terminal.clearSelection();
    return false;
  }

  on_search(event) {
    event.preventDefault();
    this.listener.onSearch();
    return false;
  }
}
