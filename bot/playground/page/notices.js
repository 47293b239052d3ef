// What the page tells beside the chat: toasts that go by themselves, and sentences that want an OK.

import { $, ask, make } from "./dom.js";

const SECONDS = 5;

export function toast(text) {
  const line = make("p", { class: "toast" }, text);
  $("toasts").append(line);
  setTimeout(() => line.remove(), SECONDS * 1000);
}

/** What a toast told is read by whoever goes on. */
for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => $("toasts").replaceChildren(), true);

export function alertBox(text) {
  $("alert-text").textContent = text;
  return ask($("alert"));
}

/** Do this, and say so in a toast where it cannot be done. Resolves with nothing then. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message);
    return undefined;
  }
}
