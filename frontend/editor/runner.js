// The console of the editor: runs a file, again, stops it, and finds the lines that its errors name. Used by element.js.

import { element } from "../site/markup.js";
import { lastPlace, placesIn } from "./places.js";

const KEPT = "ivle-editor-run";

export class Runner {
  /** place: where the console stands; onState(); onGo(path on the wire, line). States: none, starting, running, ended. */
  constructor({ place, csrf, login, onState, onGo, storage = globalThis.sessionStorage }) {
    Object.assign(this, { place, csrf, login, onState, onGo, storage });
    this.state = "none";
    this.what = null; // {path on the wire, after}
    this.sentence = ""; // how it ended
    this.error = null; // the place that the last error names: {path on the wire, line}
  }

  /** The module of consoles is large: it is fetched when there is time, or when it is needed. */
  load() {
    this.loading ??= import("../console/element.js");
    return this.loading;
  }

  /** The session of the console that this is run in again, for a save that starts it in one go; null where there is none. */
  expect(path, after) {
    const session = this.isSame(path, after) ? this.console.expectRerun?.() ?? null : null;
    if (session) this.begin();
    return session;
  }

  /** Nothing was started. */
  giveUp() {
    this.console?.giveUpRerun();
    if (this.state === "starting") this.onRefused();
  }

  isSame(path, after) {
    return Boolean(this.console) && this.what.path === path && this.what.after === after;
  }

  async run(path, after) {
    const isSame = this.isSame(path, after);
    this.what = { path, after };
    this.begin();
    if (isSame && this.console.rerun?.()) return;
    await this.load();
    if (this.state !== "starting") return; // it was stopped meanwhile
    this.put({ program: "python", path, after, policy: after ? "named" : "unique" });
  }

  /** The console that this page had before it was loaded again. */
  async comeBack() {
    const kept = JSON.parse(this.storage.getItem(KEPT) ?? "null");
    if (!kept) return;
    await this.load();
    if (this.what) return; // something was run meanwhile
    this.what = { path: kept.path, after: kept.after };
    this.put({ session: kept.session });
  }

  put(attributes) {
    this.leave();
    const made = element("ivle-console", { ...attributes, csrf: this.csrf });
    made.links = (text) => placesIn(text, this.login).map((one) => ({ ...one, open: () => this.onGo(one.path, one.line) }));
    const hear = (name, call) => made.addEventListener(name, ({ detail }) => made === this.console && call(detail));
    hear("console-opened", (welcome) => this.onOpened(welcome));
    hear("console-restarted", () => this.begin("running"));
    hear("console-refused", () => this.onRefused());
    hear("console-ended", (outcome) => this.onEnded(outcome));
    hear("console-closed", (closing) => this.onClosed(closing));
    this.console = made;
    this.place.replaceChildren(made);
  }

  /** One console at a time: the one before ends. */
  leave() {
    this.console?.connection?.send("end");
    this.console = null;
  }

  begin(state = "starting") {
    Object.assign(this, { state, sentence: "", error: null });
    this.onState();
  }

  onOpened({ session, outcome }) {
    this.storage.setItem(KEPT, JSON.stringify({ session, ...this.what }));
    if (!outcome) this.begin("running");
  }

  onEnded({ sentence }) {
    const { screen } = this.console;
    screen.terminal.write("", () => { // once all of it is on the screen
      if (this.console?.screen !== screen) return;
      Object.assign(this, { state: "ended", sentence, error: lastPlace(screen.text(), this.login) });
      this.onState();
    });
  }

  /** It goes on as it was. */
  onRefused() {
    this.state = this.console.outcome ? "ended" : "running";
    this.onState();
  }

  onClosed({ reason }) {
    if (reason === "ended" || reason === "gone") {
      this.storage.removeItem(KEPT);
      this.forget();
    } else {
      this.begin("none");
    }
  }

  forget() {
    this.console = null;
    this.place.replaceChildren();
    this.begin("none");
  }

  /** Like Ctrl-C; a program that goes on in spite of it is ended. */
  stop() {
    if (!this.console?.welcome) { // it stands in a queue, or nobody answers
      this.forget();
      return;
    }
    if (this.console.leaveQueue()) {
      this.onRefused();
      return;
    }
    if (this.isStopping) this.console.connection.send("end");
    else this.console.connection.interrupt();
    this.isStopping = true;
    setTimeout(() => { this.isStopping = false; }, 5000);
  }

  focus() {
    this.console?.screen?.focus();
  }
}
