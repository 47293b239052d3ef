"""`python -m bot check`: what is set up and what is missing, each with how to mend it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from telegram import ChatMember
from telegram.error import ChatMigrated, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot import weights
from bot.botapi.group_check import Trouble, look
from bot.botapi.transport import AiohttpRequest
from bot.domain.errors import Failed
from bot.mail.smtp import OurFault, SmtpServer, TryLater
from bot.payments.errors import CardTroubleError
from bot.sandbox import jail
from bot.sandbox.pool import MissingLayer, Sandbox
from bot.settings import PRINTS_NEED, Settings
from storage.db import Database
from storage.keys import DatabaseError

_TOKEN_SECONDS = 15
_MEND_MAIL = "Mend SMTP_URL: user and password in it are percent-encoded, and the certificate must fit the host's name"


class _Broken(Exception):
    """A thing without which `run` does not work; the text says how to mend it."""


class _Risky(Exception):
    """A thing with which `run` works, but less safely than it could; the text says how to mend it."""


async def check(settings: Settings) -> int:
    """Print a line a thing; exit status 1 if `run` would not work."""
    checks: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "jail": _jail,
        "models": _models,
        "database": _database,
        "token": _token,
        "seller": _seller,
        "mail": _mail,
        "operators": _operators,
        "prints": _prints,
    }
    status = 0
    for name, act in checks.items():
        try:
            print(f"ok       {name}: {await act(settings)}")
        except _Risky as risky:
            print(f"warning  {name}: {risky}")
        except _Broken as broken:
            status = 1
            print(f"missing  {name}: {broken}")
    return status


async def _jail(settings: Settings) -> str:
    try:
        sandbox = Sandbox(settings.jail_accept_missing)
        await sandbox.start()
    except MissingLayer as error:
        raise _Broken(error) from None
    except Failed:
        raise _Broken("the sandbox does not come up; the lines above say why. `make setup` may mend it") from None
    sandbox.close()
    lacking = ", ".join(sorted(jail.missing()))
    return f"works, without {lacking} as JAIL_ACCEPT_MISSING says" if lacking else "Landlock and seccomp work"


async def _models(settings: Settings) -> str:
    try:
        await asyncio.to_thread(weights.verify, settings.models_dir)
    except weights.ModelError as error:
        raise _Broken(error) from None
    return "the weights are there, and what they should be"


async def _database(settings: Settings) -> str:
    try:
        db = await Database.open(settings.database_path, settings.database_key_file)
    except (DatabaseError, OSError) as error:
        raise _Broken(f"{error}. DATABASE_PATH and DATABASE_KEY_FILE say where") from None
    await db.close()
    key, path = settings.database_key_file.resolve(), settings.database_path.resolve()
    if path.parent in key.parents or key.parent in path.parents:
        raise _Risky("its key lies beside it, so whoever copies one copies both: move DATABASE_KEY_FILE elsewhere")
    return "opens, encrypted; its key is kept apart"


async def _seller(settings: Settings) -> str:
    if settings.seller_name and settings.seller_contact:
        return "/terms names the seller"
    return "unset: before you sell, set SELLER_NAME and SELLER_CONTACT, which /terms shows; the law asks for them"


async def _mail(settings: Settings) -> str:
    """A connection with the login, as each mail makes it."""
    if settings.smtp_url is None and settings.operators_email:
        raise _Risky("OPERATORS_EMAIL needs SMTP_URL: without it nobody hears when Telegram is out of reach")
    if settings.smtp_url is None:
        return "SMTP_URL is unset: nobody is asked for an address, and receipts live in the chat"
    try:
        await SmtpServer(settings.smtp_url, settings.mail_from or "").check()
    except OurFault as fault:
        raise _Broken(f"the server does not take mail from us ({fault}). {_MEND_MAIL}") from None
    except TryLater as trouble:
        raise _Broken(f"the server does not answer as it should ({trouble}). {_MEND_MAIL}") from None
    return f"the server takes the login; mails come from {settings.mail_from}"


async def _token(settings: Settings) -> str:
    async with _telegram(settings) as bot:
        return f"@{bot.username} answers"


async def _operators(settings: Settings) -> str:
    """Where support requests go: a group with topics, in which the bot may open some."""
    if settings.operators_chat_id is None:
        contact = "names SELLER_CONTACT" if settings.seller_contact else "has no SELLER_CONTACT to name, either"
        return f"OPERATORS_CHAT_ID is unset: /support {contact}"
    await _group(settings, "OPERATORS_CHAT_ID", settings.operators_chat_id, needs_topics=True)
    who = "its administrators" if settings.operators_admins_only else "all its members"
    return f"their group has topics, and the bot may manage them; {who} are obeyed there"


_MEND_GROUP = {
    Trouble.AWAY: "{} is a chat that the bot is not in: add it to the group, or correct the number",
    Trouble.PUBLIC: "the group at {} has a public name, so strangers can enter it: make it private in its settings",
    Trouble.LINKED: "the group at {} is linked to a channel, so strangers can write in it: unlink it in its settings",
    Trouble.NEARBY: "the group at {} has a location, so strangers can enter it: remove that in its settings",
    Trouble.NO_TOPICS: "the chat at {} has no topics: turn them on in the group's settings",
    Trouble.NO_RIGHT: "the bot may not manage topics in the group at {}: make it an administrator with that right",
}


async def _group(settings: Settings, name: str, chat_id: int, needs_topics: bool) -> int:
    """A chat in which operators or the lab are; its id. A group that has moved is as good where it is now."""
    async with _telegram(settings) as bot:
        try:
            trouble, moved = await look(bot, chat_id, needs_topics), False
        except ChatMigrated as error:
            chat_id, moved = error.new_chat_id, True
            trouble = await look(bot, chat_id, needs_topics)
    if trouble:
        raise _Broken(_MEND_GROUP[trouble].format(name))
    if moved:
        raise _Risky(f"the group has another number now, which the bot follows: set {name}={chat_id}")
    return chat_id


async def _prints(settings: Settings) -> str:
    """Card payments, the money back, and a lab that is there."""
    lacking = settings.lacking_for_prints
    if len(lacking) == len(PRINTS_NEED):
        return f"{', '.join(lacking)} are unset: nobody is offered prints by post"
    if lacking:
        raise _Risky(f"nobody is offered prints by post until {', '.join(lacking)} is set, too; .env.example says how")
    await _stripe(settings)
    await _lab(settings)
    if settings.stripe_webhook_secret is None:
        raise _Risky(
            "sold, but STRIPE_WEBHOOK_SECRET is unset: of a dispute the bot hears at its next reconciliation only. "
            "Add a webhook that leads to /stripe at WEBHOOK_LISTEN in Stripe's dashboard, which shows its secret"
        )
    return "the lab's chat is there, and its key is set"


async def _lab(settings: Settings) -> None:
    """Whether the bot is in the lab's chat, and can tell who is a member there: it obeys nobody else."""
    chat_id = await _group(settings, "PRINT_LAB_CHAT_ID", settings.print_lab_chat_id or 0, needs_topics=False)
    if chat_id > 0:
        return  # somebody's own chat
    async with _telegram(settings) as bot:
        me = await bot.get_chat_member(chat_id, bot.id)
    if me.status != ChatMember.ADMINISTRATOR:
        raise _Risky(
            "in the lab's chat Telegram may not tell the bot who is a member, and it obeys nobody else: "
            "make it an administrator there"
        )


async def _stripe(settings: Settings) -> None:
    """Whether Stripe takes the key, and it is of the same kind as the token: without it no money goes back."""
    assert settings.stripe_api_key
    assert settings.stripe_provider_token
    token, key = settings.stripe_provider_token.get_secret_value(), settings.stripe_api_key.get_secret_value()
    if (":TEST:" in token) != ("_test_" in key):
        raise _Broken(
            "of STRIPE_PROVIDER_TOKEN and STRIPE_API_KEY one is for tests and one for real money: "
            "what is paid with the one cannot be given back with the other"
        )
    from bot.payments.stripe_gateway import StripeGateway  # see bot/app.py

    cards = StripeGateway(settings.stripe_api_key, settings.stripe_api_url, None)
    try:
        await cards.look("ch_check")  # there is none
    except CardTroubleError as trouble:
        raise _Broken(f"Stripe does not answer as it should ({trouble}): is STRIPE_API_KEY right?") from None
    finally:
        await cards.close()


@asynccontextmanager
async def _telegram(settings: Settings) -> AsyncIterator[ExtBot[None]]:
    """Telegram, as the bot that the token belongs to."""
    if settings.bot_token is None:
        raise _Broken("BOT_TOKEN is not set: write to @BotFather, /newbot, and put the token into .env")
    bot = ExtBot(
        settings.bot_token.get_secret_value(),
        base_url=f"{settings.bot_api_url}/bot",
        request=AiohttpRequest(2),
        get_updates_request=AiohttpRequest(1),
    )
    try:
        async with asyncio.timeout(_TOKEN_SECONDS), bot:
            yield bot
    except InvalidToken:
        raise _Broken("Telegram does not know this BOT_TOKEN: ask @BotFather for /token") from None
    except (TelegramError, TimeoutError):
        raise _Broken(f"{settings.bot_api_url} does not answer: is BOT_API_URL right, is there a network?") from None
