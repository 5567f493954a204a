// Texts for people, through Django's JavaScript catalogue where a page has loaded one, else in English.

/** "%(name)s" in the text becomes values.name. */
export function gettext(text, values = {}) {
  const translated = globalThis.django?.gettext?.(text) ?? text;
  return translated.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));
}

export function ngettext(one, many, count, values = {}) {
  const translated = globalThis.django?.ngettext?.(one, many, count) ?? (count === 1 ? one : many);
  return translated.replace(/%\((\w+)\)s/g, (_, name) => String({ count, ...values }[name]));
}

export function size(bytes) {
  if (bytes < 1000) return ngettext("%(count)s byte", "%(count)s bytes", bytes);
  if (bytes < 1_000_000) return gettext("%(number)s kB", { number: Math.round(bytes / 1000) });
  return gettext("%(number)s MB", { number: (bytes / 1_000_000).toFixed(1) });
}

export function closedSentence(reason) {
  const sentences = {
    gone: gettext("This console is not there any more."),
    logged_out: gettext("You are logged out. Log in again, and the console goes on where it was."),
    protocol: gettext("This page and the server do not understand each other. Reload the page."),
    left: gettext("Disconnected."),
  };
  return sentences[reason] ?? gettext("The connection is closed.");
}
