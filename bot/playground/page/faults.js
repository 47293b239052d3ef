// Faults on demand: failing Bot API calls, and people who block the bot.

import { $, make, renew } from "./dom.js";
import { attempt } from "./notices.js";
import { act, get } from "./api.js";

const FAULTS = {
  "429, retry after 3 s": { kind: "flood", retry_after: 3 },
  "500 Internal Server Error": { kind: "error", code: 500, text: "Internal Server Error" },
  "502 Bad Gateway": { kind: "error", code: 502, text: "Bad Gateway" },
  "A time-out before it had an effect": { kind: "hang", seconds: 30 },
  "A time-out after it had its effect": { kind: "hang", seconds: 30, after: true },
  "A dropped connection before the effect": { kind: "drop" },
  "A dropped connection after the effect": { kind: "drop", after: true },
  "A slow download: 10 s": { method: "file", kind: "slow", seconds: 10 },
  "A download that breaks in the middle": { method: "file", kind: "cut" },
  "A download that ends in the middle, as if that were all": { method: "file", kind: "short" },
  "A download that goes on after the end": { method: "file", kind: "long" },
};

export function startFaults() {
  const { method, fault, count } = $("plant").elements;
  fault.append(...Object.keys(FAULTS).map((name) => make("option", {}, name)));
  fault.onchange = () => (method.value = FAULTS[fault.value].method ?? method.value);
  $("plant").onsubmit = async (event) => {
    event.preventDefault();
    await attempt(() => act("fault", { method: method.value, count: Number(count.value), ...FAULTS[fault.value] }));
    await attempt(async () => showPlanted(await get("faults")));
  };
}

export function showFaults(world) {
  showBlockers(world);
  attempt(async () => showPlanted(await get("faults")));
}

function showPlanted(faults) {
  const line = ({ method, kind, count, after, code, retry_after: pause }) => {
    const what = {
      flood: `429, ${pause} s`,
      error: code,
      hang: "time-out",
      drop: "dropped connection",
      slow: "slow",
      cut: "breaks off",
      short: "too short",
      long: "too long",
    }[kind];
    return make("li", {}, make("code", {}, method), ` ${what}${after ? " after its effect" : ""}, ${count} more`);
  };
  const mend = make(
    "button",
    { type: "button", onclick: () => attempt(() => act("mend").then(() => showPlanted([]))) },
    "Mend all",
  );
  renew($("planted"), JSON.stringify(faults), () =>
    faults.length
      ? [...faults.map(line), make("li", {}, mend)]
      : [make("li", { class: "hint" }, "Nothing: Telegram works.")],
  );
}

function showBlockers({ people, chats }) {
  const line = ({ id, first_name: name }) => {
    const blocked = chats.find(({ chat }) => chat.id === id)?.bot === "kicked";
    const turn = () => attempt(() => act(blocked ? "unblock" : "block", { person: id }));
    return make(
      "li",
      {},
      make(
        "button",
        { type: "button", class: "switch", role: "switch", "aria-checked": String(blocked), onclick: turn },
        `${name} blocks the bot`,
      ),
    );
  };
  renew($("blockers"), JSON.stringify([people, chats.map(({ chat, bot }) => [chat.id, bot])]), () => people.map(line));
}
