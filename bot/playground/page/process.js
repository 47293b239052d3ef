// The state of the bot's process, the buttons that kill, stop and start it, and the leak test.

import { $, make } from "./dom.js";
import { clock, size } from "./format.js";
import { attempt } from "./notices.js";
import { supervisor } from "./api.js";

const ACTIONS = ["kill", "stop", "start"];

export function startProcess(look) {
  for (const action of ACTIONS) $(action).onclick = () => run(action, look);
  $("search").onclick = search;
}

export function showProcess({ running, since, memory, zygote_memory: zygote, children, photos, waiting, jobs }) {
  const lines = running
    ? {
        "Photos in memory": photos,
        "Jobs waiting": waiting,
        "Jobs so far":
          Object.entries(jobs)
            .filter(([, count]) => count)
            .map(([how, count]) => `${count} ${how}`)
            .join(", ") || "none",
        "Memory of the bot": size(memory),
        "Memory of its zygote": size(zygote),
        "Processes below it": children,
        "Running since": clock(since),
      }
    : { State: "not running" };
  $("holds").replaceChildren(
    ...Object.entries(lines).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]),
  );
  $("start").disabled = running;
  $("kill").disabled = $("stop").disabled = !running;
  $("search").disabled = !running;
}

const RESULTS = {
  kill: () => "Killed, as a crash ends it. What was under way goes on after the next start.",
  stop: ({ seconds, status }) => `It ended by itself within ${seconds.toFixed(1)} s, with status ${status}.`,
  start: () => "Started.",
};

async function run(action, look) {
  $("life").textContent = "…";
  for (const each of ACTIONS) $(each).disabled = true;
  const answer = await attempt(() => supervisor.do(action));
  $("life").textContent = answer ? RESULTS[action](answer) : "";
  await look();
  ACTIONS.map($)
    .find((button) => !button.disabled)
    ?.focus();
}

async function search() {
  if ($("search").ariaBusy === "true") return;
  $("search").ariaBusy = "true";
  $("found").replaceChildren(make("p", { class: "hint busy" }, "Working on a photo, then searching …"));
  const found = await attempt(() => supervisor.do("search"));
  $("search").ariaBusy = "false";
  $("found").replaceChildren(...(found ? [verdict(found)] : []));
}

function verdict(found) {
  if (!found.ok) return make("p", { class: "hint" }, found.why);
  const figure = (bytes, where, kind) =>
    make("div", { class: kind }, make("b", {}, size(bytes)), make("span", {}, where));
  return make(
    "div",
    {},
    make(
      "div",
      { class: "verdict" },
      figure(found.bot + found.zygote, "found in the bot", "found"),
      figure(found.control, "found in the control", "control"),
    ),
    make(
      "p",
      { class: "hint" },
      `A photo of noise, ${size(found.photo_bytes)}, went through Enhance and Remove metadata in the chat “Memory search”; then all ${size(found.searched_bytes)} that the bot and its zygote can write to were searched for any eight bytes of it and of both results, and so was a process that does hold it, the control: ${found.seconds.toFixed(1)} s in all.`,
    ),
  );
}
