// The mail that would have been sent.

import { $, make, renew } from "./dom.js";
import { moment } from "./format.js";
import { attempt, toast } from "./notices.js";
import { house } from "./api.js";

let newest; // when the last one came that was told of

export const showMail = () => attempt(async () => show(await house.mail()));

function show(mails) {
  tellOf(mails.at(-1));
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

/** Whoever waits for a code learns where it is; what came before this page was opened is no news. */
function tellOf(mail) {
  const known = newest;
  newest = mail?.at ?? 0;
  if (known === undefined || newest <= known) return;
  toast(`Mail to ${mail.to}: “${mail.subject}”. It is behind the scenes, at Mail.`);
}
