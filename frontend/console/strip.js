// The strip above a terminal: how the connection is, CPU left, who watches, and the buttons. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext, ngettext } from "../site/words.js";
import { closedSentence } from "./closing.js";

const NEAR_THE_END_SECONDS = 10;
const SHOWN_SECONDS = 0.05; // less of it would read 0.0
const NOTICE_MS = 8000;
const RELOAD_HELPS = new Set(["logged_out", "protocol"]);

export function wordsOfQueue(place) {
  return `${place} ${gettext("It starts by itself.")}`;
}

/** actions: interrupt, restart, clear, close, drive, release, retry, search, text, settings, help; each a function. */
export class Strip {
  constructor(actions) {
    this.actions = actions;
    this.allowed = { owner: true, typing: true }; // until it is known who is there
    this.sign = element("span", { class: "console-sign", "aria-hidden": "true" });
    this.words = element("span", {});
    this.now = button("", actions.retry, { hidden: true });
    this.waiting = element("span", { class: "console-waiting", hidden: true });
    this.state = element("span", { class: "console-state" }, this.sign, this.words, this.now, this.waiting);
    this.whose = element("span", { class: "console-whose", hidden: true });
    this.drive = button(gettext("Take the keyboard"), actions.drive, { hidden: true });
    this.release = button(gettext("Let them type"), actions.release, { hidden: true });
    this.watching = element("span", { class: "console-watching", hidden: true });
    this.meter = element("meter", { min: 0, "aria-hidden": "true" });
    this.left = element("span", {});
    this.usage = element("span", { class: "console-usage", hidden: true }, this.meter, this.left);
    this.notice = element("p", { class: "console-notice", hidden: true });
    this.live = element("p", { class: "console-live", role: "status" });
    this.element = element(
      "div",
      { class: "console-strip", role: "group", "aria-label": gettext("Console") },
      this.state, this.whose, this.drive, this.watching, this.release, this.usage,
      element("span", { class: "console-buttons" }, ...this.buttonsOfProgram(), this.menu()),
    );
  }

  buttonsOfProgram() {
    const { interrupt, restart, clear, close } = this.actions;
    return [
      button(gettext("Interrupt"), interrupt, { "data-for": "typing", title: gettext("Stop what runs, like Ctrl-C") }),
      button(gettext("Restart"), restart, { class: "console-wide", "data-for": "owner" }),
      button(gettext("Clear"), clear, { class: "console-wide" }),
      button(gettext("Close"), close, { class: "console-wide", "data-for": "owner" }),
    ];
  }

  menu() {
    const { restart, clear, close, search, text, settings, help } = this.actions;
    const entry = (label, call, attributes, ofButton) =>
      element("li", attributes, button(label, () => { this.more.open = false; call(); }, ofButton));
    const narrow = { class: "console-narrow" };
    const ofOwner = { "data-for": "owner" };
    this.more = element(
      "details",
      { class: "menu console-menu", onkeydown: (event) => this.onMenuKey(event) },
      element("summary", {}, gettext("More")),
      element(
        "ul",
        {},
        entry(gettext("Restart"), restart, narrow, ofOwner),
        entry(gettext("Clear"), clear, narrow),
        entry(gettext("Close"), close, narrow, ofOwner),
        entry(gettext("Find"), search),
        entry(gettext("Show as text"), text),
        entry(gettext("Settings"), settings),
        entry(gettext("Keys"), help),
      ),
    );
    this.more.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.more.contains(relatedTarget)) this.more.open = false;
    });
    return this.more;
  }

  onMenuKey(event) {
    if (event.key !== "Escape" || !this.more.open) return;
    this.more.open = false;
    this.more.firstElementChild.focus();
  }

  // --- What it shows ---

  say(text) {
    if (this.live.textContent !== text) this.live.textContent = text;
  }

  /** For a while, and aloud. */
  tell(text, milliseconds = NOTICE_MS) {
    this.notice.textContent = text;
    this.notice.hidden = false;
    this.say(text);
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => this.untell(), milliseconds);
  }

  untell() {
    this.notice.hidden = true;
    if (this.live.textContent === this.notice.textContent) this.say(""); // told again, it is heard again
  }

  showConnection(state, now, waitingBytes, outcome) {
    clearTimeout(this.counting);
    const reloads = RELOAD_HELPS.has(state.reason);
    this.now.hidden = state.name !== "waiting" && !reloads;
    this.now.textContent = reloads ? gettext("Reload the page") : gettext("Reconnect now");
    this.ended = Boolean(outcome);
    this.enable();
    this.element.dataset.state = outcome && state.name === "connected" ? "ended" : state.name;
    this[`on_${state.name}`](state, now, outcome);
    this.showWaiting(state.name === "connected" ? 0 : waitingBytes);
  }

  on_connecting() {
    this.words.textContent = gettext("Connecting …");
    this.sign.textContent = "○";
  }

  on_connected(state, now, outcome) {
    this.words.textContent = outcome ? gettext("Ended") : gettext("Connected");
    this.sign.textContent = outcome ? "■" : "●";
  }

  on_waiting(state, now) {
    const seconds = Math.ceil((state.retryAt - now()) / 1000);
    this.sign.textContent = "◌";
    this.words.textContent = seconds > 0
      ? ngettext("Reconnecting in %(count)s s", "Reconnecting in %(count)s s", seconds)
      : gettext("Reconnecting …");
    if (seconds > 0) this.counting = setTimeout(() => this.on_waiting(state, now), 1000);
  }

  on_queued(state) {
    this.sign.textContent = "◌";
    this.words.textContent = wordsOfQueue(state.sentence);
    this.disable();
  }

  on_closed(state) {
    this.disable();
    this.drive.hidden = this.release.hidden = this.whose.hidden = this.watching.hidden = true;
    this.sign.textContent = "■";
    this.words.textContent = state.sentence || closedSentence(state.reason);
  }

  showWaiting(bytes) {
    this.waiting.hidden = !bytes;
    this.waiting.textContent = ngettext(
      "%(count)s character waits to be typed", "%(count)s characters wait to be typed", bytes,
    );
  }

  showUsage({ cpu_seconds: used, cpu_limit_seconds: limit }) {
    const left = Math.max(0, limit - used);
    const nearAt = Math.min(NEAR_THE_END_SECONDS, limit / 2);
    const near = left < nearAt;
    const seconds = left < NEAR_THE_END_SECONDS ? left.toFixed(1) : Math.round(left);
    this.usage.hidden = false;
    Object.assign(this.meter, { max: limit, low: nearAt, optimum: limit, value: left });
    this.left.textContent = this.wordsForLeft(left, near, seconds);
    this.usage.classList.toggle("console-near", near);
    if (near && left >= SHOWN_SECONDS && !this.warned) {
      this.tell(gettext("Only %(seconds)s s of CPU left. Then the program is stopped.", { seconds }));
    }
    this.warned = near;
  }

  wordsForLeft(left, near, seconds) {
    if (left < SHOWN_SECONDS) return gettext("⚠ No CPU left");
    return near ? gettext("⚠ %(seconds)s s of CPU left", { seconds }) : gettext("CPU left: %(seconds)s s", { seconds });
  }

  /** own: the watcher that this page is; others: everybody else there. */
  showWatchers({ own, others, owner, drives, mayType, rows, columns }) {
    const called = (one) => (one.name === own?.name ? gettext("you, elsewhere") : one.name);
    const driver = others.find((one) => one.drives);
    const watching = others.filter((one) => one !== driver);
    const names = [...new Set(watching.map(called))].join(", ");
    const owns = own?.name === owner;
    this.watching.hidden = !watching.length;
    this.watching.textContent = gettext("Watching: %(names)s", { names });
    this.watching.title = names;
    this.whose.hidden = drives;
    this.whose.textContent = driver
      ? gettext("%(name)s types, %(columns)s × %(rows)s", { name: called(driver), columns, rows })
      : gettext("Nobody types, %(columns)s × %(rows)s", { columns, rows });
    this.drive.hidden = drives || !mayType || Boolean(driver && !owns);
    this.release.hidden = !drives || !others.some(({ name }) => name !== owner);
    this.allowed = { owner: owns, typing: drives };
    this.enable();
  }

  disable() {
    for (const one of this.element.querySelectorAll("[data-for]")) one.disabled = true;
  }

  /** The buttons that some may press only, and the one that needs a program that runs. */
  enable() {
    for (const one of this.element.querySelectorAll("[data-for]")) {
      one.disabled = !this.allowed[one.dataset.for] || (this.ended && one.dataset.for === "typing");
    }
  }
}
