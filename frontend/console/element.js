// <ivle-console session="ID">: a whole console, on any page of the site. make_terminal() puts one into an element.
// Without a session it starts one: attributes program, file or path, arguments, setup, environment, after, policy, as the API has them.
// Attributes: rows and cols (else it fills its box), watch (never takes the keyboard), csrf (the page's token), base and
// api (other addresses than /console/ and /api/consoles/). Events "console-opened", "console-ended" (the program),
// "console-restarted", "console-queued" while it has to wait for its beginning: detail.sentence; and "console-closed" once
// it is gone: detail.reason. Property links: see screen.js.

import { ask } from "../site/dialogs.js";
import { button, element } from "../site/markup.js";
import { sizeOf } from "../site/measures.js";
import { sheetsAreThere } from "../site/sheets.js";
import { gettext } from "../site/words.js";
import { Beside } from "./beside.js";
import { Connection } from "./connection.js";
import { EventTransport } from "./event_transport.js";
import { Pane } from "./pane.js";
import { Rerun } from "./rerun.js";
import { Screen } from "./screen.js";
import { SearchBar } from "./search_bar.js";
import { settingsOfPage } from "./settings.js";
import { SocketTransport } from "./socket_transport.js";
import { splitter } from "./splitter.js";
import { Strip, wordsOfQueue } from "./strip.js";
import { touchKeys } from "./touch_keys.js";
import { STARTS, Whereabouts } from "./whereabouts.js";

const SHEETS = ["../vendor/xterm.css", "console.css"].map((name) => new URL(name, import.meta.url).href);
const CHECK_EVERY_MS = 5000;
const ASLEEP_MS = 20_000;
const encoder = new TextEncoder();

export class IvleConsole extends HTMLElement {
  async connectedCallback() {
    await sheetsAreThere(...SHEETS);
    if (!this.isConnected || this.screen) return;
    this.settings = settingsOfPage();
    this.whereabouts = new Whereabouts(this);
    this.client = crypto.getRandomValues(new Uint32Array(4)).join("-");
    this.outcome = null;
    this.welcome = null;
    this.typedHere = false;
    this.restarting = new Rerun(() => this.connection.send("restart"));
    this.build();
    this.connect();
  }

  disconnectedCallback() {
    if (!this.screen) return;
    clearInterval(this.checking);
    this.restarting.end();
    window.removeEventListener("online", this.doubt);
    window.removeEventListener("pagehide", this.rest);
    window.removeEventListener("pageshow", this.wake);
    this.settings.removeEventListener("change", this.applySettings);
    this.connection.close();
    this.screen.dispose();
    this.screen = null;
    this.replaceChildren();
  }

  build() {
    const names = ["interrupt", "restart", "clear", "close", "drive", "release", "retry", "search", "text", "help"];
    const actions = Object.fromEntries(names.map((name) => [name, () => this[`do_${name}`]()]));
    this.strip = new Strip({ ...actions, settings: () => this.window("showSettings", this.settings) });
    this.place = element("div", { class: "console-screen" });
    this.work = element("div", { class: "console-work" });
    this.line = splitter(this.work, this.settings);
    const frame = `${this.whereabouts.base}frame`;
    this.pane = new Pane({ frame, onOpen: () => this.onPane(true), onClose: () => this.onPane(false) });
    const onFirst = () => this.strip.say(gettext("What the program prints is beside the terminal."));
    this.beside = new Beside(this.pane, this.settings, onFirst);
    this.work.append(element("div", { class: "console-front" }, this.place), this.line, this.pane.element, this.strip.notice);
    this.sentence = element("p", {});
    this.status = element("small", {});
    this.again = button(gettext("Restart (Enter)"), actions.restart, { class: "primary" });
    this.end = element("div", { class: "console-ended", hidden: true }, this.sentence, this.status, this.again);
    this.replaceChildren(this.strip.element, this.work, this.end, this.strip.live);
    this.screen = new Screen(this.place, this.settings, this, this.fixedSize());
    if (this.links) this.screen.link(this.links);
    this.searchBar = new SearchBar(this.screen);
    this.place.parentElement.append(this.searchBar.element);
    this.append(touchKeys(this.screen, (text) => this.onTyped(text, true)));
    this.addEventListener("keydown", (event) => this.onKeyOutside(event));
    this.applySettings = () => { this.dataset.theme = this.settings.theme; };
    this.settings.addEventListener("change", this.applySettings);
    this.applySettings();
  }

  fixedSize() {
    const [rows, cols] = ["rows", "cols"].map((name) => Number(this.getAttribute(name)));
    return rows && cols ? { rows, cols } : null;
  }

  /** The same program from its beginning, on an empty screen; one that waits for that goes on waiting. False without a
   *  connection. */
  rerun() {
    if (this.connection?.state.name === "queued") return true;
    this.begins = Boolean(this.connection) && this.restarting.begin();
    return this.begins;
  }

  /** Whether it waited to be started again. It does not any more. */
  leaveQueue() {
    if (!this.restarting.giveUp()) return false;
    this.begins = false;
    this.strip.untell();
    return true;
  }

  /** The session, where somebody else is about to start its program from its beginning; null without a connection. */
  expectRerun() {
    this.begins = this.connection?.state.name === "connected";
    return this.begins ? this.welcome.session : null;
  }

  giveUpRerun() {
    this.begins = false;
  }

  /** Whether leaving the page could surprise somebody: they typed here, and the program runs or waits for input. */
  get busy() {
    return Boolean(this.typedHere && this.welcome && !this.outcome && this.connection.state.name !== "closed");
  }

  // --- The connection ---

  connect() {
    const { client, whereabouts } = this;
    const page = () => ({ client, drives: !this.hasAttribute("watch"), csrf: this.getAttribute("csrf") });
    const ways = {
      socket: (offset) => {
        const { address, wishes } = whereabouts.socket(this.connection.size);
        return new SocketTransport(address, { ...page(), offset, wishes });
      },
      events: (offset) => new EventTransport(whereabouts.api, { ...page(), offset }),
    };
    this.connection = new Connection({
      client,
      listener: this,
      probe: () => whereabouts.probe(this.connection.size),
      clock: {
        now: () => Date.now(),
        random: Math.random,
        after: (milliseconds, call) => {
          const timer = setTimeout(call, milliseconds);
          return () => clearTimeout(timer);
        },
      },
      openTransport: (way, { offset }) => ways[way](offset),
    });
    const { rows, cols } = this.screen.terminal;
    this.connection.resize(rows, cols);
    this.connection.open();
    this.doubt = () => this.connection.doubt();
    window.addEventListener("online", this.doubt);
    this.rest = () => this.connection.rest(); // a page that the browser keeps for Back would hold the keyboard
    this.wake = ({ persisted }) => persisted && this.connection.retry();
    window.addEventListener("pagehide", this.rest);
    window.addEventListener("pageshow", this.wake);
    let last = Date.now();
    this.checking = setInterval(() => {
      if (Date.now() - last > ASLEEP_MS) this.doubt(); // the machine slept, and the connection may have died meanwhile
      last = Date.now();
    }, CHECK_EVERY_MS);
  }

  // --- What the connection tells (connection.js) ---

  onState(state) {
    this.strip.showConnection(state, () => Date.now(), this.connection.queue.pendingBytes, this.outcome);
    if (state.name === "waiting" && !this.wasLost) this.strip.say(gettext("The connection is lost."));
    if (state.name === "connected" && this.wasLost) this.strip.say(gettext("Connected again."));
    this.wasLost = state.name === "waiting" || (state.name === "connecting" && this.wasLost);
    if (state.name === "queued") {
      const sentence = this.strip.words.textContent;
      this.strip.say(sentence);
      this.tell("console-queued", { sentence });
    }
    if (state.name !== "closed") return;
    this.restarting.end();
    this.strip.say(this.strip.words.textContent);
    this.end.hidden = true;
    this.place.classList.add("console-closed");
    this.tell("console-closed", { reason: state.reason });
  }

  onOutput(offset, bytes) {
    const shown = this.beside.take(offset, bytes);
    this.screen.write(offset + bytes.length - shown.length, shown);
  }

  onDropped(bytes) {
    this.strip.tell(gettext("%(size)s of what was typed or pasted did not go to the program.", { size: sizeOf(bytes) }));
  }

  onMessage(message) {
    this[`on_${message.kind}`]?.(message);
  }

  on_welcome(message) {
    const first = !this.welcome;
    this.welcome = message;
    this.whereabouts.session = message.session;
    this.screen.replay();
    this.on_size(message);
    this.on_watchers(message);
    if (message.usage) this.strip.showUsage(message.usage);
    if (message.outcome) this.on_ended(message.outcome);
    if (first && message.offset) this.beside.gap();
    if (first) this.tell("console-opened", message);
    if (first && this.hasAttribute("autofocus")) this.screen.focus();
  }

  on_replayed() {
    this.screen.replayed();
  }

  on_gap({ from, to }) {
    this.beside.gap();
    this.screen.sayMissing(to - from);
  }

  on_size({ rows, columns }) {
    this.size = { rows, columns };
    if (!this.connection.drives) this.screen.follow(rows, columns);
    if (this.watchers) this.showWatchers();
  }

  on_watchers({ watchers }) {
    this.watchers = watchers;
    if (this.connection.drives) this.screen.lead();
    else this.screen.follow(this.size.rows, this.size.columns);
    this.showWatchers();
  }

  /** Restart and Close are the owner's. */
  get owns() {
    return this.watchers?.find(({ client }) => client === this.client)?.name === this.welcome.owner;
  }

  showWatchers() {
    this.strip.showWatchers({
      own: this.watchers.find(({ client }) => client === this.client),
      others: this.watchers.filter(({ client }) => client !== this.client),
      drives: this.connection.drives,
      owner: this.welcome.owner,
      mayType: this.welcome.may_type,
      ...this.size,
    });
  }

  on_usage(message) {
    this.strip.showUsage(message);
  }

  on_display({ mime, title, url }) {
    this.pane.add({ mime, title, url });
  }

  on_ended(outcome) {
    this.outcome = outcome;
    this.beside.end();
    this.sentence.textContent = outcome.sentence;
    this.status.textContent = outcome.exit_status ? gettext("exit status %(status)s", { status: outcome.exit_status }) : "";
    this.again.hidden = !outcome.may_restart || !this.owns;
    this.end.hidden = false;
    this.strip.untell(); // a warning of what has now happened
    this.onState(this.connection.state);
    this.strip.say(outcome.sentence);
    this.tell("console-ended", outcome);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }

  on_restarted({ offset }) {
    if (this.restarting.waits) this.strip.untell();
    this.restarting.end();
    this.outcome = null;
    this.end.hidden = true;
    this.beside.begin(offset);
    if (this.begins) this.screen.begin();
    else this.screen.restart();
    this.begins = false;
    this.onState(this.connection.state);
    this.strip.say(gettext("Restarted."));
    this.tell("console-restarted");
  }

  on_ending({ seconds, sentence }) {
    this.strip.tell(sentence, seconds * 1000);
  }

  on_refused({ reason, sentence }) {
    if (reason === "queued" && this.restarting.wait()) {
      const words = wordsOfQueue(sentence);
      this.strip.tell(words);
      this.tell("console-queued", { sentence: words });
      return;
    }
    this.begins = false;
    this.strip.tell(sentence);
    this.tell("console-refused");
  }

  // --- What the screen tells (screen.js) ---

  onTyped(text, byPerson) {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    if (this.outcome) {
      if (byPerson && text === "\r" && !this.again.hidden) this.restarting.begin();
      return;
    }
    if (!byPerson && !this.connection.drives) return; // whoever types answers what the program asks the terminal
    if (this.connection.type(bytes)) this.typedHere ||= byPerson;
    else if (byPerson) this.strip.tell(this.whyNotTyped());
    this.strip.showWaiting(this.connection.state.name === "connected" ? 0 : this.connection.queue.pendingBytes);
  }

  whyNotTyped() {
    if (this.connection.state.name === "closed") return gettext("Nothing was typed: the connection is closed.");
    if (this.connection.drives) return gettext("Nothing was typed: too much is waiting to be typed already.");
    return this.strip.drive.hidden
      ? gettext("Nothing was typed: you are watching.")
      : gettext("Nothing was typed: you are watching. To type, take the keyboard.");
  }

  onSize(rows, columns) {
    this.connection?.resize(rows, columns);
  }

  onShown(offset) {
    this.connection.shown(offset);
  }

  onSearch() {
    this.searchBar.open();
  }

  onLeave() {
    this.strip.element.querySelector("button:not([hidden], :disabled)").focus();
  }

  onPane(open) {
    this.line.hidden = !open;
    this.beside.isLeft = !open;
    if (!open) this.screen.focus();
  }

  onKeyOutside(event) {
    if (event.key !== "?" || event.target.closest("input, textarea, select, dialog")) return;
    event.preventDefault();
    this.window("showKeys");
  }

  /** One of those in dialogs.js. */
  async window(name, what) {
    const windows = await import("./dialogs.js");
    windows[name](this, what);
  }

  // --- The buttons ---

  send(kind) {
    if (!this.connection.send(kind)) this.tellNotNow();
  }

  tellNotNow() {
    this.strip.tell(gettext("Not now: there is no connection."));
  }

  do_interrupt() {
    if (!this.leaveQueue() && !this.connection.interrupt()) this.tellNotNow();
    this.screen.focus();
  }

  async do_restart() {
    const heading = gettext("Restart %(title)s?", { title: this.welcome?.title ?? "" });
    const text = gettext("The program that runs is ended, and the values it holds are gone. Files stay.");
    const isMeant = this.outcome || (await ask(this, { heading, text, yes: gettext("Restart"), no: gettext("Keep it") }));
    if (isMeant && !this.restarting.begin()) this.tellNotNow();
    this.screen.focus();
  }

  do_clear() {
    this.screen.clear();
    this.screen.focus();
  }

  async do_close() {
    const heading = gettext("Close %(title)s?", { title: this.welcome?.title ?? "" });
    const text = gettext("The program that runs is ended, and its output is gone. Files stay. To come back later, just leave the page.");
    if (this.outcome || (await ask(this, { heading, text, yes: gettext("Close"), no: gettext("Keep it") }))) this.send("end");
  }

  do_drive() {
    this.send("drive");
    this.screen.focus();
  }

  do_release() {
    this.send("release");
  }

  do_retry() {
    if (this.connection.state.name === "closed") location.reload();
    else this.connection.retry();
  }

  do_search() {
    this.searchBar.open();
  }

  do_text() {
    this.window("showText", this.screen.text());
  }

  do_help() {
    this.window("showKeys");
  }
}

customElements.define("ivle-console", IvleConsole);

/** A console in an element, as one line: url is that of its page or of its socket, or /console/new/?program=... of none
 *  yet; with rows and cols its size is fixed. */
export function make_terminal(place, { rows, cols, csrf } = {}, url) {
  const { pathname, searchParams } = new URL(url, location.href);
  const [, base, session] = /^(.*\/)([^/]+)\/(?:socket)?$/.exec(pathname);
  const where = session === "new" ? Object.fromEntries(STARTS.map((name) => [name, searchParams.get(name)])) : { session };
  const made = element("ivle-console", { ...where, base, rows, cols, csrf });
  place.append(made);
  return made;
}
