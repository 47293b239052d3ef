// One small menu for the whole page, at the button that opened it.

import { $, make } from "./dom.js";

const menu = $("menu");
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/** Offer `entries`, each [label, what to do], at `anchor`. Entries that are nothing are left out. */
export function openMenu(anchor, label, entries) {
  const choose = (work) => () => {
    menu.hidePopover();
    work();
  };
  const entry = ([name, work]) => make("button", { type: "button", role: "menuitem", onclick: choose(work) }, name);
  menu.replaceChildren(...entries.filter(Boolean).map(entry));
  menu.setAttribute("aria-label", label);
  menu.showPopover();
  place(anchor.getBoundingClientRect());
  menu.onkeydown = (event) => move(event, anchor);
  menu.firstChild.focus();
}

/** Beside the anchor, inside the window. */
function place({ left, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  menu.style.top = `${bottom + height + 8 < innerHeight ? bottom + 4 : Math.max(8, top - height - 4)}px`;
}

function move(event, anchor) {
  const entries = [...menu.children];
  const at = entries.indexOf(document.activeElement);
  if (STEPS[event.key]) entries.at((at + STEPS[event.key]) % entries.length).focus();
  else if (event.key === "Tab") menu.hidePopover();
  else return;
  event.preventDefault();
  if (!menu.matches(":popover-open")) anchor.focus();
}
