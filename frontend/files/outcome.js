// What came of something done to many files, in words: what was done, and of each other one why not. Pure.

import { gettext, ngettext } from "../site/words.js";

const DONE = {
  move: (count) => ngettext("%(count)s thing moved.", "%(count)s things moved.", count),
  copy: (count) => ngettext("%(count)s thing copied.", "%(count)s things copied.", count),
  delete: (count) => ngettext("Moved to trash.", "%(count)s things moved to trash.", count),
  restore: (count) => ngettext("Put back.", "%(count)s things put back.", count),
  upload: (count) => ngettext("%(count)s file uploaded.", "%(count)s files uploaded.", count),
  destroy: (count) => ngettext("%(count)s thing deleted for good.", "%(count)s things deleted for good.", count),
};
const NOT_DONE = {
  move: () => gettext("Nothing was moved."),
  copy: () => gettext("Nothing was copied."),
  delete: () => gettext("Nothing was deleted."),
  restore: () => gettext("Nothing was put back."),
  upload: () => gettext("Nothing was uploaded."),
  destroy: () => gettext("Nothing was deleted."),
};

/** {sentence, faults: [{name, detail}], isGood}. */
export function outcomeOf(what, { done = [], failed = [] }) {
  const faults = failed.map(({ name, detail }) => ({ name, detail }));
  if (!done.length) return { sentence: NOT_DONE[what](), faults, isGood: !failed.length };
  const sentence = DONE[what](done.length);
  if (!failed.length) return { sentence, faults, isGood: true };
  const rest = ngettext("%(count)s was not:", "%(count)s were not:", failed.length);
  return { sentence: `${sentence} ${rest}`, faults, isGood: false };
}
