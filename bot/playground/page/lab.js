// What only the photo lab can open: the package of an order, as the bot posts it into the lab's chat.

import { $, ask, icon, make } from "./dom.js";
import { attempt } from "./notices.js";
import { house } from "./api.js";

/** The button below a sealed package in the lab's own chat; null below everything else. */
export function unsealing({ document: file }, pane) {
  if (pane.chat !== pane.world.house?.lab || !file?.file_name?.endsWith(".age")) return null;
  const open = () => attempt(async () => show(await house.unseal(file.file_id)));
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
