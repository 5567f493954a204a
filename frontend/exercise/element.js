// <ivle-exercise course name src>: an exercise to work on, on a page of its own or in a tutorial. It begins once it comes
// into sight. Files, report and attempts are modules of their own; here is what each button does.
// Attributes: csrf (the page's token, else that of any form on it), headed (the page has its title already).

import { ask } from "../site/dialogs.js";
import { button, element } from "../site/markup.js";
import { sheetsAreThere } from "../site/sheets.js";
import { gettext, ngettext } from "../site/words.js";
import { ExerciseApi } from "./api.js";
import { attemptsList, moment, showAttempt } from "./attempts.js";
import { points, reportOf, rounded, summaryOf } from "./report.js";
import { Watching, isAwaited, sentenceOf } from "./watching.js";
import { Work } from "./work.js";

const SHEETS = ["../editor/editor.css", "exercise.css"].map((name) => new URL(name, import.meta.url).href);
const NEAR = "300px";
const TO_CONSOLE_AFTER_MS = 150; // a program that is over by then needs no keyboard

export class IvleExercise extends HTMLElement {
  connectedCallback() {
    if (this.seeing) return;
    this.seeing = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      this.seeing.disconnect();
      this.begin();
    }, { rootMargin: NEAR });
    this.seeing.observe(this);
  }

  disconnectedCallback() {
    this.seeing?.disconnect();
    this.watching?.stop();
    this.work?.dispose();
    this.seeing = null;
  }

  get csrf() {
    return this.getAttribute("csrf") ?? document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  }

  async begin() {
    const [course, name] = ["course", "name"].map((one) => this.getAttribute(one));
    this.api = new ExerciseApi({ course, name, csrf: this.csrf });
    this.status = element("p", { class: "exercise-status", role: "status" });
    let exercise;
    try {
      [exercise] = await Promise.all([this.api.exercise(), sheetsAreThere(...SHEETS)]);
    } catch (fault) {
      this.append(element("p", { class: "problem" }, fault.message));
      return;
    }
    this.build(exercise);
    window.addEventListener("beforeunload", (event) => {
      if (this.isConnected && this.work.isDirty) event.preventDefault();
    });
    await this.work.begin();
    const [last] = exercise.attempts;
    if (last && isAwaited(last)) this.follow(last.number);
  }

  // --- What is on the screen ---

  build(exercise) {
    this.tests = exercise.tests.length;
    this.watching = new Watching({
      api: this.api,
      onNews: (attempt) => this.onNews(attempt),
      onLost: (fault) => this.say(fault.message, true),
    });
    this.work = new Work({
      files: exercise.files,
      save: (texts) => this.api.save(texts),
      onRun: () => this.do_run(),
      onState: (sentence, isBad) => this.onSaved(sentence, isBad),
    });
    const text = element("div", { class: "exercise-text" });
    text.innerHTML = exercise.html; // which the server has cleaned
    this.saved = element("span", { class: "exercise-saved aside" });
    const names = { run: gettext("Run"), check: gettext("Check"), submit: gettext("Submit"), anew: gettext("Start anew") };
    this.buttons = Object.fromEntries(Object.entries(names).map(([name, label]) => [name, button(label, () => this[`do_${name}`]())]));
    this.buttons.run.classList.add("primary");
    this.buttons.anew.classList.add("exercise-anew");
    this.output = element("div", { class: "exercise-output" });
    this.results = element("section", { class: "exercise-report", hidden: true, "aria-label": gettext("Results") });
    this.hints = element("div", { class: "exercise-hints" });
    this.terms = element("p", { class: "exercise-terms aside" });
    this.attempts = element("section", { class: "exercise-history", hidden: true });
    const heading = this.hasAttribute("headed") ? null : element("h2", {}, exercise.title);
    this.replaceChildren(
      ...[heading].filter(Boolean), text, this.work.element,
      element("div", { class: "exercise-buttons" }, this.buttons.run, this.buttons.check, this.buttons.submit, this.saved, this.buttons.anew),
      this.status, this.output, this.results, this.hints, this.terms, this.attempts,
    );
    this.refresh(exercise);
  }

  /** All that changes when something was tried. */
  refresh({ hints, terms, attempts, mark, refusal, is_late: isLate }) {
    this.showHints(hints);
    this.terms.textContent = termsOf(terms, attempts.length, isLate);
    this.isRefused = Boolean(refusal);
    this.buttons.submit.disabled = this.isRefused || this.watching.number !== null;
    this.buttons.submit.title = refusal;
    this.attempts.hidden = !attempts.length;
    const counts = mark ? element("p", { class: "exercise-mark-now" }, markOf(mark)) : null;
    const list = attemptsList({ attempts, mark, onLook: (number) => this.do_look(number) });
    const more = refusal ? element("p", { class: "aside" }, refusal) : null;
    this.attempts.replaceChildren(...[this.heading(gettext("Your attempts")), counts, list, more].filter(Boolean));
  }

  showHints(hints) {
    const open = [...this.hints.children].map((one) => one.open);
    this.hints.replaceChildren(...hints.map(({ html, tries_left: left }, index) => {
      if (!html) {
        const text = ngettext("There is a hint after %(count)s more try.", "There is a hint after %(count)s more tries.", left);
        return element("p", { class: "aside" }, text);
      }
      const content = element("div", {});
      content.innerHTML = html; // which the server has cleaned
      const title = hints.length > 1 ? gettext("Hint %(number)s", { number: index + 1 }) : gettext("Hint");
      return element("details", { class: "exercise-hint", open: Boolean(open[index]) }, element("summary", {}, title), content);
    }));
  }

  showReport(results, heading) {
    this.results.hidden = false;
    this.results.replaceChildren(this.heading(heading), element("p", {}, summaryOf(results)), reportOf(results));
  }

  /** One level below the title, wherever that stands. */
  heading(text) {
    return element(this.hasAttribute("headed") ? "h2" : "h3", { class: "exercise-heading" }, text);
  }

  say(text, isBad = false) {
    this.status.textContent = text;
    this.status.classList.toggle("exercise-bad", isBad);
  }

  onSaved(sentence, isBad = false) {
    this.saved.textContent = isBad ? "" : sentence;
    if (isBad) this.say(sentence, true);
  }

  // --- The buttons ---

  /** Does it with the buttons held, and says what went wrong. */
  async busy(sentence, act) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.say(sentence);
    try {
      await act();
    } catch (fault) {
      if (fault.status === undefined) throw fault;
      this.say(fault.message, true);
    } finally {
      this.isBusy = false;
    }
  }

  do_run() {
    return this.busy(gettext("Starting …"), async () => {
      const [file] = await Promise.all([this.work.keep(), import("../console/element.js")]);
      this.say("");
      if (this.console?.isConnected && this.console.rerun?.()) {
        this.lend();
        return;
      }
      const environment = this.getAttribute("environment");
      this.console = element("ivle-console", { program: "python", file, policy: "unique", csrf: this.csrf, ...(environment && { environment }) });
      this.console.addEventListener("console-closed", ({ target }) => target === this.console && this.output.replaceChildren());
      this.console.addEventListener("console-opened", () => this.lend());
      this.output.replaceChildren(this.console);
    });
  }

  /** The keyboard goes to a program that still runs, unless its person has gone elsewhere meanwhile. */
  lend() {
    setTimeout(() => {
      const isHere = document.activeElement === document.body || document.activeElement === this.buttons.run || this.work.hasFocus;
      if (isHere && !this.console?.outcome) this.console?.screen?.focus();
    }, TO_CONSOLE_AFTER_MS);
  }

  do_check() {
    return this.busy(gettext("Checking …"), async () => {
      await this.work.keep();
      const { report, hints } = await this.api.check(this.work.texts);
      this.showHints(hints);
      const hidden = this.tests - report.results.length;
      const more = hidden ? ngettext("%(count)s hidden test runs when you submit.", "%(count)s hidden tests run when you submit.", hidden) : "";
      this.showReport(report.results, gettext("Check"));
      this.say([summaryOf(report.results), more].filter(Boolean).join(" "));
    });
  }

  do_submit() {
    return this.busy(gettext("Handing in …"), async () => {
      await this.work.keep();
      const attempt = await this.api.submit(this.work.texts);
      this.onNews(attempt);
      this.follow(attempt.number);
    });
  }

  /** Until it is marked. */
  async follow(number) {
    this.buttons.submit.disabled = true;
    try {
      const attempt = await this.watching.watch(number);
      if (!attempt) return;
      this.refresh(await this.api.exercise());
      if (!attempt.report) {
        this.say(sentenceOf(attempt, this.tests), true);
        this.buttons.submit.disabled = this.isRefused;
        return;
      }
      this.showReport(attempt.report.results, gettext("Attempt %(number)s", { number }));
      this.say(gettext("Attempt %(number)s: %(points)s points.", { number, points: points(attempt.points, attempt.of_points) }));
    } catch (fault) {
      if (fault.status === undefined) throw fault;
      this.say(fault.message, true);
    }
    this.buttons.submit.disabled = this.isRefused;
  }

  onNews(attempt) {
    this.say(sentenceOf(attempt, this.tests));
    if (attempt.progress.length) this.showReport(attempt.progress, gettext("Attempt %(number)s, so far", { number: attempt.number }));
  }

  async do_look(number) {
    await this.busy("", async () => showAttempt(this, await this.api.attempt(number), { onTake: (files) => this.work.take(files) }));
  }

  async do_anew() {
    const heading = gettext("Start anew?");
    const text = gettext("Your files become what everybody begins with. What you have is kept as a version.");
    if (await ask(this, { heading, text, yes: gettext("Start anew"), no: gettext("Keep it") })) this.work.startAnew();
  }
}

/** On what it is handed in, in sentences. */
function termsOf({ attempts_max: most, counts, penalty_percent: penalty, due, late_percent: late, closes }, used, isLate) {
  return [
    most === null ? null : ngettext("You have used %(used)s of one attempt.", "You have used %(used)s of %(count)s attempts.", most, { used }),
    counts === "last" ? gettext("The last attempt counts.") : gettext("The best attempt counts."),
    penalty ? gettext("Each further attempt costs %(percent)s % of the points.", { percent: rounded(penalty) }) : null,
    due ? gettext("Due %(when)s.", { when: moment(due) }) : null,
    due && late ? gettext("Each day late costs %(percent)s % of the points.", { percent: rounded(late) }) : null,
    isLate ? gettext("It is late now.") : null,
    closes ? gettext("Closes %(when)s.", { when: moment(closes) }) : null,
  ].filter(Boolean).join(" ");
}

function markOf(mark) {
  const what = points(mark.points, mark.of_points);
  if (mark.by_hand) return gettext("Your mark is %(what)s, set by your lecturer.", { what });
  return gettext("Your mark is %(what)s, of attempt %(number)s.", { what, number: mark.attempt });
}

customElements.define("ivle-exercise", IvleExercise);
