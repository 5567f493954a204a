// The trash: put back, delete for good, empty; and files that were deleted longer ago, of which a version is kept.

import { ask } from "../site/dialogs.js";
import { button, element } from "../site/markup.js";
import { exactTimeOf, sizeOf, timeOf } from "../site/measures.js";
import { isBelow, parentOf, shown } from "../site/paths.js";
import { gettext, ngettext } from "../site/words.js";

export class Trash {
  /** host: the element, to open questions over; {api, notice}; onChange(): something came back or is gone. */
  constructor(host, onChange) {
    this.host = host;
    this.onChange = onChange;
    this.element = element("div", { class: "files-trash" });
  }

  /** Promises when it is shown. */
  async load() {
    const { api } = this.host;
    const [{ entries, days }, kept] = await Promise.all([api.trash(), api.deletedFiles().catch(() => ({ entries: [] }))]);
    const older = kept.entries.filter(({ path }) => !entries.some((one) => isBelow(path, one.path)));
    const bytes = entries.reduce((sum, { size_bytes: size }) => sum + size, 0);
    const parts = entries.length
      ? [
        element("p", { class: "files-trash-head" },
          element("span", {}, gettext("What you delete stays here for %(days)s days. It takes %(size)s of your room.", { days, size: sizeOf(bytes) })),
          button(gettext("Empty the trash"), () => this.empty(entries.length))),
        element("div", { class: "files-discarded" }, this.list(entries, (entry) => this.row(entry))),
      ]
      : [element("div", { class: "files-empty" }, element("h2", {}, gettext("The trash is empty")),
        element("p", {}, gettext("What you delete comes here first, and stays for %(days)s days. You can put it back where it was.", { days })))];
    if (older.length) {
      parts.push(
        element("h2", {}, gettext("Deleted before")),
        element("p", { class: "aside" }, gettext("Of these files the last version is still kept.")),
        this.list(older, (entry) => this.olderRow(entry)),
      );
    }
    this.element.replaceChildren(...parts);
  }

  list(entries, row) {
    return element("ul", { class: "files-versions" }, ...entries.map(row));
  }

  row(entry) {
    const where = parentOf(entry.path);
    return this.item(
      entry.name,
      where ? gettext("from %(folder)s", { folder: shown(where) }) : "",
      entry.deleted, sizeOf(entry.size_bytes),
      button(gettext("Put back"), () => this.restore(entry), { "aria-label": gettext("Put %(name)s back", { name: entry.name }) }),
      button(gettext("Delete for good"), () => this.destroy(entry), { "aria-label": gettext("Delete %(name)s for good", { name: entry.name }) }),
    );
  }

  olderRow(entry) {
    return this.item(
      entry.name, shown(entry.path) === entry.name ? "" : shown(entry.path), entry.saved, "",
      button(gettext("Put back"), () => this.restoreVersion(entry), { "aria-label": gettext("Put %(name)s back", { name: entry.name }) }),
    );
  }

  item(name, where, moment, size, ...buttons) {
    return element(
      "li", {},
      element(
        "span", {},
        element("bdi", { class: "files-trash-name" }, name), document.createTextNode(" "),
        element("span", { class: "aside" }, element("bdi", {}, where), document.createTextNode(where ? ", " : ""),
          element("time", { datetime: moment, title: exactTimeOf(moment) }, timeOf(moment)), document.createTextNode(size && `, ${size}`)),
      ),
      element("span", { class: "files-buttons" }, ...buttons),
    );
  }

  async do(call, sentence) {
    try {
      await call();
      this.host.notice.show({ sentence });
    } catch (fault) {
      this.host.notice.fault(fault);
    }
    this.onChange();
  }

  restore({ id, name }) {
    return this.do(() => this.host.api.restore(id), gettext("%(name)s is back.", { name }));
  }

  restoreVersion({ path, id, name }) {
    return this.do(() => this.host.api.restoreVersion(path, id), gettext("%(name)s is back.", { name }));
  }

  async destroy({ id, name }) {
    const heading = gettext("Delete %(name)s for good?", { name });
    if (!(await ask(this.host.element, { heading, text: gettext("Afterwards nobody can bring it back."), yes: gettext("Delete for good"), no: gettext("Keep it") }))) return;
    await this.do(() => this.host.api.deleteForGood(id), gettext("%(name)s is deleted for good.", { name }));
  }

  async empty(count) {
    const heading = ngettext("Delete %(count)s thing for good?", "Delete %(count)s things for good?", count);
    if (!(await ask(this.host.element, { heading, text: gettext("Afterwards nobody can bring them back."), yes: gettext("Empty the trash"), no: gettext("Keep them") }))) return;
    await this.do(() => this.host.api.emptyTrash(), gettext("The trash is empty."));
  }
}
