// Inline keyboards: rows of buttons under a message, and what each kind does when it is pressed.

import { icon, make } from "./dom.js";
import { alertBox, attempt, toast } from "./notices.js";
import { receipt } from "./payment.js";
import { checkout } from "./checkout.js";
import { act } from "./api.js";

const SETTLES_MS = 400; // the message may change with the answer; a second press must not reach a button that is gone
const KINDS = { url: "link", copy_text: "copy" };

/** The keyboard of a message as `person` sees it, or null if it has none. */
export function keyboard(message, person) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (!rows.length) return null;
  return make(
    "div",
    { class: "keyboard", role: "group", "aria-label": "Buttons" },
    rows.map((row) =>
      make(
        "div",
        {},
        row.map((button) => key(message, button, person)),
      ),
    ),
  );
}

function key(message, button, person) {
  const mark = KINDS[Object.keys(KINDS).find((kind) => button[kind])];
  const paid = button.pay && message.bill?.paid;
  const style = button.style ?? (button.pay && !paid ? "primary" : "");
  const about = { class: `key ${style}`, "data-key": button.callback_data ?? button.text };
  if (button.url) {
    return make("a", { ...about, href: button.url, target: "_blank", rel: "noreferrer" }, button.text, icon(mark));
  }
  const label = paid ? "Receipt" : button.text;
  const node = make("button", { type: "button", ...about }, label, mark && icon(mark));
  node.onclick = () => press(node, () => work(message, button, person, paid));
  return node;
}

/** Run a button's work, one run at a time. The button stays in the tab order meanwhile, so that it keeps the focus. */
async function press(node, work) {
  if (node.getAttribute("aria-disabled")) return;
  node.setAttribute("aria-disabled", "true");
  await attempt(work);
  setTimeout(() => node.removeAttribute("aria-disabled"), SETTLES_MS);
}

async function work(message, button, person, paid) {
  if (paid) await receipt(message);
  else if (button.pay) await checkout(message, person);
  else if (button.copy_text) await copy(button.copy_text.text);
  else if (button.callback_data) await sendCallbackQuery(message, button.callback_data, person);
  else toast("The playground does not imitate this button.");
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(`Copied: ${text}`);
}

/** Send a callback query and show the bot's answer: a toast, an alert, a page, or nothing. */
export async function sendCallbackQuery(message, data, person) {
  const { answer } = await act("tap", { person, chat: message.chat.id, message: message.message_id, data });
  if (!answer) return;
  if (answer.url) window.open(answer.url, "_blank", "noreferrer");
  if (answer.text && answer.alert) await alertBox(answer.text);
  else if (answer.text) toast(answer.text);
}
