// Invoices: the card, the checkout with what it asks for, the receipt.

import { $, ask, make } from "./dom.js";
import { money, moment } from "./figures.js";
import { alertBox, toast } from "./notices.js";
import { act } from "./wire.js";

export function invoiceCard({ invoice, bill }) {
  const state = bill?.refunded ? "Refunded" : bill?.paid ? "Paid" : "";
  return make(
    "div",
    { class: "invoice" },
    make("b", { class: "title" }, invoice.title),
    make("p", {}, invoice.description),
    make(
      "p",
      { class: "sum" },
      money(invoice.total_amount, invoice.currency),
      state && make("span", { class: `badge ${state.toLowerCase()}` }, state),
    ),
  );
}

/** Everything that the Bot API's `need_...` can ask for (https://core.telegram.org/bots/api#orderinfo). */
const FIELDS = {
  name: [["name", "Name", { autocomplete: "name" }]],
  phone_number: [["phone_number", "Phone", { autocomplete: "tel", type: "tel" }]],
  email: [["email", "E-mail", { autocomplete: "email", type: "email" }]],
  shipping_address: [
    ["street_line1", "Street and number", { autocomplete: "address-line1" }],
    ["street_line2", "More of the address", { autocomplete: "address-line2", required: false }],
    ["post_code", "Postcode", { autocomplete: "postal-code" }],
    ["city", "City", { autocomplete: "address-level2" }],
    ["state", "State", { autocomplete: "address-level1", required: false }],
    ["country_code", "Country, two letters", { autocomplete: "country", pattern: "[A-Za-z]{2}", maxLength: 2 }],
  ],
};

const WHOLE_LINE = ["name", "street_line1", "street_line2"];

function orderForm(needs) {
  return needs
    .flatMap((need) => FIELDS[need])
    .map(([name, label, about]) =>
      make(
        "label",
        { class: WHOLE_LINE.includes(name) ? "whole" : "" },
        label,
        make("input", { name, required: true, ...about }),
      ),
    );
}

/** What was typed, as an OrderInfo; null where nothing is asked. */
function orderInfo(form, needs) {
  if (!needs.length) return null;
  const typed = Object.fromEntries(new FormData(form));
  const one = (need) => (need === "shipping_address" ? address(typed) : typed[need]);
  return Object.fromEntries(needs.map((need) => [need, one(need)]));
}

function address(typed) {
  const parts = Object.fromEntries(FIELDS.shipping_address.map(([name]) => [name, typed[name]]));
  return { ...parts, country_code: parts.country_code.toUpperCase() };
}

const STARS = "XTR";

const ENDINGS = {
  declined: "The bank declined. Nothing is paid.",
  timeout: "The bot did not answer within ten seconds. Nothing is paid.",
};

/** Show what is bought, ask for what is needed, and pay where the person says so. */
export async function checkout(message, person) {
  const { invoice, bill } = message;
  const sum = money(invoice.total_amount, invoice.currency);
  const dialog = $("checkout");
  $("checkout-title").textContent = invoice.title;
  $("checkout-about").textContent = invoice.description;
  $("checkout-pay").textContent = `Pay ${sum}`;
  $("order-info").replaceChildren(...orderForm(bill.needs));
  const line = ({ label, amount }) =>
    make("tr", {}, make("th", { scope: "row" }, label), make("td", {}, money(amount, invoice.currency)));
  $("prices").replaceChildren(...bill.prices.map(line));
  const form = dialog.querySelector("form");
  form.elements.decline.checked = false;
  $("bank").hidden = invoice.currency === STARS; // no bank has a say in Stars
  const answer = ask(dialog);
  $("order-info").querySelector("input")?.focus();
  if ((await answer) !== "pay") return;
  const order = orderInfo(form, bill.needs);
  const about = {
    person,
    chat: message.chat.id,
    message: message.message_id,
    decline: form.elements.decline.checked,
    order,
  };
  const [{ status, error }] = await act("pay", about);
  if (status === "paid") toast(`Paid ${sum}`);
  else await alertBox(error ?? ENDINGS[status]);
}

export function receipt({ invoice, bill }) {
  const lines = {
    What: invoice.title,
    Paid: money(bill.paid.total_amount, bill.paid.currency),
    When: moment(bill.paid.date),
    Charge: bill.paid.telegram_payment_charge_id,
    State: bill.refunded ? "Refunded" : "Paid",
  };
  $("receipt-lines").replaceChildren(
    ...Object.entries(lines).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
  return ask($("receipt"));
}
