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
