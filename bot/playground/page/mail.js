// The e-mails that the bot sent. The playground catches them.

import { $, make, renew } from "./dom.js";
import { moment } from "./format.js";
import { attempt, toast } from "./notices.js";
import { supervisor } from "./api.js";

let newest; // time of the newest mail that a toast announced

export const showMail = () => attempt(async () => show(await supervisor.mail()));

function show(mails) {
  announce(mails.at(-1));
  const mailItem = ({ at, from, to, subject, text }) =>
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
      ? [...mails].reverse().map(mailItem)
      : [make("p", { class: "hint" }, "None yet. What the bot sends by e-mail arrives here, and nowhere else.")],
  );
}

/** Announce a new mail in a toast, for people who wait for a code. Mails from before the page was opened are skipped. */
function announce(mail) {
  const known = newest;
  newest = mail?.at ?? 0;
  if (known === undefined || newest <= known) return;
  toast(`Mail to ${mail.to}: “${mail.subject}”. It is behind the scenes, at Mail.`);
}
