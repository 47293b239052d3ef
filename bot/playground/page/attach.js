// Sends photos and files that were picked, dropped or pasted, either as photos or as files.

import { $, ask, icon, make, picture } from "./dom.js";
import { size } from "./format.js";
import { act, upload } from "./api.js";

const MOST = 10; // pictures in an album
const TAKEN_AS_PHOTO = /^image\/(jpeg|png|webp|gif|bmp)$/;

/** Show the files, ask how to send them, and send them. `where` is {person, chat, thread, ...}. */
export async function sendFiles(files, where, caption = "") {
  const dialog = $("attach");
  if (dialog.open) return;
  const form = dialog.querySelector("form");
  const previews = files.map((file) => TAKEN_AS_PHOTO.test(file.type) && URL.createObjectURL(file));
  const photo = form.elements.kind[1];
  photo.disabled = previews.includes(false);
  if (photo.disabled) form.elements.kind.value = "file";
  form.elements.caption.value = caption;
  $("attach-title").textContent = files.length === 1 ? "Send one file" : `Send ${files.length} files`;
  $("picked").replaceChildren(...files.map((file, at) => row(file, previews[at])));
  const answer = await ask(dialog);
  $("picked").replaceChildren();
  previews.filter(Boolean).forEach(URL.revokeObjectURL);
  if (answer === "send") await send(files, form.elements.kind.value, form.elements.caption.value, where);
}

const row = (file, preview) =>
  make(
    "li",
    {},
    preview ? picture({ src: preview, alt: "" }) : icon("file"),
    make("span", {}, file.name, make("small", {}, size(file.size))),
  );

async function send(files, kind, caption, where) {
  for (let at = 0; at < files.length; at += MOST) {
    const items = await Promise.all(files.slice(at, at + MOST).map(async (file) => ({ [kind]: await upload(file) })));
    if (!at) items[0].caption = caption;
    await act("send", items.length > 1 ? { ...where, album: items } : { ...where, ...items[0] });
  }
}

/** Send one file without asking. Resolves with its message. */
export async function sendFile(file, where) {
  const [message] = await act("send", { ...where, file: await upload(file) });
  return message;
}

/** Files that are dropped on `area` or pasted into `field` go to `take`. */
export function receive(area, field, take) {
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  area.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    area.classList.add("dropping");
  });
  area.addEventListener("dragleave", (event) => {
    if (!area.contains(event.relatedTarget)) area.classList.remove("dropping");
  });
  area.addEventListener("drop", (event) => {
    area.classList.remove("dropping");
    if (!carries(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  field.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    take(files);
  });
}
