// What a box prints, below it: a console while the program runs and for a while after, then its text. Used by work.js.

import { element } from "../site/markup.js";
import { gettext } from "../site/words.js";

const LIVE_MAX = 4; // consoles on the page whose program has ended; the oldest become text
const ROWS = [4, 8, 14, 20];
const ROUNDING_PX = 2;
const HIDDEN_CURSOR = "\x1b[?25l"; // until it is run again
const live = [];

export class Output {
  /** onState(): state is none, starting, running or ended; sentence says how it ended, or why it has not started. */
  constructor({ place, csrf, onState, rows = ROWS }) {
    Object.assign(this, { place, csrf, onState, rows });
    this.state = "none";
    this.sentence = "";
    this.outcome = null;
  }

  /** The module of consoles is large: it is fetched when it is needed. */
  load() {
    this.loading ??= import("../console/element.js");
    return this.loading;
  }

  /** attributes: as <ivle-console> has them. */
  async run(attributes) {
    const asked = JSON.stringify(attributes);
    const isSame = this.console && this.asked === asked;
    this.asked = asked;
    this.begin();
    if (isSame && this.console.rerun?.()) return;
    await this.load();
    if (this.state === "starting") this.put(attributes); // else it was stopped meanwhile
  }

  /** The session in which just this ran before, for a save that runs it again in one go; null where there is none. */
  expect(attributes) {
    const isSame = this.console && this.asked === JSON.stringify(attributes);
    const session = isSame ? this.console.expectRerun?.() ?? null : null;
    if (session) this.begin();
    return session;
  }

  /** It was not run after all. */
  giveUp() {
    this.console?.giveUpRerun();
    this.become(this.console?.outcome ? "ended" : "running");
  }

  put(attributes) {
    this.leave();
    const made = element("ivle-console", { ...attributes, csrf: this.csrf });
    const hear = (name, call) => made.addEventListener(name, (event) => {
      event.stopPropagation();
      if (made === this.console) call(event.detail);
    });
    hear("console-opened", ({ outcome }) => this.onOpened(outcome));
    hear("console-queued", ({ sentence }) => this.become("starting", sentence));
    hear("console-restarted", () => this.begin("running"));
    hear("console-refused", () => { this.become(made.outcome ? "ended" : "running"); });
    hear("console-ended", (outcome) => this.onEnded(outcome));
    hear("console-closed", () => this.onClosed());
    this.console = made;
    this.step = 0;
    this.place.replaceChildren(made);
    this.fit();
    live.push(this);
  }

  /** The console ends; what it printed goes with it. */
  leave() {
    this.console?.connection?.send("end");
    this.console = null;
    if (live.includes(this)) live.splice(live.indexOf(this), 1);
  }

  begin(state = "starting") {
    this.outcome = null;
    this.become(state);
  }

  become(state, sentence = "") {
    Object.assign(this, { state, sentence });
    this.onState();
  }

  onOpened(outcome) {
    this.console.screen.terminal.onWriteParsed(() => this.fit());
    this.fit();
    if (!outcome) this.begin("running");
  }

  onEnded(outcome) {
    const { screen } = this.console;
    screen.terminal.write("", () => { // once all of it is on the screen
      if (this.console?.screen !== screen || !this.console.outcome) return;
      this.outcome = outcome;
      screen.terminal.write(HIDDEN_CURSOR);
      this.fit();
      this.become("ended", outcome.sentence);
      this.makeRoom();
    });
  }

  /** It is over, or could not begin. What was printed stays. */
  onClosed() {
    const { state } = this.console.connection;
    if (!this.console.welcome) {
      this.become("ended", state.sentence ?? "");
      return;
    }
    this.rest();
    if (this.state !== "ended") this.become("ended", gettext("Ended."));
  }

  /** As high as what is printed, within bounds: in steps while it grows, since each tells the program of a new size. The
   *  line on which a program that is over has left its cursor is cut off, not taken away: else the first would scroll out. */
  fit() {
    const { console: one } = this;
    if (!one?.screen) return;
    const { terminal } = one.screen;
    const height = terminal.element.querySelector(".xterm-screen").offsetHeight / terminal.rows;
    const used = usedRows(terminal);
    while (used > this.rows[this.step] - 1 && this.step < this.rows.length - 1) this.step += 1;
    one.classList.toggle("box-over", Boolean(this.outcome));
    const rows = this.outcome ? Math.min(used, this.rows.at(-1)) : this.rows[this.step];
    const around = one.offsetHeight - one.place.offsetHeight + ROUNDING_PX;
    one.style.height = `${Math.ceil(rows * height + around)}px`;
    const isCut = this.outcome && rows === used && rows > 1 && isEmptyAtEnd(terminal);
    one.style.marginBottom = isCut ? `${-Math.floor(height)}px` : "";
  }

  /** Text in place of the console, which takes the browser much less. */
  rest() {
    const text = this.console.screen?.text().trimEnd() ?? "";
    this.leave();
    this.place.replaceChildren(element("pre", { class: "box-printed", tabindex: 0 }, text));
  }

  makeRoom() {
    const ended = live.filter(({ state, console: one }) => state === "ended" && !one.contains(document.activeElement));
    for (const output of ended.slice(0, Math.max(0, ended.length - LIVE_MAX))) output.rest();
  }

  /** Like Ctrl-C; a program that goes on in spite of it is ended. */
  stop() {
    if (!this.console?.welcome) { // it stands in a queue, or nobody answers
      this.leave();
      this.place.replaceChildren();
      this.become("ended");
      return;
    }
    if (this.console.leaveQueue()) {
      this.become("ended");
      return;
    }
    if (this.isStopping) this.console.connection?.send("end");
    else this.console.connection?.interrupt();
    this.isStopping = true;
    setTimeout(() => { this.isStopping = false; }, 5000);
  }

  get hasFocus() {
    return Boolean(this.console?.contains(document.activeElement));
  }

  focus() {
    this.console?.screen?.focus();
  }
}

/** Of the screen and what has scrolled out of it, to the line of the cursor. */
function usedRows({ buffer: { active }, rows }) {
  if (active.type === "alternate") return rows;
  let last = active.length - 1;
  while (last > 0 && !active.getLine(last)?.translateToString(true)) last -= 1;
  return Math.max(last, active.baseY + active.cursorY) + 1;
}

function isEmptyAtEnd(terminal) {
  const { active } = terminal.buffer;
  return !active.getLine(usedRows(terminal) - 1)?.translateToString(true);
}
