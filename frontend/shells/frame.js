// The page in the frame: its one element.

import "./guest.js";
