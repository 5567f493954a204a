// Where in the browser somebody is, as the address of the page says it. Pure; element.js keeps the two in step.

import { canonical } from "../site/paths.js";

export const ROOT = "/files/";
const VIEWS = ["folder", "trash"];
const TABS = ["preview", "versions"];

/** {path, view, show, tab, owner} of an address: show is the name of the file that is looked at, or "". */
export function placeOf({ pathname, search }) {
  const query = new URLSearchParams(search);
  const path = canonical(pathname.slice(ROOT.length));
  const view = VIEWS.includes(query.get("view")) ? query.get("view") : "folder";
  const tab = TABS.includes(query.get("tab")) ? query.get("tab") : "preview";
  return { path, view, show: view === "folder" ? query.get("show") ?? "" : "", tab, owner: query.get("owner") ?? "" };
}

export function addressOf({ path = "", view = "folder", show = "", tab = "preview", owner = "" }) {
  const query = new URLSearchParams();
  if (view !== "folder") query.set("view", view);
  if (show) query.set("show", show);
  if (show && tab !== "preview") query.set("tab", tab);
  if (owner) query.set("owner", owner);
  const asked = query.toString();
  return `${ROOT}${path ? `${path}/` : ""}${asked ? `?${asked}` : ""}`;
}

export function isSame(one, other) {
  return addressOf(one) === addressOf(other);
}
