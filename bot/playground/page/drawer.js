// Behind the scenes: a drawer of four panels, which go on while one chats.

import { $, icon } from "./dom.js";
import { showFaults, startFaults } from "./faults.js";
import { showInsides, startInsides } from "./process.js";
import { showMail } from "./mail.js";
import { showStripe } from "./stripe.js";

const TABS = ["bot", "faults", "mail", "stripe"];

/** `look` looks at the house anew, where it was changed from here. */
export function startDrawer(world, look) {
  $("open-drawer").append(icon("gauge"), "Behind the scenes");
  $("open-drawer").onclick = () => toggle($("drawer").hidden, world);
  $("close-drawer").append(icon("close"));
  $("close-drawer").onclick = () => toggle(false, world);
  $("drawer").onkeydown = ({ key }) => {
    if (key === "Escape") toggle(false, world);
  };
  for (const name of TABS) $(`tab-${name}`).onclick = () => choose(name);
  document.querySelector('#drawer [role="tablist"]').onkeydown = move;
  startInsides(look);
  startFaults();
}

function toggle(open, world) {
  $("drawer").hidden = !open;
  document.body.classList.toggle("drawer", open);
  $("open-drawer").setAttribute("aria-expanded", String(open));
  if (open) showDrawer(world);
  (open ? $("tab-bot") : $("open-drawer")).focus();
}

function choose(chosen) {
  for (const name of TABS) {
    $(`tab-${name}`).setAttribute("aria-selected", String(name === chosen));
    $(`tab-${name}`).tabIndex = name === chosen ? 0 : -1;
    $(`panel-${name}`).hidden = name !== chosen;
  }
  $(`tab-${chosen}`).focus();
}

function move(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const at = TABS.findIndex((name) => $(`tab-${name}`).tabIndex === 0);
  choose(TABS.at((at + step) % TABS.length));
}

/** Everything in the drawer that changes by itself. */
export function showDrawer(world) {
  $("open-drawer").hidden = !world.house;
  if (!world.house) return;
  showMail();
  if ($("drawer").hidden) return;
  showInsides(world.house);
  showFaults(world);
  showStripe(world.house);
}
