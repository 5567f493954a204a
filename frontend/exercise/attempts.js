// The attempts of an exercise, each with its files and its report in a window. Used by element.js.

import { button, element } from "../site/markup.js";
import { actions, show } from "../site/dialogs.js";
import { gettext } from "../site/words.js";
import { points, reportOf, summaryOf } from "./report.js";
import { ASIDE, sentenceOf } from "./watching.js";

/** attempts, mark, terms: as the API has them; onLook(number). */
export function attemptsList({ attempts, mark, onLook }) {
  return element("ul", { class: "rows exercise-attempts" }, ...attempts.map((attempt) => row(attempt, mark, onLook)));
}

function row(attempt, mark, onLook) {
  const label = gettext("Attempt %(number)s", { number: attempt.number });
  return element(
    "li",
    {},
    button(label, () => onLook(attempt.number), { class: "exercise-look" }),
    element("time", { datetime: attempt.submitted }, moment(attempt.submitted)),
    element("span", {}, worthOf(attempt)),
    attempt.is_late ? element("span", { class: "exercise-late" }, gettext("late")) : null,
    mark?.attempt === attempt.number ? element("span", { class: "exercise-counts" }, gettext("counts")) : null,
  );
}

function worthOf({ state, points: reached, of_points: most }) {
  if (reached !== null) return points(reached, most);
  return state === ASIDE ? gettext("could not be marked") : gettext("not marked yet");
}

export function moment(text) {
  return new Date(text).toLocaleString(document.documentElement.lang || undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** onTake(files): puts them back into the editor. */
export function showAttempt(parent, attempt, { onTake }) {
  const heading = gettext("Attempt %(number)s", { number: attempt.number });
  const files = Object.entries(attempt.files).map(([name, text]) =>
    element("figure", {}, element("figcaption", {}, name), element("pre", { tabindex: "0" }, text)),
  );
  const report = attempt.report
    ? [element("p", {}, summaryOf(attempt.report.results)), reportOf(attempt.report.results)]
    : [element("p", {}, attempt.state === ASIDE ? sentenceOf(attempt, 0) : gettext("It is not marked yet."))];
  const dialog = show(
    parent,
    heading,
    element("p", { class: "aside" }, moment(attempt.submitted), attempt.is_late ? ` · ${gettext("late")}` : ""),
    ...report,
    ...files,
    actions(
      button(gettext("Work on with these files"), () => { dialog.close(); onTake(attempt.files); }),
      button(gettext("Back"), () => dialog.close(), { class: "primary", autofocus: true }),
    ),
  );
  dialog.classList.add("wide-dialog");
}
