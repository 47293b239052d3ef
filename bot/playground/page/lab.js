// Opens an order's sealed package, which the bot posts into the lab's chat, as only the photo lab can.

import { $, ask, icon, make } from "./dom.js";
import { attempt } from "./notices.js";
import { supervisor } from "./api.js";

/** The button below a sealed package in the lab's own chat, or null for any other message. */
export function unsealButton({ document: file }, pane) {
  if (pane.chat !== pane.world.supervisor?.lab || !file?.file_name?.endsWith(".age")) return null;
  const open = () => attempt(async () => show(await supervisor.unseal(file.file_id)));
  return make("button", { type: "button", class: "unseal", onclick: open }, icon("key"), "Open as the lab does");
}

const jpeg = (base64) => new Blob([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))], { type: "image/jpeg" });

async function show({ order, address, print }) {
  const url = URL.createObjectURL(jpeg(print));
  $("lab-title").textContent = `Order ${order.order}`;
  $("lab-print").src = url;
  $("lab-address").textContent = address;
  const lines = { Format: order.format, Paper: order.paper, Copies: order.copies, Shipping: order.shipping };
  $("lab-order").replaceChildren(
    ...Object.entries(lines).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]),
  );
  await ask($("lab"));
  URL.revokeObjectURL(url);
  $("lab-print").removeAttribute("src");
}
