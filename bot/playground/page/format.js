// Formats sizes, sums and times for people.

export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(bytes < 1e4 ? 1 : 0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `amount` in the smallest unit, as the Bot API has it; XTR are Telegram Stars. */
export function money(amount, currency) {
  if (currency === "XTR") return `${amount} ⭐`;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function day(seconds) {
  const date = new Date(seconds * 1000).toDateString();
  return date === new Date().toDateString() ? "Today" : date;
}

export const moment = (seconds) =>
  new Date(seconds * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
