// Pictures, albums, files and stickers in a message.

import { icon, make, picture } from "./dom.js";
import { size } from "./format.js";
import { compare, open } from "./lightbox.js";
import { fileUrl, pictureUrl } from "./api.js";

const SHOWABLE = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"];

/** The picture of a message, or null: {id of the picture, file: id of the download, name, bytes, ...}. */
export function pictureOf(message) {
  if (message?.photo) {
    const { file_id: id, width, height, file_size: bytes } = message.photo.at(-1);
    return { id, file: id, name: "photo.jpg", width, height, bytes };
  }
  const file = message?.document;
  if (!file) return null;
  const about = { file: file.file_id, name: file.file_name, bytes: file.file_size };
  if (SHOWABLE.includes(file.mime_type)) return { ...about, id: file.file_id };
  return file.thumbnail ? { ...about, id: file.thumbnail.file_id, small: true } : null;
}

/** A small picture of a message, for quotes; null if the message has none. */
export function thumbnail(message) {
  const about = pictureOf(message);
  const small = message.photo?.[0] ?? message.document?.thumbnail;
  return about && picture({ src: pictureUrl(small?.file_id ?? about.id), alt: "", class: "glimpse", draggable: false });
}

/** The nodes of a message's media. `all` gives every picture of the chat, for the lightbox to go through. */
export function media(message, all) {
  const nodes = [];
  if (message.photo) nodes.push(photo(message, all));
  if (message.sticker) nodes.push(sticker(message.sticker));
  if (message.document) nodes.push(...documentRow(message, all));
  return nodes;
}

function image(about, alt) {
  return picture({ src: pictureUrl(about.id), alt, "data-file": about.id, decoding: "async", draggable: false });
}

function photo(message, all) {
  const about = pictureOf(message);
  const shown = image(about, "Photo");
  // Known before it is loaded, so that nothing jumps.
  Object.assign(shown, { width: about.width, height: about.height });
  const covered = message.has_media_spoiler;
  const look = ({ currentTarget: button }) => {
    if (button.classList.contains("covered")) button.classList.remove("covered");
    else open(all(), about.id);
  };
  const label = covered ? "Hidden photo: show it" : "Open the photo";
  return make(
    "button",
    { type: "button", class: `photo${covered ? " covered" : ""}`, "aria-label": label, onclick: look },
    shown,
  );
}

/** A result that replies to a picture is shown large, with a button that compares both; any other file is a row. */
function documentRow(message, all) {
  const about = pictureOf(message);
  const before = pictureOf(message.reply_to_message);
  if (!about || !before || !message.from.is_bot) return [row(message.document, about, all)];
  const large = make(
    "button",
    { type: "button", class: "photo", "aria-label": `Open ${about.name}` },
    image(about, about.name),
  );
  large.onclick = () => open(all(), about.id);
  const both = make("button", { type: "button", class: "compare", onclick: () => compare(before, about) });
  both.append(icon("compare"), "Compare");
  return [make("div", { class: "result" }, large, both), row(message.document, null, all)];
}

function row(file, about, all) {
  const face = about
    ? make(
        "button",
        {
          type: "button",
          class: "thumb",
          "aria-label": `Open ${file.file_name}`,
          onclick: () => open(all(), about.id),
        },
        image(about, ""),
      )
    : make("span", { class: "thumb" }, icon("file"), make("small", {}, ending(file.file_name)));
  const link = {
    class: "icon download",
    href: fileUrl(file.file_id),
    download: file.file_name,
    "aria-label": `Download ${file.file_name}`,
  };
  const name = make("span", { class: "name", title: file.file_name }, file.file_name);
  return make(
    "div",
    { class: "file" },
    face,
    make("span", {}, name, make("small", {}, size(file.file_size))),
    make("a", link, icon("download")),
  );
}

const ending = (name) => (name.includes(".") ? name.split(".").at(-1).slice(0, 4) : "");

function sticker({ file_id: id, emoji }) {
  return make("img", {
    class: "sticker",
    src: pictureUrl(id),
    alt: `Sticker ${emoji ?? ""}`,
    "data-file": id,
    width: 192,
    height: 192,
  });
}
