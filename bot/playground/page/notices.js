// Toasts, which vanish by themselves, and alerts, which ask for an OK.

import { $, ask, make } from "./dom.js";

const SECONDS = 5;

export function toast(text) {
  const line = make("p", { class: "toast" }, text);
  $("toasts").append(line);
  setTimeout(() => line.remove(), SECONDS * 1000);
}

/** The next click or key removes the toasts. */
for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => $("toasts").replaceChildren(), true);

export function alertBox(text) {
  $("alert-text").textContent = text;
  return ask($("alert"));
}

/** Run `work`. If it fails, show the reason in a toast and resolve with undefined. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message);
    return undefined;
  }
}
