// The checkout in steps: address, shipping, card. An invoice in Stars takes one click.

import { $, make } from "./dom.js";
import { fillExample, orderFields, orderInfo } from "./address.js";
import { money } from "./format.js";
import { toast } from "./notices.js";
import { act } from "./api.js";

const STARS = "XTR";

/** Stripe's test cards (https://docs.stripe.com/testing) and the result of a payment with each. */
const CARDS = {
  "4242 4242 4242 4242": ["paid", "Succeeds"],
  "4000 0000 0000 0002": ["declined", "Is declined"],
  "4000 0000 0000 0259": ["disputed", "Succeeds, and is disputed afterwards"],
};

const ENDINGS = {
  declined: "Your card was declined. Nothing is paid: try another one.",
  timeout: "The bot did not answer within ten seconds. Nothing is paid.",
};

/** The steps: name, the part of the dialog that is shown, and a check if an invoice needs the step. */
const STEPS = [
  { name: "Details", part: "order", wanted: ({ bill }) => bill.needs.length },
  { name: "Shipping", part: "shipping", wanted: ({ bill }) => bill.ships },
  { name: "Card", part: "cards", wanted: ({ invoice }) => invoice.currency !== STARS },
];

let current = null; // the order that the dialog is about, while it is open

/** Show the goods, ask for what the invoice needs, and pay if the person agrees. Resolves when the dialog closes. */
export function checkout(message, person) {
  const dialog = $("checkout");
  const steps = STEPS.filter(({ wanted }) => wanted(message));
  const order = { message, person, steps, at: 0, form: undefined, shipping: null };
  const form = dialog.querySelector("form");
  current = order;
  $("checkout-title").textContent = message.invoice.title;
  $("checkout-about").textContent = message.invoice.description;
  fill(message, person);
  form.onsubmit = (event) => {
    event.preventDefault();
    goOn(order);
  };
  $("checkout-back").onclick = () => (order.at ? show(order, order.at - 1) : dialog.close());
  dialog.returnValue = "";
  dialog.showModal();
  show(order, 0);
  return new Promise((done) => {
    dialog.onclose = () => {
      current = null;
      orderInfo(form, message.bill.needs, person); // for the next time
      done();
    };
  });
}

function fill({ chat, bill }, person) {
  const form = $("checkout").querySelector("form");
  $("order-info").replaceChildren(...orderFields(bill.needs, person));
  $("example").onclick = () => {
    fillExample(form, chat.first_name ?? "Anna");
    $("checkout-on").focus();
  };
  const card = ([number, [kind, becomes]], at) => {
    const text = make("span", {}, make("b", {}, number), " ", make("small", {}, becomes));
    return tile("card", number, !at, make("span", { class: `plastic ${kind}` }), text);
  };
  $("card-choices").replaceChildren(...Object.entries(CARDS).map(card));
}

/** A radio button with a whole line as its label. */
const tile = (name, value, checked, ...about) =>
  make("label", { class: "tile" }, make("input", { type: "radio", name, value, checked }), about);

function show(order, at) {
  order.at = at;
  const { steps, message } = order;
  for (const { part } of STEPS) $(part).hidden = $(part).disabled = part !== steps[at]?.part;
  const step = ({ name }, place) =>
    make("li", { "aria-current": place === at ? "step" : null, class: place < at ? "done" : "" }, name);
  $("checkout-steps").replaceChildren(...(steps.length > 1 ? steps.map(step) : []));
  $("checkout-back").textContent = at ? "Back" : "Cancel";
  $("checkout-on").textContent = at < steps.length - 1 ? "Continue" : `Pay ${total(order)}`;
  $("no-money").hidden = at < steps.length - 1;
  $("problem").textContent = "";
  $("checkout-on").ariaBusy = "false";
  showPrices(order);
  const inside = message.bill.needs.length || at ? $(steps[at].part).querySelector(":checked, input, select") : null;
  (inside ?? $("checkout-on")).focus();
}

const sum = (prices) => prices.reduce((so, { amount }) => so + amount, 0);

function total({ message: { invoice }, shipping }) {
  return money(invoice.total_amount + sum(shipping?.prices ?? []), invoice.currency);
}

/** Show the prices of the goods and, once they are known, of shipping and the total. */
function showPrices(order) {
  const { message, shipping } = order;
  const { invoice, bill } = message;
  const line = (label, amount) => make("tr", {}, make("th", { scope: "row" }, label), make("td", {}, amount));
  const rows = [...bill.prices, ...(shipping?.prices ?? [])].map(({ label, amount }) =>
    line(label, money(amount, invoice.currency)),
  );
  if (bill.ships && !shipping) rows.push(line("Shipping", make("small", {}, "by your address")));
  else if (rows.length > 1) rows.push(make("tr", { class: "total" }, [...line("Total", total(order)).children]));
  $("prices").replaceChildren(...rows);
}

/** Do the step's work, then show the next step. After a refusal, show the reason and keep what was typed. */
async function goOn(order) {
  const on = $("checkout-on");
  if (on.ariaBusy === "true") return;
  on.ariaBusy = "true";
  $("problem").textContent = "";
  const work = { order: sendOrder, shipping: ship }[order.steps[order.at]?.part] ?? pay;
  const problem = await work(order).catch(({ message }) => message);
  if (order !== current) {
    if (problem) toast(worded(problem)); // the dialog was left meanwhile
    return;
  }
  on.ariaBusy = "false";
  if (problem) $("problem").textContent = worded(problem);
  else if (order.at < order.steps.length - 1) show(order, order.at + 1);
  else $("checkout").close("paid");
}

const worded = (problem) =>
  /^[A-Z\d_]+_INVALID$/.test(problem) ? `Telegram does not take what was typed: ${problem}.` : problem;

const about = ({ message, person }) => ({ person, chat: message.chat.id, message: message.message_id });

/** Let Telegram check what was typed and ask the bot for its shipping options. */
async function sendOrder(order) {
  const { bill, invoice } = order.message;
  const typed = orderInfo($("checkout").querySelector("form"), bill.needs, order.person);
  const { status, error, form, options } = await act("validate", { ...about(order), order: typed });
  if (status !== "valid") return error ?? ENDINGS[status];
  order.form = form;
  order.shipping = options[0] ?? null;
  const choice = ({ id, title, prices }, at) => {
    const node = tile("shipping", id, !at, make("b", {}, title), " ", make("span", {}, money(sum(prices), invoice.currency)));
    node.onchange = () => {
      order.shipping = options[at];
      showPrices(order);
    };
    return node;
  };
  $("shipping-choices").replaceChildren(...options.map(choice));
  return null;
}

const ship = async () => null;

async function pay(order) {
  const card = $("checkout").querySelector("form").elements.card;
  const means = { form: order.form, option: order.shipping?.id };
  if (order.message.invoice.currency !== STARS) means.card = card.value.replaceAll(" ", "");
  const [{ status, error }] = await act("pay", { ...about(order), ...means });
  if (status !== "paid") return error ?? ENDINGS[status];
  toast(`Paid ${total(order)}`);
  return null;
}
