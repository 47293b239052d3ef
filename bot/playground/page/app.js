// The chat page. It knows the control interface only; what the bot does arrives as changes of the chat.

const $ = (id) => document.getElementById(id);
const make = (tag, attributes = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), attributes);
  node.append(...children);
  return node;
};

let base = "";
let person = null;
let shown = "";

async function get(path) {
  const answer = await fetch(base + path);
  return answer.json();
}

async function act(name, about = {}) {
  const answer = await fetch(base + name, { method: "POST", body: JSON.stringify({ person, ...about }) });
  const result = await answer.json();
  if (!answer.ok) notice(result.error);
  return answer.ok ? result : null;
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => ($("notice").hidden = true), 5000);
}

const fileUrl = (id, query = "") => `${base}file/${encodeURIComponent(id)}${query}`;

// Text with its entities; offsets count UTF-16 units, as JavaScript does.
const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "q", spoiler: "mark" };

function wrap(node, entity, text) {
  if (entity.type === "text_link" || entity.type === "url") {
    return make("a", { href: entity.url ?? text, target: "_blank", rel: "noreferrer" }, node);
  }
  return TAGS[entity.type] ? make(TAGS[entity.type], {}, node) : node;
}

function formatted(text, entities = []) {
  const cuts = new Set([0, text.length]);
  for (const { offset, length } of entities) cuts.add(offset).add(offset + length);
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(0, -1).map((from, at) => {
    const part = text.slice(from, places[at + 1]);
    const over = entities.filter(({ offset, length }) => offset <= from && from < offset + length);
    return over.reduceRight((node, entity) => wrap(node, entity, part), document.createTextNode(part));
  });
}

const picture = (id, alt) => make("img", { src: fileUrl(id, "?as=picture"), alt });
const SHOWN = ["image/jpeg", "image/png", "image/webp", "image/gif"];

function media(message) {
  const parts = [];
  const { photo, document: file, sticker, invoice } = message;
  if (photo) parts.push(picture(photo.at(-1).file_id, "Photo"));
  if (sticker) parts.push(picture(sticker.file_id, sticker.emoji ?? "Sticker"));
  if (file && SHOWN.includes(file.mime_type)) parts.push(picture(file.file_id, file.file_name));
  if (file) {
    const size = `${(file.file_size / 1024).toFixed(1)} KB`;
    parts.push(make("a", { href: fileUrl(file.file_id), download: file.file_name }, `📄 ${file.file_name} · ${size}`));
  }
  if (invoice) parts.push(make("strong", {}, invoice.title), make("p", {}, invoice.description));
  if (message.successful_payment) parts.push(`Paid ${message.successful_payment.total_amount} ${message.successful_payment.currency}`);
  return parts;
}

async function tap(message, button) {
  if (button.copy_text) return navigator.clipboard.writeText(button.copy_text.text).then(() => notice("Copied"));
  if (button.pay) {
    const [payment] = (await act("pay", { message: message.message_id })) ?? [];
    return payment && notice(payment.error ?? payment.status);
  }
  const about = { chat: message.chat.id, message: message.message_id, data: button.callback_data };
  const answer = (await act("tap", about))?.answer;
  if (answer?.text) answer.alert ? alert(answer.text) : notice(answer.text);
}

function key(message, button) {
  if (button.url) return make("a", { href: button.url, target: "_blank", rel: "noreferrer", textContent: button.text });
  return make("button", { type: "button", className: button.style ?? "", textContent: button.text, onclick: () => tap(message, button) });
}

function bubble(message) {
  const item = $("message").content.cloneNode(true).firstElementChild;
  const [quote, files, text, keyboard, time] = item.children;
  item.classList.toggle("mine", message.from.id === person);
  const target = message.reply_to_message;
  if (target) quote.textContent = target.text ?? target.caption ?? (target.photo ? "Photo" : target.document?.file_name ?? "Message");
  files.append(...media(message));
  text.append(...formatted(message.text ?? message.caption ?? "", message.entities ?? message.caption_entities));
  for (const row of message.reply_markup?.inline_keyboard ?? []) {
    keyboard.append(make("div", {}, ...row.map((button) => key(message, button))));
  }
  time.textContent = new Date(message.date * 1000).toLocaleTimeString([], { timeStyle: "short" }) + (message.edit_date ? " · edited" : "");
  return item;
}

async function show() {
  if (person === null) return;
  const chat = await get(`chat/${person}`);
  $("action").textContent = chat.draft?.text ?? (chat.action ? `Darkroom: ${chat.action.replaceAll("_", " ")} …` : "");
  const messages = JSON.stringify(chat.messages);
  if (messages === shown) return;
  shown = messages;
  const list = $("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.replaceChildren(...chat.messages.map(bubble));
  const toEnd = () => (list.scrollTop = list.scrollHeight);
  if (!atEnd) return;
  toEnd();
  for (const image of list.querySelectorAll("img")) image.onload = toEnd; // it has no height before
}

async function showPeople() {
  const { people } = await get("overview");
  $("people").replaceChildren(...people.map(({ id, first_name }) => {
    const button = make("button", { type: "button", textContent: first_name, onclick: () => become(id) });
    if (id === person) button.setAttribute("aria-current", "true");
    return make("li", {}, button);
  }));
  return people;
}

async function become(id) {
  person = id;
  shown = "";
  await Promise.all([showPeople(), show()]);
  $("text").focus();
}

async function add(first_name, language_code) {
  const answer = await fetch(base + "person", { method: "POST", body: JSON.stringify({ first_name, language_code }) });
  return (await answer.json()).id;
}

async function upload(file) {
  const query = new URLSearchParams({ name: file.name, mime: file.type });
  const answer = await fetch(`${base}upload?${query}`, { method: "POST", body: file });
  return (await answer.json()).upload;
}

async function sendFiles(files, caption) {
  const kind = $("as-file").checked ? "file" : "photo";
  const items = await Promise.all(files.map(async (file) => ({ [kind]: await upload(file) })));
  items[0].caption = caption;
  await act("send", items.length > 1 ? { album: items } : items[0]);
}

$("compose").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  const files = [...$("files").files];
  $("compose").reset();
  if (files.length) await sendFiles(files, text);
  else if (text) await act("send", { text });
};

$("files").onchange = () => notice(`${$("files").files.length} picked; Send sends`);

$("new-person").onsubmit = async (event) => {
  event.preventDefault();
  const { name, language } = Object.fromEntries(new FormData(event.target));
  event.target.reset();
  await become(await add(name, language));
};

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function follow() {
  let version = -1;
  for (;;) {
    try {
      version = (await get(`changes?after=${version}&seconds=5`)).version;
      await show();
    } catch {
      await pause(1000); // the server is gone, or comes back
    }
  }
}

async function firstBot() {
  for (;;) {
    const [token] = await (await fetch("/control/bots")).json();
    if (token) return token;
    await pause(300);
  }
}

base = `/control/${await firstBot()}/`;
const people = await showPeople();
await become(people[0]?.id ?? (await add("Anna", "en")));
follow();
