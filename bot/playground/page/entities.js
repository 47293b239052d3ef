// Text with its entities (https://core.telegram.org/bots/api#messageentity). Offsets count UTF-16 units, as strings do here.

import { make } from "./dom.js";

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
};
TAGS.expandable_blockquote = "blockquote";

/** Nodes for this text; `send` runs when a /command is pressed. */
export function formatted(text, entities = [], send = () => {}) {
  const outermostFirst = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return nest(text, 0, text.length, outermostFirst, send);
}

/** Nodes for the text between two offsets. An entity that ends outside its parent is split there. */
function nest(text, from, to, entities, send) {
  const nodes = [];
  while (entities.length) {
    const [entity, ...others] = entities;
    const start = Math.max(from, entity.offset);
    const end = Math.min(to, entity.offset + entity.length);
    entities = others.filter((other) => other.offset + other.length > end);
    if (start >= end) continue;
    const inside = others.filter((other) => other.offset < end);
    nodes.push(
      text.slice(from, start),
      wrap(entity, text.slice(start, end), nest(text, start, end, inside, send), send),
    );
    from = end;
  }
  return [...nodes, text.slice(from, to)];
}

function wrap(entity, text, nodes, send) {
  switch (entity.type) {
    case "url":
      return link(/^\w+:/.test(text) ? text : `https://${text}`, nodes);
    case "text_link":
      return link(entity.url, nodes);
    case "email":
      return link(`mailto:${text}`, nodes);
    case "bot_command":
      return make("button", { type: "button", class: "link", onclick: () => send(text) }, nodes);
    case "spoiler":
      return spoiler(nodes);
    case "pre":
      return make("pre", { tabIndex: 0 }, make("code", {}, nodes));
    default:
      return make(TAGS[entity.type] ?? "span", {}, nodes);
  }
}

const SCHEMES = ["https:", "http:", "mailto:", "tg:"];

function link(address, nodes) {
  const safe = URL.canParse(address) && SCHEMES.includes(new URL(address).protocol);
  return safe ? make("a", { href: address, target: "_blank", rel: "noreferrer" }, nodes) : make("span", {}, nodes);
}

function spoiler(nodes) {
  const hidden = make("span", { inert: true }, nodes);
  const cover = make("button", { type: "button", class: "spoiler", "aria-label": "Hidden text: show it" }, hidden);
  cover.onclick = () => cover.replaceWith(...nodes);
  return cover;
}
