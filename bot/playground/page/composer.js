// The composer: text, commands, files, replies and edits.

import { iconButton, make } from "./dom.js";
import { sendFile, sendFiles } from "./attach.js";
import { summary } from "./bubble.js";
import { commandsFor, suggest } from "./commands.js";
import { openMenu } from "./menu.js";
import { attempt } from "./notices.js";
import { act, supervisor } from "./api.js";

/** The composer of a pane. `update(view)` adapts it to the chat's new state. */
export function composer(pane) {
  const field = make("textarea", {
    rows: 1,
    placeholder: "Message",
    "aria-label": "Message",
    maxLength: 4096,
    enterKeyHint: "send",
  });
  const about = make("div", { class: "about", hidden: true });
  const picker = make("input", {
    type: "file",
    multiple: true,
    hidden: true,
    tabIndex: -1,
    "aria-label": "Pick files",
  });
  const instead = make("div", { class: "instead", hidden: true });
  let target = null; // the message that is replied to or changed, and how

  const commands = () => commandsFor(pane.world.profile, pane.chat, pane.personShown()?.language_code);
  const suggestions = suggest(field, commands, (command) => sendText(command));
  const slash = iconButton("menu", "Commands", () => (field.focus(), suggestions.open()), {
    "aria-haspopup": "listbox",
  });
  const clip = iconButton("clip", "Attach", () => openMenu(clip, "Attach", choices()), { "aria-haspopup": "menu" });
  const form = make(
    "form",
    { class: "compose" },
    slash,
    clip,
    picker,
    field,
    iconButton("send", "Send", null, { type: "submit", class: "icon send" }),
  );
  const element = make("div", { class: "composer" }, suggestions.list, about, form, instead);

  const choices = () => [
    ["Photos or files …", () => picker.click()],
    ...pane.world.samples.map((sample) => [`Sample: ${sample.label}`, () => attempt(() => sendSample(sample, pane))]),
  ];

  const where = () => ({ ...pane.where(), reply_to: target?.how === "reply" ? target.message.message_id : undefined });

  async function sendText(text) {
    const changed = target?.how === "edit" ? target.message : null;
    const to = where();
    clear();
    if (changed)
      await attempt(() => act("edit", { person: to.person, chat: to.chat, message: changed.message_id, text }));
    else await attempt(() => act("send", { ...to, text }));
  }

  async function take(files) {
    if (!files.length) return;
    const [to, caption] = [where(), field.value];
    clear();
    await attempt(() => sendFiles(files, to, caption));
    field.focus();
  }

  function clear() {
    field.value = "";
    field.dispatchEvent(new Event("input"));
    aim(null);
  }

  /** Set the target of the next text: {how: "reply" or "edit", message}, or null. */
  function aim(next) {
    target = next;
    about.hidden = !next;
    if (!next) return;
    const title = next.how === "edit" ? "Edit" : `Reply to ${next.message.from.first_name}`;
    about.replaceChildren(
      make("p", {}, make("b", {}, title), make("span", {}, summary(next.message))),
      iconButton("close", "Cancel", () => (aim(null), field.focus())),
    );
    if (next.how === "edit") field.value = next.message.text ?? next.message.caption ?? "";
    field.focus();
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text) sendText(text);
  };
  field.onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === "Escape" && target) aim(null);
  };
  field.oninput = () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  };
  picker.onchange = () => {
    const files = [...picker.files];
    picker.value = "";
    take(files);
  };

  function update({ bot, topics }) {
    const closed = topics.some(({ thread, closed }) => thread === pane.thread && closed);
    const blocked = !pane.group && bot === "kicked";
    form.hidden = closed || blocked;
    instead.hidden = !form.hidden;
    const unblock = () => attempt(() => act("unblock", { person: pane.person }));
    instead.replaceChildren(
      blocked
        ? make("button", { type: "button", class: "wide", onclick: unblock }, "Unblock the bot")
        : "This topic is closed.",
    );
  }

  return { element, field, take, aim, update, focus: () => field.focus() };
}

/** Send a sample as a file, so that the bot gets its metadata too. Resolves with the message. */
export const sendSample = async (sample, pane) => sendFile(await supervisor.sample(sample.name), pane.where());
