// The chat page. It talks to the control interface and to the supervisor only, and sees the bot's
// work as changes of the chats.
//
//   app       what is open, and when it is read anew      api       everything over HTTP
//   chats     the list at the side                        dom       making elements; notices, menu, figures
//   pane      one open chat: messages, welcome            composer  writing: commands, attach
//   bubble    a message: text, media, keyboard, payment   lightbox  large pictures, before and after
//   checkout  paying in steps: address, shipping, card    lab       what only the photo lab can open
//   drawer    behind the scenes: process, faults, mail, stripe

import { $, icon, iconButton } from "./dom.js";
import { addPerson, placeKey, showChats } from "./chats.js";
import { showDrawer, startDrawer } from "./drawer.js";
import { toast } from "./notices.js";
import { Pane } from "./pane.js";
import { act, connect, follow, get, supervisor } from "./api.js";

const SUPERVISOR_SECONDS = 2; // between two reads of the bot's process

const world = {
  people: [],
  chats: [],
  profile: {},
  samples: [],
  supervisor: null,
  chat: (id) => world.chats.find(({ chat }) => chat.id === id),
};
let panes = [];
let active = 0; // the pane that the list opens chats in

// The URL says what is open: #/1001 is a chat, #/1001/-1000000000001.5 a chat and a topic beside it.

const placeOf = (text) => ({ chat: Number(text.split(".")[0]), thread: Number(text.split(".")[1] ?? 0) });
const places = () =>
  location.hash
    .split("/")
    .slice(1)
    .filter(Boolean)
    .map(placeOf)
    .filter(({ chat }) => world.chat(chat));
const hash = (all) => `#/${all.map(placeKey).join("/")}`;

/** The URL hash that opens `place` in the pane of its group, else in the active pane. */
function link(place) {
  const open = places();
  if (!open.length) return hash([place]);
  if (open.some((each) => placeKey(each) === placeKey(place))) return hash(open);
  const group = open.findIndex(({ chat }) => chat === place.chat);
  return hash(open.with(group < 0 ? Math.min(active, open.length - 1) : group, place));
}

function controls(place, at, count) {
  const close = () => (location.hash = hash(places().toSpliced(at, 1)));
  if (count > 1) return [iconButton("close", "Close this chat", close)];
  const beside = () => {
    active = 1;
    location.hash = hash([place, neighbour(place)]);
  };
  return neighbour(place) ? [iconButton("beside", "Another chat beside it", beside, { class: "icon beside" })] : [];
}

/** The chat to open beside this one: the operators for a person, a person for the operators. */
function neighbour({ chat }) {
  const wanted =
    world.chats.find((each) => each.chat.id !== chat && each.chat.id < 0 !== chat < 0) ??
    world.chats.find((each) => each.chat.id !== chat);
  return wanted && { chat: wanted.chat.id, thread: wanted.topics.at(-1)?.thread ?? 0 };
}

function openPanes() {
  const wanted = places();
  active = Math.min(active, Math.max(0, wanted.length - 1));
  panes = wanted.map((place, at) => {
    const pane = panes.find((each) => placeKey(each) === placeKey(place) && panes.length === wanted.length);
    return pane ?? opened(place, at, wanted.length);
  });
  $("panes").replaceChildren(...panes.map(({ element }) => element));
  $("panes").dataset.count = panes.length;
  document.body.dataset.view = panes.length ? "chat" : "list";
  if (matchMedia("(hover: hover)").matches) panes[active]?.composer.focus(); // on a phone this would raise the keyboard
  return refresh();
}

function opened(place, at, count) {
  const pane = new Pane(place, world, controls(place, at, count));
  pane.element.addEventListener("focusin", () => {
    active = panes.indexOf(pane);
    showChats(world, panes.map(placeKey), link);
  });
  return pane;
}

async function refresh() {
  const [{ people, profile }, chats] = await Promise.all([get("overview"), get("chats")]);
  Object.assign(world, { people, profile, chats });
  showChats(world, panes.map(placeKey), link);
  await Promise.all(panes.map((pane) => pane.refresh()));
  showDrawer(world);
}

async function readSupervisor() {
  world.supervisor = await supervisor.read().catch(() => null);
  showLife();
  for (const pane of panes) pane.showHead();
  showDrawer(world);
}

/** Show the state beside the page's title: on a phone only the list of chats is visible. */
function showLife() {
  const down = world.supervisor?.running === false;
  const told = down ? "bot not running" : "playground";
  if ($("alive").textContent !== told) $("alive").textContent = told;
  $("alive").classList.toggle("down", down);
}

async function watchSupervisor() {
  if (!document.hidden) await readSupervisor();
  setTimeout(watchSupervisor, SUPERVISOR_SECONDS * 1000);
}

function startTheme() {
  const dark = () =>
    getComputedStyle(document.documentElement).colorScheme === "dark" ||
    (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  $("theme").append(icon("theme"));
  $("theme").onclick = () => (document.documentElement.dataset.theme = dark() ? "light" : "dark");
}

async function start() {
  startTheme();
  world.supervisor = await connect();
  if (world.supervisor) {
    world.samples = await supervisor.samples();
    startDrawer(world, readSupervisor);
    watchSupervisor();
  }
  if (!(await get("chats")).length) await act("person", { first_name: "Anna", language_code: "en" });
  await refresh();
  if (!location.hash) history.replaceState(null, "", hash([placeOf(String(world.people[0].id))]));
  await openPanes();
  addEventListener("hashchange", openPanes);
  await follow(refresh, () => toast("The playground has ended. Start it again, and open the address that it prints then."));
}

$("add-person").append(icon("person"), "Somebody new");
$("add-person").onclick = async () => {
  const id = await addPerson();
  if (!id) return;
  await refresh();
  location.hash = link({ chat: id, thread: 0 });
};

start();
