"""Everything held on the person who asks: in words on one screen, and as a file, at once."""

from telegram import InputFile, Update

from bot.privacy import export as whole
from bot.texts import Translate, moment, translator
from handlers.context import Context
from storage.data_subject_rights import Rows

_UNPAID = ("open", "invoiced", "expired")

Tables = dict[str, Rows]


async def mydata(update: Update, context: Context) -> None:
    _, translate = await context.person(update)
    services, user_id, chat_id = context.services, update.effective_user.id, update.effective_chat.id
    tables = await services.users.rights.everything(user_id)
    job, at = services.photos.last_results.of(user_id)
    minute, day = services.photos.jobs.rate_limiter.left(user_id)
    memory = {
        "last job": {"what": job, "at": at} if job else None,
        "jobs at work": services.photos.jobs.jobs_of(user_id),
        "photos that may still come": {"within this minute": minute, "free ones today": day},
    }
    lines = [
        *_consent(translate, tables),
        *_mail(translate, tables),
        *_money(translate, tables),
        *_writing(translate, tables),
    ]
    if job:
        tool, _, how = job.partition(".")
        lines.append(translate("mydata-job", job=f"{translate(f'tool-{tool}')}, {how}", time=moment(at)))
    lines += [translate("mydata-running", jobs=memory["jobs at work"])]
    lines += [translate("mydata-updates", updates=len(tables["inbox"]))]
    await context.say(chat_id, "\n".join([translate("mydata"), "", *lines, "", translate("mydata-end")]))
    notes = [translate("mydata-end"), translate("mydata-updates", updates=len(tables["inbox"])).removeprefix("• ")]
    file = InputFile(whole.file(tables, memory, notes), filename="darkroom-mydata.json")
    sent = await context.bot.send_document(chat_id, file)
    await services.users.messages.add(chat_id, sent.message_id)


def _consent(translate: Translate, tables: Tables) -> list[str]:
    lines = []
    person = next(iter(tables["people"]), {})
    if version := person.get("policy_version"):
        lines.append(translate("mydata-agreed", version=version, time=moment(person["agreed_at"])))
    else:
        lines.append(translate("mydata-not-agreed"))
    if language := person.get("language"):
        lines.append(translate("mydata-language", language=translator(language)("language-name")))
    marks = tables["forgotten"]
    if tables["bans"] or any(mark["banned_at"] for mark in marks):
        lines.append(translate("mydata-banned"))
    if marks:
        lines.append(translate("mydata-mark"))
    return lines


def _mail(translate: Translate, tables: Tables) -> list[str]:
    known = [("mydata-address", row["address"]) for row in tables["addresses"]]
    known += [("mydata-address-asked", row["address"]) for row in tables["confirmations"]]
    lines = [translate(key, address=address) for key, address in known if address]
    return lines + ([translate("mydata-mails", mails=len(tables["outbox"]))] if tables["outbox"] else [])


def _money(translate: Translate, tables: Tables) -> list[str]:
    """Credits are those of the account that is theirs; one that was given up can only be refunded."""
    theirs = {account["id"] for account in tables["accounts"] if account["user_id"]}
    credits = sum(entry["credits"] for entry in tables["ledger"] if entry["account"] in theirs)
    unpaid = sum(order["state"] in _UNPAID for order in tables["orders"])
    paid = len(tables["orders"]) - unpaid
    lines = [translate("mydata-credits", credits=credits), translate("mydata-orders", paid=paid, unpaid=unpaid)]
    shipments = len(tables["shipments"])
    return lines + ([translate("mydata-shipments", shipments=shipments)] if shipments else [])


def _writing(translate: Translate, tables: Tables) -> list[str]:
    count = {table: len(rows) for table, rows in tables.items()}
    tickets = {"tickets": count["tickets"], "messages": count["ticket_messages"], "drafts": count["draft_messages"]}
    return [
        translate("mydata-tickets", **tickets),
        translate("mydata-chat", messages=count["messages"]),
        translate("mydata-photos", photos=count["album_photos"] + count["wishes"]),
    ]
