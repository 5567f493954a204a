// What the tests said, as a list that opens: what was given, what was expected, what came. Used by element.js and attempts.js.

import { element } from "../site/markup.js";
import { gettext, ngettext } from "../site/words.js";

const KINDS = { "-": "expected", "+": "actual", " ": "both" };
const SIGNS = { "-": "−", "+": "+", " ": " " };

/** results: as the API has them. */
export function reportOf(results) {
  return element("ul", { class: "exercise-results" }, ...results.map((result) => element("li", {}, resultOf(result))));
}

/** In a sentence, for those that ran. */
export function summaryOf(results) {
  const passed = results.filter((result) => result.passed).length;
  if (passed === results.length) return ngettext("The test passes.", "All %(count)s tests pass.", results.length);
  return gettext("%(passed)s of %(all)s tests pass.", { passed, all: results.length });
}

export function points(number, most) {
  return gettext("%(points)s of %(most)s", { points: rounded(number), most: rounded(most) });
}

export function rounded(number) {
  return String(Math.round(number * 100) / 100);
}

function resultOf(result) {
  const { title, hidden, passed, feedback } = result;
  const head = [
    element("span", { class: "exercise-sign", "aria-hidden": "true" }, passed ? "✓" : "✕"),
    element("span", { class: "unseen" }, passed ? gettext("Passed:") : gettext("Failed:")),
    element("span", { class: "exercise-title" }, title),
    element("span", { class: "aside" }, hidden ? gettext("hidden") : ""),
    element("span", { class: "exercise-points" }, points(result.points, result.of_points)),
  ];
  const state = passed ? "passed" : "failed";
  if (!feedback) return element("div", { class: "exercise-result", "data-state": state }, ...head);
  return element(
    "details",
    { class: "exercise-result", "data-state": state, open: !passed },
    element("summary", {}, ...head),
    element("div", { class: "exercise-feedback" }, ...feedbackOf(feedback, passed)),
  );
}

function feedbackOf({ sentence, given, expected, actual, diff }, passed) {
  const parts = [sentence ? element("p", {}, sentence) : null, text(gettext("Given"), given)];
  if (diff.length && !passed) parts.push(difference(diff));
  else parts.push(text(gettext("Expected"), expected), text(passed ? gettext("Came") : gettext("What came"), actual));
  return parts.filter(Boolean);
}

function text(heading, content) {
  if (!content) return null;
  return element("figure", {}, element("figcaption", {}, heading), element("pre", { tabindex: "0" }, content));
}

function difference(diff) {
  const lines = diff.map(([sign, line]) =>
    element(
      "span",
      { class: `exercise-${KINDS[sign] ?? "both"}` },
      element("span", { class: "exercise-mark" }, SIGNS[sign] ?? " "),
      `${line}\n`,
    ),
  );
  return element(
    "figure",
    {},
    element("figcaption", {}, gettext("Difference: − expected, + what came")),
    element("pre", { class: "exercise-diff", tabindex: "0" }, ...lines),
  );
}
