// The mail that would have been sent.

import { $, make, renew } from "./dom.js";
import { moment } from "./figures.js";
import { attempt } from "./notices.js";
import { house } from "./wire.js";

export const showMail = () => attempt(async () => show(await house.mail()));

function show(mails) {
  const letter = ({ at, from, to, subject, text }) =>
    make(
      "details",
      { class: "letter" },
      make("summary", {}, make("b", {}, subject), make("small", {}, `to ${to}, ${moment(at)}`)),
      make("p", { class: "hint" }, `From ${from}`),
      make("pre", { tabIndex: 0 }, text),
    );
  $("tab-mail").textContent = mails.length ? `Mail (${mails.length})` : "Mail";
  renew($("mail"), JSON.stringify(mails), () =>
    mails.length
      ? [...mails].reverse().map(letter)
      : [make("p", { class: "hint" }, "None yet. What the bot sends by e-mail arrives here, and nowhere else.")],
  );
}
