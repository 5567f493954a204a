// The line between terminal and pane, moved by mouse, finger and arrow keys. Used by element.js.

import { element } from "./markup.js";
import { gettext } from "./words.js";

const STEP = 5;
const KEYS = { ArrowLeft: -STEP, ArrowUp: -STEP, ArrowRight: STEP, ArrowDown: STEP };

/** The terminal's share of `work` in percent, kept in the settings. */
export function splitter(work, settings) {
  const line = element("div", {
    class: "console-splitter", role: "separator", tabindex: 0, hidden: true,
    "aria-label": gettext("Share of the terminal"), "aria-valuemin": 20, "aria-valuemax": 80,
  });
  const apply = () => {
    work.style.setProperty("--terminal-share", `${settings.terminalShare}%`);
    line.setAttribute("aria-valuenow", Math.round(settings.terminalShare));
    line.setAttribute("aria-orientation", isBelow(work) ? "horizontal" : "vertical");
  };
  const move = (share) => {
    settings.change({ terminalShare: Math.min(80, Math.max(20, share)) });
    apply();
  };
  line.addEventListener("keydown", (event) => {
    if (!KEYS[event.key]) return;
    event.preventDefault();
    move(settings.terminalShare + KEYS[event.key]);
  });
  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const { left, top, width, height } = work.getBoundingClientRect();
    move(100 * (isBelow(work) ? (event.clientY - top) / height : (event.clientX - left) / width));
  });
  apply();
  return line;
}

function isBelow(work) {
  return work.isConnected && getComputedStyle(work).flexDirection === "column";
}
