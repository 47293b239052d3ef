// The drawer "Behind the scenes": four panels that stay up to date while people chat.

import { $, icon } from "./dom.js";
import { showFaults, startFaults } from "./faults.js";
import { showProcess, startProcess } from "./process.js";
import { showMail } from "./mail.js";
import { showStripe } from "./stripe.js";

const TABS = ["bot", "faults", "mail", "stripe"];

/** `look` reads the supervisor again after a button here has changed something. */
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
  startProcess(look);
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

/** Show everything in the drawer that changes by itself. */
export function showDrawer(world) {
  $("open-drawer").hidden = !world.supervisor;
  if (!world.supervisor) return;
  showMail();
  if ($("drawer").hidden) return;
  showProcess(world.supervisor);
  showFaults(world);
  showStripe(world.supervisor);
}
