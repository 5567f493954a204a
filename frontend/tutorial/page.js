// The page of a tutorial: its boxes. What edits and runs them is fetched when the first of them is used.

import { IvleBox } from "./box.js";

customElements.define("ivle-box", IvleBox);
