// One message, or one album, as an item of the chat.

import { avatar, botFace, icon, iconButton, make } from "./dom.js";
import { clock, money } from "./format.js";
import { keyboard } from "./keyboard.js";
import { unsealButton } from "./lab.js";
import { thumbnail, media } from "./media.js";
import { invoiceCard } from "./payment.js";
import { formatted } from "./entities.js";

const SHORT = 100; // characters

/** A message in one line, for quotes and for the list of chats. */
export function summary(message) {
  if (!message) return "";
  const { photo, document: file, sticker, invoice, successful_payment: paid, refunded_payment: back } = message;
  const content = message.text ?? message.caption;
  if (content) return content.slice(0, SHORT).replace(/\s+/g, " ");
  if (photo) return "Photo";
  if (file) return file.file_name;
  if (sticker) return `Sticker ${sticker.emoji ?? ""}`;
  if (invoice) return `Invoice: ${invoice.title}`;
  if (paid) return `Paid ${money(paid.total_amount, paid.currency)}`;
  if (back) return `Refunded ${money(back.total_amount, back.currency)}`;
  return serviceText(message) ?? "Message";
}

/** The text of a service message; undefined for messages that somebody wrote. */
export function serviceText(message) {
  const who = message.from.first_name;
  const { successful_payment: paid, refunded_payment: back } = message;
  if (paid) return `${who} paid ${money(paid.total_amount, paid.currency)}`;
  if (back) return `${money(back.total_amount, back.currency)} went back to ${who}`;
  if (message.forum_topic_created) return `${who} opened the topic “${message.forum_topic_created.name}”`;
  if (message.forum_topic_edited) return `${who} renamed the topic to “${message.forum_topic_edited.name}”`;
  if (message.forum_topic_closed) return `${who} closed the topic`;
  if (message.forum_topic_reopened) return `${who} reopened the topic`;
  return undefined;
}

/**
 * The item of `messages`: one, or the several of an album. `pane` is the chat that it is shown in: who looks
 * (`person`), its `list` and `pictures`, and what is done from a message (`send`, `menu`). `place` says where in a run of
 * one sender's messages it stands, and whether the bot has it.
 */
export function bubble(messages, pane, place) {
  const [message] = messages;
  const told = serviceText(message);
  const item = { tabIndex: -1 };
  if (told) return make("li", { ...item, class: "service" }, make("span", {}, told));
  const mine = message.from.id === pane.person;
  const kind = [mine ? "mine" : "theirs", place.first && "first", place.last && "last", message.sticker && "bare"];
  const written = messages.find((each) => each.text ?? each.caption) ?? message;
  const body = make(
    "div",
    { class: "bubble" },
    make(
      "span",
      { class: pane.group && place.first && !mine ? `author a${message.from.id % 6}` : "unseen" },
      message.from.first_name,
      make("span", { class: "unseen" }, ": "),
    ),
    forwarded(message),
    quote(message, pane),
    message.invoice && invoiceCard(message),
    messages.length > 1 ? album(messages, pane) : media(message, pane.pictures),
    unsealButton(message, pane),
    text(written, pane, stamp(messages.at(-1), mine, place)),
  );
  const more = iconButton("more", "More", (event) => pane.menu(message, event.currentTarget), {
    class: "icon more",
    "aria-haspopup": "menu",
  });
  const row = make("div", { class: "row" }, body, more);
  const whose = pane.group && !mine && (place.last ? face(message.from) : make("span", { class: "avatar none" }));
  return make(
    "li",
    { ...item, class: ["message", ...kind].filter(Boolean).join(" ") },
    whose,
    make("div", { class: "stack" }, row, keyboard(message, pane.person), reactions(messages)),
  );
}

const face = ({ first_name: name, id, is_bot: bot }) => (bot ? botFace() : avatar(name, id));

function forwarded({ forward_origin: origin }) {
  return (
    origin &&
    make(
      "p",
      { class: "forwarded" },
      `Forwarded from ${origin.sender_user?.first_name ?? origin.sender_user_name ?? "somebody"}`,
    )
  );
}

/** The message that this one replies to. A reply to the topic itself is not shown: every message in a topic is one. */
function quote(message, pane) {
  const target = message.reply_to_message;
  if (!target || target.forum_topic_created) return null;
  const jump = () => pane.list.jump(target.message_id);
  return make(
    "button",
    { type: "button", class: `quote a${target.from.id % 6}`, onclick: jump },
    thumbnail(target),
    make("b", {}, target.from.first_name),
    make("span", {}, summary(target)),
  );
}

const album = (messages, pane) =>
  make(
    "div",
    { class: `album of-${messages.length} ${messages[0].photo ? "grid" : ""}` },
    messages.map((each) => media(each, pane.pictures)),
  );

/** The text and after it the time: beside the last line if there is room, else below it. */
function text(message, pane, time) {
  const content = message.text ?? message.caption ?? "";
  const nodes = formatted(content, message.entities ?? message.caption_entities, pane.send);
  return make("div", { class: `text${content ? "" : " none"}` }, nodes, time);
}

function stamp(message, mine, place) {
  const ticks =
    mine &&
    make(
      "span",
      { class: "ticks", title: place.taken ? "The bot has it" : "On its way to the bot" },
      icon(place.taken ? "checks" : "check"),
    );
  return make("span", { class: "stamp" }, message.edit_date && "edited ", clock(message.date), ticks);
}

function reactions(messages) {
  const all = messages.flatMap((each) => each.reactions ?? []);
  return (
    all.length > 0 &&
    make(
      "div",
      { class: "reactions" },
      all.map(({ emoji }) => make("span", { role: "img", "aria-label": `Reaction ${emoji}` }, emoji)),
    )
  );
}
