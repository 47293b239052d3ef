// The list of chats: everybody's chat with the bot, and the groups with their topics.

import { $, ask, avatar, icon, make } from "./dom.js";
import { summary } from "./bubble.js";
import { clock } from "./format.js";
import { attempt } from "./notices.js";
import { act } from "./api.js";

const NOTHING = "No messages yet";

let seen = null; // place -> the newest message that was read; messages from before the page was opened count as read

/** The key of a chat in the URL and in `seen`: 1001, or -1000000000001.5 for a topic. */
export const placeKey = ({ chat, thread }) => (thread ? `${chat}.${thread}` : `${chat}`);

/** Show the list. `open` has the keys of the open places; `link` makes the URL that opens a place. */
export function showChats(world, open, link) {
  const starts = !seen;
  seen ??= new Map();
  const focused = document.activeElement?.closest?.("#chats a")?.dataset.place;
  const look = { open, link, starts };
  const people = world.people.map((person) => personItem(person, world.chat(person.id), look));
  const groups = world.chats.filter(({ chat }) => chat.id < 0).map((group) => groupItem(group, look));
  $("chats").replaceChildren(...people, ...groups);
  if (focused) $("chats").querySelector(`[data-place="${focused}"]`)?.focus();
}

function personItem({ id, first_name: name, language_code: language }, chat, look) {
  const place = { chat: id, thread: 0 };
  const more = language && language !== "en" ? make("small", { class: "badge" }, language) : null;
  return make("li", {}, row(place, avatar(name, id), name, chat?.newest[0], look, more));
}

function groupItem({ chat, topics, newest }, look) {
  const face = make("span", { class: "avatar group" }, icon("group"));
  const none = topics.length ? `${topics.length} topic${topics.length > 1 ? "s" : ""}` : NOTHING;
  const item = make("li", {}, row({ chat: chat.id, thread: 0 }, face, chat.title, newest[0], look, null, none));
  const entry = ({ thread, name, closed }) => {
    const place = { chat: chat.id, thread };
    return make(
      "li",
      {},
      row(
        place,
        make("span", { class: `hash${closed ? " closed" : ""}`, "aria-hidden": "true" }, closed ? "✓" : "#"),
        name,
        newest[thread],
        look,
      ),
    );
  };
  if (topics.length)
    item.append(make("ul", { class: "topics", "aria-label": "Topics" }, [...topics].reverse().map(entry)));
  return item;
}

function row(place, face, name, last, { open, link, starts }, more = null, none = NOTHING) {
  const at = placeKey(place);
  const here = open.includes(at);
  if (here || starts) seen.set(at, last?.message_id ?? 0);
  const fresh = last?.message_id > (seen.get(at) ?? 0);
  const about = { href: link(place), "data-place": at, "aria-current": here ? "true" : null };
  const text = last && `${last.from.is_bot ? "" : `${last.from.first_name}: `}${summary(last)}`;
  return make(
    "a",
    about,
    face,
    make("b", {}, name, more && " ", more),
    last && make("time", {}, clock(last.date)),
    make("span", { class: "last" }, text ?? none),
    fresh && make("span", { class: "fresh" }, make("span", { class: "unseen" }, "new")),
  );
}

/** Ask for a name and a language. Resolves with the id of the new person, or undefined. */
export async function addPerson() {
  const form = $("person").querySelector("form");
  form.reset();
  if ((await ask($("person"))) !== "add") return undefined;
  const { name, language } = form.elements;
  return attempt(async () => (await act("person", { first_name: name.value, language_code: language.value })).id);
}
