"""Everything held on the person who asks: in words on one screen, and as a file, at once."""

from telegram import InputFile, Update

from bot.privacy import export as whole
from bot.texts import Words, moment
from bot.texts import words as words_of
from handlers.context import Context
from storage.data_subject_rights import Rows

_UNPAID = ("open", "invoiced", "expired")

Tables = dict[str, Rows]


async def mydata(update: Update, context: Context) -> None:
    _, words = await context.person(update)
    services, user_id, chat_id = context.services, update.effective_user.id, update.effective_chat.id
    tables = await services.users.rights.everything(user_id)
    job, at = services.photos.last_jobs.of(user_id)
    minute, day = services.photos.jobs.allowance.left(user_id)
    memory = {
        "last job": {"what": job, "at": at} if job else None,
        "jobs at work": services.photos.jobs.jobs_of(user_id),
        "photos that may still come": {"within this minute": minute, "free ones today": day},
    }
    lines = [*_consent(words, tables), *_mail(words, tables), *_money(words, tables), *_writing(words, tables)]
    if job:
        tool, _, how = job.partition(".")
        lines.append(words("mydata-job", job=f"{words(f'tool-{tool}')}, {how}", time=moment(at)))
    lines += [words("mydata-running", jobs=memory["jobs at work"])]
    lines += [words("mydata-updates", updates=len(tables["inbox"]))]
    await context.say(chat_id, "\n".join([words("mydata"), "", *lines, "", words("mydata-end")]))
    notes = [words("mydata-end"), words("mydata-updates", updates=len(tables["inbox"])).removeprefix("• ")]
    file = InputFile(whole.file(tables, memory, notes), filename="darkroom-mydata.json")
    sent = await context.bot.send_document(chat_id, file)
    await services.users.messages.add(chat_id, sent.message_id)


def _consent(words: Words, tables: Tables) -> list[str]:
    lines = []
    person = next(iter(tables["people"]), {})
    if version := person.get("policy_version"):
        lines.append(words("mydata-agreed", version=version, time=moment(person["agreed_at"])))
    else:
        lines.append(words("mydata-not-agreed"))
    if language := person.get("language"):
        lines.append(words("mydata-language", language=words_of(language)("language-name")))
    marks = tables["forgotten"]
    if tables["bans"] or any(mark["banned_at"] for mark in marks):
        lines.append(words("mydata-banned"))
    if marks:
        lines.append(words("mydata-mark"))
    return lines


def _mail(words: Words, tables: Tables) -> list[str]:
    known = [("mydata-address", row["address"]) for row in tables["addresses"]]
    known += [("mydata-address-asked", row["address"]) for row in tables["confirmations"]]
    lines = [words(key, address=address) for key, address in known if address]
    return lines + ([words("mydata-mails", mails=len(tables["outbox"]))] if tables["outbox"] else [])


def _money(words: Words, tables: Tables) -> list[str]:
    """Credits are those of the account that is theirs; one that was given up can only be refunded."""
    theirs = {account["id"] for account in tables["accounts"] if account["user_id"]}
    credits = sum(entry["credits"] for entry in tables["ledger"] if entry["account"] in theirs)
    unpaid = sum(order["state"] in _UNPAID for order in tables["orders"])
    paid = len(tables["orders"]) - unpaid
    lines = [words("mydata-credits", credits=credits), words("mydata-orders", paid=paid, unpaid=unpaid)]
    shipments = len(tables["shipments"])
    return lines + ([words("mydata-shipments", shipments=shipments)] if shipments else [])


def _writing(words: Words, tables: Tables) -> list[str]:
    count = {table: len(rows) for table, rows in tables.items()}
    tickets = {"tickets": count["tickets"], "messages": count["ticket_messages"], "drafts": count["draft_messages"]}
    return [
        words("mydata-tickets", **tickets),
        words("mydata-chat", messages=count["messages"]),
        words("mydata-photos", photos=count["album_photos"] + count["wishes"]),
    ]
