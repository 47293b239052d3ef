// The Stripe account that card payments go to: its charges, and buttons for what banks and Stripe's dashboard can do.

import { $, make, renew } from "./dom.js";
import { clock, money } from "./format.js";
import { attempt } from "./notices.js";
import { act, get } from "./api.js";

const SHOWN_TRIES = 5;

export const showStripe = ({ account }) => attempt(async () => show((await get("stripe"))[account], account));

function show(records, account) {
  const { charges = [], tries = [] } = records ?? {};
  const after = async (action, about) => {
    await attempt(() => act(action, about));
    await showStripe({ account });
  };
  renew($("charges"), JSON.stringify(records ?? null), () =>
    charges.length
      ? [...charges].reverse().map((charge) => entry(charge, records, after))
      : [make("p", { class: "hint" }, "None yet. Order prints, and pay with one of the test cards.")],
  );
  const line = ({ type, status }) =>
    make("li", {}, make("code", {}, type), make("span", {}, status || "no answer"));
  $("tries").replaceChildren(...tries.slice(-SHOWN_TRIES).reverse().map(line));
  $("webhooks").hidden = !tries.length;
}

const OPEN = ["needs_response", "under_review", "warning_needs_response", "warning_under_review"];

function entry(charge, { disputes, warnings }, after) {
  const { id, amount, currency, created } = charge;
  const dispute = disputes.findLast((each) => each.charge === id);
  const warned = warnings.some((each) => each.charge === id);
  const open = OPEN.includes(dispute?.status);
  const left = charge.paid && !charge.refunded;
  const actions = [
    open && ["Dispute won", "stripe_close", { status: "won" }],
    open && ["Dispute lost", "stripe_close", { status: "lost" }],
    charge.paid && !dispute && ["Dispute", "stripe_dispute"],
    left && !open && dispute?.status !== "lost" && ["Refund", "stripe_refund"],
    charge.paid && !warned && ["Fraud warning", "stripe_warn"],
  ];
  const button = ([label, action, more]) =>
    make("button", { type: "button", onclick: () => after(action, { charge: id, ...more }) }, label);
  return make(
    "article",
    { class: "charge", "aria-label": `Charge ${id}` },
    make("p", { class: "sum" }, money(amount, currency.toUpperCase()), states(charge, dispute, warned).map(badge)),
    make("p", { class: "hint" }, make("code", {}, id), make("time", {}, clock(created))),
    make("div", { class: "row" }, actions.filter(Boolean).map(button)),
  );
}

const badge = ([kind, text]) => make("span", { class: `badge ${kind}` }, text);

/** All states of a charge, the newest last. */
function states({ amount, amount_refunded: back, currency, paid }, dispute, warned) {
  const part = back < amount ? `${money(back, currency.toUpperCase())} refunded` : "Refunded";
  const ends = { won: ["paid", "Dispute won"], lost: ["refunded", "Dispute lost"] };
  return [
    paid ? ["paid", "Paid"] : ["refunded", "Declined"],
    back > 0 && ["refunded", part],
    warned && ["warned", "Fraud warning"],
    dispute && (ends[dispute.status] ?? ["disputed", "Disputed"]),
  ].filter(Boolean);
}
