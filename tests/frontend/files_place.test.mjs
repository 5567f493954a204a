// Where in the browser somebody is, as the address of the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf, placeOf } from "../../frontend/files/place.js";

for (const place of [
  { path: "", view: "folder", show: "", tab: "preview", owner: "" },
  { path: "a%20b/c", view: "folder", show: "x%FF%26.py", tab: "versions", owner: "student" },
  { path: "", view: "trash", show: "", tab: "preview", owner: "" },
]) {
  test(`a place is its address: ${addressOf(place)}`, () => {
    const { pathname, search } = new URL(addressOf(place), "http://localhost");
    assert.deepEqual(placeOf({ pathname, search }), place);
  });
}

test("what an address cannot mean is not taken", () => {
  assert.deepEqual(placeOf({ pathname: "/files/a/", search: "?view=x&tab=y" }), { path: "a", view: "folder", show: "", tab: "preview", owner: "" });
});
