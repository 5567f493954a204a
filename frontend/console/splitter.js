// The line between two parts of a page, moved by mouse, finger and arrow keys. Used by element.js, and by the editor.

import { element } from "../site/markup.js";
import { gettext } from "../site/words.js";

const STEP = 5;
const KEYS = { ArrowLeft: -STEP, ArrowUp: -STEP, ArrowRight: STEP, ArrowDown: STEP };

const OF_TERMINAL = { setting: "terminalShare", property: "--terminal-share", label: () => gettext("Share of the terminal") };

/** The first part's share of `work` in percent, kept in the settings. */
export function splitter(work, settings, { setting, property, label } = OF_TERMINAL) {
  const line = element("div", {
    class: "console-splitter", role: "separator", tabindex: 0, hidden: true,
    "aria-label": label(), "aria-valuemin": 20, "aria-valuemax": 80,
  });
  const apply = () => {
    work.style.setProperty(property, `${settings[setting]}%`);
    line.setAttribute("aria-valuenow", Math.round(settings[setting]));
    line.setAttribute("aria-orientation", isBelow(work) ? "horizontal" : "vertical");
  };
  const move = (share) => {
    settings.change({ [setting]: Math.min(80, Math.max(20, share)) });
    apply();
  };
  line.addEventListener("keydown", (event) => {
    if (!KEYS[event.key]) return;
    event.preventDefault();
    move(settings[setting] + KEYS[event.key]);
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
  line.addEventListener("focus", apply); // it may lie the other way by now
  apply();
  return line;
}

function isBelow(work) {
  return work.isConnected && getComputedStyle(work).flexDirection === "column";
}
