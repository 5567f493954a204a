// <ivle-machine>: what this machine does now, drawn anew every few seconds while somebody looks.

import { Asking } from "../site/asking.js";
import { button, element } from "../site/markup.js";
import { clockOf, sizeOf } from "../site/measures.js";
import { gettext } from "../site/words.js";
import { Polling } from "./polling.js";
import { Rows } from "./rows.js";
import { lengthOf, ranked, rates } from "./usage.js";

const ENTRIES = { run: gettext("page"), console: gettext("console"), service: gettext("editor help"), test: gettext("test") };
const KINDS = { guest: gettext("guest"), student: gettext("student"), staff: gettext("staff"), tarpit: gettext("tarpit") };
const ENDS = {
  finished: gettext("finished"), cpu: gettext("CPU used up"), wall: gettext("took too long"), memory: gettext("memory used up"),
  output: gettext("printed too much"), disk: gettext("files too large"), killed: gettext("ended by somebody"), crashed: gettext("crashed"),
  fault: gettext("lost by a fault of ours"), busy: gettext("no turn"), budget: gettext("over their budget"), short: gettext("no memory for it"),
  refused: gettext("refused"), unavailable: gettext("cannot isolate"),
};

class Machine extends HTMLElement {
  connectedCallback() {
    this.asking = new Asking({ csrf: this.getAttribute("csrf") });
    this.build();
    this.polling = new Polling({
      ask: () => this.asking.ask("GET", this.getAttribute("now")),
      onNews: (now) => this.show(now),
      onLost: (fault) => this.tell(this.state, fault.message, "problem"),
    });
  }

  disconnectedCallback() {
    this.polling.end();
  }

  build() {
    this.state = element("div", { class: "machine-state" });
    this.said = element("p", { class: "machine-said", role: "status" });
    this.figures = element("dl", { class: "machine-figures" });
    const people = table(gettext("Who uses what"), [
      { label: gettext("Who"), text: (one) => `${one.owner}|${one.name}`, make: whoOf, kind: "who" },
      { label: gettext("Kind"), text: (one) => KINDS[one.kind] ?? one.kind, kind: "kind" },
      { label: gettext("CPU now"), text: (one) => percent(this.rates.get(one.owner)), kind: "number" },
      { label: gettext("CPU today"), text: todayOf, kind: "number" },
      { label: gettext("Memory"), text: (one) => (one.memory_bytes ? sizeOf(one.memory_bytes) : ""), kind: "number" },
      { label: gettext("Programs"), text: (one) => count(one.running + one.services), kind: "number" },
      { label: gettext("Waiting"), text: (one) => count(one.waiting), kind: "number" },
      { label: gettext("Consoles"), text: (one) => count(one.consoles), kind: "number" },
      { label: "", text: (one) => `${one.kind} ${one.has_account}`, make: (one) => this.deedsFor(one), kind: "act" },
    ], (one) => one.owner);
    const recent = table(gettext("How programs ended"), [
      { label: gettext("When"), text: (end) => clock(end.at) },
      { label: gettext("Whose"), text: (end) => end.owner },
      { label: gettext("What"), text: (end) => ENTRIES[end.entry] ?? end.entry },
      { label: gettext("How"), text: howOf },
      { label: gettext("CPU"), text: (end) => (end.cpu_seconds === undefined ? "" : lengthOf(end.cpu_seconds)), kind: "number" },
      { label: gettext("Took"), text: (end) => (end.wall_seconds === undefined ? "" : lengthOf(end.wall_seconds)), kind: "number" },
    ], (end) => `${end.at} ${end.job} ${end.owner} ${end.ended}`);
    const deeds = table(gettext("What administrators did"), [
      { label: gettext("When"), text: (deed) => clock(deed.at) },
      { label: gettext("By"), text: (deed) => deed.by },
      { label: gettext("What"), text: (deed) => deed.what },
      { label: gettext("Whose"), text: (deed) => deed.owner },
    ], (deed) => `${deed.at} ${deed.by} ${deed.what} ${deed.owner}`);
    Object.assign(this, { people, recent, deeds });
    this.append(this.state, this.figures, this.said, people.section, recent.section, deeds.section);
  }

  show(now) {
    this.rates = rates(this.before, now);
    this.before = now;
    this.showState(now);
    this.showFigures(now.machine);
    this.people.show(ranked(now.people, this.rates), gettext("Nobody runs anything."));
    this.recent.show(now.recent, gettext("No program has ended since the supervisor began."));
    this.deeds.show(now.deeds ?? [], gettext("Nothing yet."));
  }

  showState({ lacks, alarms }) {
    if (!lacks.length && !alarms.length) this.tell(this.state, gettext("All is well: the machine is ready, and there is no alarm."), "good");
    else this.tell(this.state, [...lacks, ...alarms.map(alarmOf)].join("\n"), "problem");
  }

  /** Only what has changed, so that a screen reader is told once. */
  tell(place, text, kind) {
    if (place.dataset.text === text) return;
    place.dataset.text = text;
    const role = kind === "problem" ? "alert" : "status";
    place.replaceChildren(element("div", { class: kind === "good" ? "note" : kind, role }, ...text.split("\n").map((line) => element("p", {}, line))));
  }

  showFigures(machine) {
    const shown = [
      [gettext("Running"), machine.running], [gettext("Waiting"), machine.waiting], [gettext("Consoles"), machine.consoles],
      [gettext("Watching"), machine.watchers], [gettext("To be marked"), machine.marking],
      [gettext("Load"), gettext("%(load)s on %(processors)s", machine)],
      [gettext("Memory free"), sizeOrNothing(machine.memory_available_bytes)], [gettext("Disk free"), sizeOrNothing(machine.disk_free_bytes)],
    ];
    this.figures.replaceChildren(
      ...shown.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value ?? "–")))),
    );
  }

  deedsFor({ owner, kind, has_account }) {
    const ways = [["end", gettext("End"), gettext("End all programs of %(owner)s", { owner })]];
    if (has_account && kind === "tarpit") ways.push(["restore", gettext("Restore"), gettext("Take %(owner)s out of the tarpit", { owner })]);
    else if (has_account) ways.push(["tarpit", gettext("Tarpit"), gettext("Put %(owner)s into the tarpit", { owner })]);
    const buttons = ways.map(([deed, label, name]) => button(label, () => this.act(deed, owner), { "aria-label": name }));
    return element("div", { class: "machine-deeds" }, ...buttons);
  }

  async act(deed, owner) {
    try {
      const { said } = await this.asking.ask("POST", this.getAttribute("act"), { body: new URLSearchParams({ do: deed, owner }) });
      this.said.textContent = said;
      await this.polling.look();
    } catch (fault) {
      if (typeof fault.status !== "number") throw fault;
      this.said.textContent = fault.message;
    }
  }
}

function table(title, columns, keyOf) {
  const heads = columns.map(({ label, kind }) =>
    element("th", { scope: "col", class: kind }, label || element("span", { class: "unseen" }, gettext("What can be done"))));
  const body = element("tbody");
  const whole = element("table", { class: "machine-table" }, element("thead", {}, element("tr", {}, ...heads)), body);
  const nothing = element("p", { class: "aside" });
  const rows = new Rows(body, columns, keyOf);
  return {
    section: element("section", {}, element("h2", {}, title), whole, nothing),
    show(items, sentence) {
      rows.show(items);
      whole.hidden = items.length === 0;
      nothing.hidden = items.length > 0;
      nothing.textContent = sentence;
    },
  };
}

function whoOf({ owner, name }) {
  const shown = element("span", {}, element("strong", {}, owner));
  if (name) shown.append(" ", element("span", { class: "aside" }, name));
  return shown;
}

const percent = (rate) => (rate === undefined ? "" : gettext("%(percent)s %", { percent: Math.round(100 * rate) }));
const count = (number) => (number ? String(number) : "");
const sizeOrNothing = (bytes) => (typeof bytes === "number" ? sizeOf(bytes) : "–");
const isToday = (moment) => new Date(moment).toDateString() === new Date().toDateString();
const clock = (moment) => (isToday(moment) ? new Date(moment).toLocaleTimeString() : clockOf(moment));
const alarmOf = ({ sentence, since }) => gettext("Alarm since %(since)s: %(sentence)s", { since: clock(since), sentence });

function todayOf({ today_seconds: used, allowed_seconds: allowed }) {
  return used === null ? "" : gettext("%(used)s of %(allowed)s", { used: lengthOf(used), allowed: lengthOf(allowed) });
}

function howOf({ ended, exit_status: status, signal }) {
  const how = ENDS[ended] ?? ended;
  if (ended === "finished" && status) return gettext("%(how)s, status %(status)s", { how, status });
  return ended === "crashed" && signal ? gettext("%(how)s, signal %(signal)s", { how, signal }) : how;
}

customElements.define("ivle-machine", Machine);
