// Sizes and times in words. Pure.

import { gettext, ngettext } from "./words.js";

const UNITS = [[1024 ** 3, "%(number)s GB"], [1024 ** 2, "%(number)s MB"], [1024, "%(number)s KB"]]; // as limits count
const STEPS = [[60, "second", 1], [3600, "minute", 60], [86_400, "hour", 3600], [7 * 86_400, "day", 86_400]];
const JUST_NOW_SECONDS = 45;
const DATE = { day: "numeric", month: "short", year: "numeric" };
const TIME = { timeStyle: "medium" };
const EXACT = { dateStyle: "full", timeStyle: "medium" };
const formats = new Map(); // making one takes longer than a whole row of the list

function formatOf(kind, language, options) {
  const key = `${kind} ${language} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl[kind](language, options));
  return formats.get(key);
}

/** "3.4 KB": one digit after the point below ten, where it is not 0. */
export function sizeOf(bytes) {
  if (bytes < 1024) return ngettext("%(count)s byte", "%(count)s bytes", bytes);
  const [unit, words] = UNITS.find(([least]) => bytes >= least * 0.9995) ?? UNITS.at(-1);
  const amount = bytes / unit;
  return gettext(words, { number: amount < 9.95 ? Number(amount.toFixed(1)) : Math.round(amount) });
}

/** Relative for a week, then the date. */
export function timeOf(moment, now = Date.now(), language = undefined) {
  const seconds = (now - Date.parse(moment)) / 1000;
  if (Math.abs(seconds) < JUST_NOW_SECONDS) return gettext("just now");
  const step = seconds > 0 ? STEPS.find(([below]) => seconds < below) : null;
  if (!step) return formatOf("DateTimeFormat", language, DATE).format(Date.parse(moment));
  const [, unit, length] = step;
  return formatOf("RelativeTimeFormat", language, { numeric: "auto" }).format(-Math.max(1, Math.round(seconds / length)), unit);
}

/** To the second, so that two moments are told apart: "today, 12:34:56", later with the date. */
export function clockOf(moment, now = Date.now(), language = undefined) {
  const when = new Date(moment);
  const days = Math.round((new Date(when).setHours(12, 0, 0, 0) - new Date(now).setHours(12, 0, 0, 0)) / 86_400_000);
  const isNear = days === 0 || days === -1;
  const day = isNear
    ? formatOf("RelativeTimeFormat", language, { numeric: "auto" }).format(days, "day")
    : formatOf("DateTimeFormat", language, DATE).format(when);
  return gettext("%(day)s, %(time)s", { day, time: formatOf("DateTimeFormat", language, TIME).format(when) });
}

export function exactTimeOf(moment, language = undefined) {
  return formatOf("DateTimeFormat", language, EXACT).format(Date.parse(moment));
}

export function percentOf(part, whole) {
  return whole > 0 ? Math.min(100, Math.floor((100 * part) / whole)) : 100;
}
