// Invoices and receipts in the chat.

import { $, ask, make } from "./dom.js";
import { country } from "./address.js";
import { money, moment } from "./format.js";

export function invoiceCard({ invoice, bill }) {
  const state = bill?.paid && stateOf(bill);
  return make(
    "div",
    { class: "invoice" },
    make("b", { class: "title" }, invoice.title),
    make("p", {}, invoice.description),
    make(
      "p",
      { class: "sum" },
      money(bill?.paid?.total_amount ?? invoice.total_amount, invoice.currency),
      state && make("span", { class: `badge ${state.split(" ").at(-1).toLowerCase()}` }, state),
    ),
  );
}

const ENDS = { won: "Paid", lost: "Disputed" };

function stateOf({ paid, refunded, disputed }) {
  if (refunded) return refunded < paid.total_amount ? "Partly refunded" : "Refunded";
  return disputed ? (ENDS[disputed] ?? "Disputed") : "Paid";
}

/** Show the receipt: goods, shipping, address and payment. */
export function receipt({ invoice, bill }) {
  const { paid, prices } = bill;
  const sum = (amount) => money(amount, paid.currency);
  const stripes = paid.currency !== "XTR";
  const bought = [...prices, ...(paid.shipping?.prices ?? [])];
  const lines = [
    ["What", invoice.title],
    ...(bought.length > 1 ? bought.map(({ label, amount }) => [label, sum(amount)]) : []),
    [bought.length > 1 ? "Total" : "Paid", sum(paid.total_amount), "total"],
    ["Shipped by", paid.shipping?.title],
    ["To", address(paid.order_info)],
    ["Card", paid.card && `•••• ${paid.card}`],
    ["When", moment(paid.date)],
    ["Charge", paid.telegram_payment_charge_id],
    ["At Stripe", stripes && paid.provider_payment_charge_id],
    ["State", stateOf(bill)],
  ];
  const line = ([name, value, kind]) => [make("dt", { class: kind }, name), make("dd", { class: kind }, value)];
  $("receipt-lines").replaceChildren(...lines.filter(([, value]) => value).flatMap(line));
  return ask($("receipt"));
}

function address({ name, shipping_address: to } = {}) {
  if (!to) return name;
  const lines = [name, to.street_line1, to.street_line2, `${to.post_code} ${to.city}`, to.state, country(to.country_code)];
  return lines.filter(Boolean).join("\n");
}
