// What can be done with what is selected. Pure; the bar, the menus and the keys all ask here.

import { gettext } from "../site/words.js";
import { isEditable, isProgram } from "./kinds.js";

const ONE = (entries) => entries.length === 1;
const FILE = (entries) => ONE(entries) && entries[0].kind === "file";
const FOLDER = (entries) => ONE(entries) && entries[0].kind === "folder";
const SERVABLE = (entries) => FILE(entries) || FOLDER(entries);

/** In the order in which they are offered; group by group. needs: own (one's own home), writable. fits(entries, place). */
const ACTIONS = [
  { id: "open", group: "open", label: () => gettext("Open"), fits: FOLDER },
  { id: "edit", group: "open", label: () => gettext("Edit"), fits: (all) => FILE(all) && isEditable(all[0]) },
  { id: "preview", group: "open", label: () => gettext("Preview"), fits: FILE },
  { id: "run", group: "run", label: () => gettext("Run"), fits: (all) => ONE(all) && isProgram(all[0]), needs: "own" },
  { id: "runThenPrompt", group: "run", label: () => gettext("Run in console"), fits: (all) => ONE(all) && isProgram(all[0]), needs: "own" },
  { id: "serve", group: "run", label: () => gettext("Serve"), fits: SERVABLE, needs: "own" },
  { id: "download", group: "file", label: () => gettext("Download"), fits: (all) => all.some(({ kind }) => kind === "file" || kind === "folder") },
  { id: "rename", group: "file", label: () => gettext("Rename"), fits: ONE, needs: "writable" },
  { id: "copy", group: "file", label: () => gettext("Copy"), fits: (all) => all.length > 0, needs: "writable" },
  { id: "cut", group: "file", label: () => gettext("Cut"), fits: (all) => all.length > 0, needs: "writable" },
  { id: "publish", group: "show", label: () => gettext("Publish"), fits: (all) => FOLDER(all) && !all[0].published, needs: "writable" },
  { id: "unpublish", group: "show", label: () => gettext("Unpublish"), fits: (all, { isOpen }) => FOLDER(all) && all[0].published && !isOpen, needs: "writable" },
  { id: "share", group: "show", label: () => gettext("Share this file"), fits: FILE, needs: "writable" },
  { id: "versions", group: "show", label: () => gettext("Versions"), fits: FILE },
  { id: "delete", group: "delete", label: () => gettext("Delete"), fits: (all) => all.length > 0, needs: "writable" },
];

/** [{id, group, label}] for these entries; place: {own, writable, isOpen}: whether the folder they are in is published. */
export function actionsFor(entries, place) {
  return ACTIONS.filter(({ fits, needs }) => (!needs || place[needs]) && fits(entries, place))
    .map(({ id, group, label }) => ({ id, group, label: label() }));
}

export function may(id, entries, place) {
  return actionsFor(entries, place).some((action) => action.id === id);
}
