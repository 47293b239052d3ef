// An open chat: header, messages and composer. Two may be open side by side.

import { botFace, icon, make } from "./dom.js";
import { receive } from "./attach.js";
import { composer } from "./composer.js";
import { sendCallbackQuery } from "./keyboard.js";
import { pictureOf } from "./media.js";
import { openMenu } from "./menu.js";
import { Messages } from "./messages.js";
import { attempt, toast } from "./notices.js";
import { welcome } from "./welcome.js";
import { act, get } from "./api.js";

const ACTION_SECONDS = 5; // how long Telegram shows one

const DOES = {
  typing: "typing",
  upload_photo: "sending a photo",
  upload_document: "sending a file",
  choose_sticker: "choosing a sticker",
};

export class Pane {
  /** `world` is the page's state; `controls` are buttons for the header. */
  constructor({ chat, thread = 0 }, world, controls) {
    Object.assign(this, { chat, thread, world });
    this.group = chat < 0;
    this.person = this.group ? world.chat(chat)?.members[0] : chat;
    this.view = null; // the chat as the server told it last
    this.messages = []; // those of this thread
    this.toPress = new Set(); // photos whose menu's first button is pressed when it comes
    this.pictures = () => this.messages.map(pictureOf).filter(Boolean);
    this.send = (text) => attempt(() => act("send", { ...this.where(), text }));
    this.build(controls);
  }

  build(controls) {
    this.name = make("h2", {});
    this.state = make("p", { class: "state", role: "status" });
    this.welcome = make("div", { hidden: true });
    this.list = new Messages(this, this.welcome);
    this.composer = composer(this);
    const back = make("a", { class: "icon back", href: "#/", "aria-label": "All chats" }, icon("back"));
    const face = this.group ? make("span", { class: "avatar group" }, icon("group")) : botFace();
    const head = make("header", {}, back, face, make("div", { class: "who" }, this.name, this.state), controls);
    const parts = [head, this.list.log, this.list.down, this.composer.element];
    this.element = make("section", { class: "pane", "aria-label": "Chat" }, parts);
    receive(this.element, this.composer.field, this.composer.take);
  }

  /** The person who writes, and the chat and topic. */
  where() {
    return { person: this.person, chat: this.chat, thread: this.thread || undefined };
  }

  personShown() {
    return this.world.people.find(({ id }) => id === this.person);
  }

  async refresh() {
    const view = await get(`chat/${this.chat}`);
    if (view.version < this.view?.version) return; // a newer one has overtaken it
    const newest = this.messages.at(-1)?.message_id;
    this.view = view;
    this.messages = view.messages.filter((message) => (message.message_thread_id ?? 0) === this.thread);
    this.showHead();
    this.showWelcome();
    this.list.show(this.messages, view.unread, view.draft);
    this.composer.update(view);
    const last = this.messages.at(-1);
    if (last?.from.id === this.person && last.message_id !== newest) this.list.toEnd();
    this.pressRequested();
  }

  showHead() {
    if (!this.view) return;
    const { chat, action, topics } = this.view;
    const topic = topics.find(({ thread }) => thread === this.thread);
    this.name.textContent = topic?.name ?? chat.title ?? "Darkroom";
    const state = this.describe();
    if (this.state.textContent !== state) this.state.textContent = state;
    this.state.classList.toggle("busy", Boolean(action));
    clearTimeout(this.forget);
    if (action) this.forget = setTimeout(() => attempt(() => this.refresh()), ACTION_SECONDS * 1000);
  }

  /** The line under the name: what the bot is doing, or why it does nothing. */
  describe() {
    const { chat, action, bot } = this.view;
    const who = this.personShown()?.first_name;
    if (bot === "kicked") return this.group ? "the bot was removed" : `blocked by ${who}`;
    if (this.world.supervisor?.running === false) return "the bot is not running";
    if (action) return `${DOES[action] ?? action.replaceAll("_", " ")} …`;
    return this.group ? `${chat.title}, as ${who} sees it` : `bot, as ${who} sees it`;
  }

  showWelcome() {
    const wanted = !this.messages.length && !this.group;
    if (wanted && !this.welcome.firstChild) this.welcome.append(welcome(this));
    if (!wanted) this.welcome.replaceChildren();
    this.welcome.hidden = !wanted;
  }

  /** Open the menu of a message. */
  menu(message, anchor) {
    const mine = message.from.id === this.person;
    const text = message.text ?? message.caption;
    const about = { person: this.person, chat: this.chat, message: message.message_id };
    openMenu(anchor, "Message", [
      ["Reply", () => this.composer.aim({ how: "reply", message })],
      mine && ["Edit", () => this.composer.aim({ how: "edit", message })],
      text && ["Copy text", () => navigator.clipboard.writeText(text).then(() => toast("Copied"))],
      ["Delete", () => attempt(() => act("delete", about))],
    ]);
  }

  // The samples press a button for the person

  pressFirstButtonUnder(photo) {
    this.toPress.add(photo);
    this.pressRequested();
  }

  /** Press the first button of each awaited menu. The consent has one button, which people press themselves. */
  pressRequested() {
    for (const message of this.messages) {
      const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
      const photo = message.reply_to_message?.message_id;
      if (buttons.length < 2 || !this.toPress.delete(photo)) continue;
      toast(`“${buttons[0].text}” was pressed for you, as the sample said.`);
      attempt(() => sendCallbackQuery(message, buttons[0].callback_data, this.person));
    }
  }
}
