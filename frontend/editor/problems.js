// Warnings about the code: asked for after a pause, marked in the text, and listed below it. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext, ngettext } from "../site/words.js";

const PAUSE_MS = 400;
const SEVERITIES = new Set(["error", "warning", "info", "hint"]);

export class Problems {
  /** onGo(line, column); onCount(); ask(path, text): promises {problems, more}. */
  constructor({ ask, onGo, onCount, clock = globalThis }) {
    Object.assign(this, { ask, onGo, onCount, clock });
    this.found = [];
    this.more = 0;
    this.number = 0;
    this.list = element("ol", {});
    this.rest = element("p", { class: "aside", hidden: true });
    this.none = element("p", { class: "aside" }, gettext("No problems were found."));
    this.element = element(
      "section",
      { class: "editor-problems", hidden: true, "aria-label": gettext("Problems") },
      element(
        "header",
        {},
        element("h2", {}, gettext("Problems")),
        button("✕", () => { this.element.hidden = true; }, { "aria-label": gettext("Close the list") }),
      ),
      element("div", { class: "editor-problems-body" }, this.list, this.rest, this.none),
    );
  }

  /** After a pause; `code` is what shows the text. */
  askSoon(path, code, milliseconds = PAUSE_MS) {
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.askNow(path, code), milliseconds);
  }

  async askNow(path, code) {
    this.number += 1;
    const { number } = this;
    const { text } = code;
    const answer = await this.ask(path, text).catch(refused);
    if (!answer || number !== this.number || code.text !== text) return; // it is of another text by now
    this.show(answer, code);
  }

  forget() {
    this.clock.clearTimeout(this.timer);
    this.number += 1;
    this.show({ problems: [], more: 0 }, this.code);
  }

  /** refusal: why the text was not looked at, as a sentence. */
  show({ problems, more, refusal = "" }, code) {
    problems.sort((one, other) => one.line - other.line || one.column - other.column);
    Object.assign(this, { found: problems, more, code });
    code?.mark(problems.map((one) => this.diagnostic(one, code)));
    this.list.replaceChildren(...problems.map((one) => this.entry(one, code)));
    this.rest.hidden = !more;
    this.rest.textContent = ngettext("And %(count)s more.", "And %(count)s more.", more);
    this.none.hidden = problems.length > 0;
    this.none.textContent = refusal || gettext("No problems were found.");
    this.onCount();
  }

  /** Goes to the next one after this place, or the one before, and round the end; its sentence, "" where there is none. */
  go({ line, column }, direction) {
    const isAfter = (one) => one.line > line || (one.line === line && one.column > column);
    const isBefore = (one) => one.line < line || (one.line === line && one.column < column);
    const found = direction > 0 ? this.found.find(isAfter) ?? this.found[0] : this.found.findLast(isBefore) ?? this.found.at(-1);
    if (!found) return "";
    this.onGo(found.line, found.column);
    return gettext("Line %(line)s: %(message)s", found);
  }

  get summary() {
    const count = this.found.length + this.more;
    return count ? ngettext("%(count)s problem", "%(count)s problems", count) : "";
  }

  diagnostic(problem, code) {
    const from = code.positionOf(problem);
    const to = Math.max(from, code.positionOf({ line: problem.end_line, column: problem.end_column }));
    return {
      from,
      to,
      severity: SEVERITIES.has(problem.severity) ? problem.severity : "warning",
      source: problem.code ?? undefined,
      message: problem.message,
      renderMessage: () => element("span", {}, ...pieces(problem.message)),
      actions: problem.fix ? [{ name: problem.fix.label, apply: () => this.mend(problem, code) }] : [],
    };
  }

  entry(problem, code) {
    const { line, column, message } = problem;
    const go = button(
      "", () => this.onGo(line, column), { class: "editor-problem", "data-severity": problem.severity },
    );
    go.append(
      element("span", { class: "editor-problem-line" }, gettext("Line %(line)s", { line })),
      element("span", {}, ...pieces(message)),
      element("span", { class: "editor-problem-code" }, problem.code ?? ""),
    );
    const fix = problem.fix ? button(gettext("Fix"), () => this.mend(problem, code), { title: problem.fix.label, "aria-label": problem.fix.label }) : null;
    return element("li", {}, go, fix);
  }

  mend({ fix }, code) {
    const changes = fix.edits.map(({ from, to, text }) => ({ from: code.positionOf(from), to: code.positionOf(to), insert: text }));
    code.edit(changes);
    code.focus();
  }
}

/** What is shown of a text that is too much to be checked; null where it may be another time, and nothing changes. */
function refused(fault) {
  return fault.status === 400 ? { problems: [], more: 0, refusal: fault.message } : null;
}

/** What stands between `backticks` is code. */
function pieces(message) {
  return message.split(/`([^`]+)`/).map((text, index) => (index % 2 ? element("code", {}, text) : text));
}
