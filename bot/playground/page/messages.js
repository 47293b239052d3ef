// The messages of an open chat, kept as they are now: only what changed is made anew, so that nothing flickers, the
// focus stays, and a screen reader reads only what is new.

import { iconButton, make } from "./dom.js";
import { bubble, serviceText } from "./bubble.js";
import { day } from "./format.js";
import { toast } from "./notices.js";

const NEAR_THE_END = 80; // pixels
const ABOVE = 8; // pixels of room above a message that is taller than the log
const RUN_SECONDS = 600; // what somebody writes within this time hangs together

export class Messages {
  /** `before` is the first child of the log. */
  constructor(pane, before) {
    this.pane = pane;
    this.shown = new Map(); // key of an item -> {made: what it was made from, node, ids of its messages}
    this.stuck = true; // to the end, until somebody scrolls up
    this.list = make("ol", { class: "messages" });
    this.log = make("div", { class: "log", role: "log", "aria-label": "Messages", tabIndex: 0 }, before, this.list);
    this.down = iconButton("down", "To the newest message", () => this.toBottom(), { class: "icon down", hidden: true });
    this.followTheEnd();
  }

  followTheEnd() {
    let height = 0; // a scroll while this changes is not a person's
    const below = () => height - this.log.scrollTop - this.log.clientHeight;
    const look = () => (this.down.hidden = below() < NEAR_THE_END);
    this.log.onscroll = () => {
      if (this.log.scrollHeight !== height) return;
      this.stuck = this.end() - this.log.scrollTop < NEAR_THE_END;
      look();
    };
    const grows = new ResizeObserver(() => {
      height = this.log.scrollHeight;
      if (height - this.log.clientHeight < NEAR_THE_END) this.stuck = true; // nothing to scroll, so no scroll tells it
      if (this.stuck && this.log.scrollTop < this.end()) this.toEnd();
      look();
    });
    grows.observe(this.list);
    grows.observe(this.log);
  }

  /** How far down the newest message is seen from its beginning. */
  end() {
    const bottom = this.log.scrollHeight - this.log.clientHeight;
    const last = this.list.lastElementChild;
    if (!last) return bottom;
    const top = this.log.scrollTop + last.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
    return Math.min(bottom, top - ABOVE);
  }

  toEnd() {
    this.log.scrollTop = this.end();
  }

  toBottom() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** Go to a message and let it be seen. */
  jump(id) {
    const node = [...this.shown.values()].find(({ ids }) => ids?.includes(id))?.node;
    if (!node) return toast("That message is not there any more.");
    node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
    node.classList.add("flash");
    node.onanimationend = () => node.classList.remove("flash");
  }

  /** Show the messages and the bot's draft; `unread` has the ids that the bot has not fetched. */
  show(messages, unread, draft) {
    const gone = new Map(this.shown);
    let before = null;
    for (const { key, ids, made, build } of [...this.items(messages, unread), ...drafted(draft, this.pane)]) {
      const old = gone.get(key);
      gone.delete(key);
      const node = old?.made === made ? old.node : replace(old?.node, build());
      const next = before ? before.nextSibling : this.list.firstChild;
      if (next !== node) this.list.insertBefore(node, next);
      this.shown.set(key, { made, node, ids });
      before = node;
    }
    for (const [key, { node }] of gone) {
      const focused = node.contains(document.activeElement);
      node.remove();
      this.shown.delete(key);
      if (focused) (this.list.lastElementChild ?? this.log).focus();
    }
  }

  /** Days, messages and albums, in order. */
  items(messages, unread) {
    const groups = albums(messages);
    return groups.flatMap((group, at) => {
      const [message] = group;
      const [previous] = groups[at - 1] ?? [];
      const place = {
        first: !together(previous, message),
        last: !together(message, groups[at + 1]?.[0]),
        taken: !unread.includes(group.at(-1).message_id),
      };
      const item = {
        key: message.message_id,
        ids: group.map((each) => each.message_id),
        made: JSON.stringify([group, place]),
        build: () => bubble(group, this.pane, place),
      };
      return previous && day(previous.date) === day(message.date) ? [item] : [dayOf(message), item];
    });
  }
}

function dayOf({ date }) {
  const name = day(date);
  return { key: name, made: name, build: () => make("li", { class: "service" }, make("span", {}, name)) };
}

/** The text that the bot is typing (sendMessageDraft), as a message of now. */
function drafted(draft, pane) {
  if (!draft?.text) return [];
  const message = { message_id: 0, from: { id: 0, first_name: "Darkroom" }, date: Date.now() / 1000, ...draft };
  const build = () => bubble([message], pane, { first: true, last: true });
  return [{ key: "draft", made: JSON.stringify(draft), build }];
}

/** Group the messages of each album; any other message is a group of its own. */
function albums(messages) {
  const groups = [];
  for (const message of messages) {
    const [first] = groups.at(-1) ?? [];
    if (message.media_group_id && first?.media_group_id === message.media_group_id) groups.at(-1).push(message);
    else groups.push([message]);
  }
  return groups;
}

/** True if two neighbours belong to one sender's run. */
function together(one, other) {
  if (!one || !other || serviceText(one) || serviceText(other)) return false;
  return one.from.id === other.from.id && other.date - one.date < RUN_SECONDS && day(one.date) === day(other.date);
}

/** Replace `old` by `node`. Loaded pictures and the focus move over. */
function replace(old, node) {
  if (!old) return node;
  for (const image of node.querySelectorAll("img[data-file]")) {
    const loaded = old.querySelector(`img[data-file="${CSS.escape(image.dataset.file)}"]`);
    if (loaded) image.replaceWith(loaded);
  }
  const focused = old.contains(document.activeElement) && document.activeElement;
  old.replaceWith(node);
  if (focused) successor(focused, node).focus();
  return node;
}

/** What the focus moves to: the same button, else the first of the new keyboard, else the message. */
function successor(focused, node) {
  const same = focused.dataset.key && node.querySelector(`[data-key="${CSS.escape(focused.dataset.key)}"]`);
  return same || node.querySelector(".keyboard button, .keyboard a") || node;
}
