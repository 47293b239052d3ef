"""The control interface at /control/<token>/: people act, faults are planted, tests read the logs.

Every action is a POST with a JSON object; a refusal answers 409 with {"error": sentence}. A file is posted to `upload`
first, which returns the key that the sending action names.
"""

import asyncio
import inspect
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.playground import actions, checkout, group_actions, stripe_actions
from bot.playground.actions import ImpossibleError, chat_of
from bot.playground.faults import Fault
from bot.playground.files import Upload
from bot.playground.methods.payments import invoice_key, refund_stars
from bot.playground.server import CHUNK, PLAYGROUND, Playground
from bot.playground.stripe import CannotHappen
from bot.playground.world import ApiError, Json, World

POLL_SECONDS = 30.0

Action = Callable[..., Awaitable[Any]]


def take_upload(world: World, key: str) -> Upload:
    try:
        return world.files.uploads.pop(key)
    except KeyError:
        raise ImpossibleError(f"nothing was uploaded as {key!r}") from None


async def person(
    world: World, first_name: str, language_code: str = "", last_name: str = "", username: str = ""
) -> Json:
    names = {"last_name": last_name, "username": username}
    return actions.new_person(world, first_name, language_code, **{key: name for key, name in names.items() if name})


async def send(
    world: World,
    person: int,
    chat: int | None = None,
    text: str = "",
    photo: str = "",
    file: str = "",
    media: Json | None = None,
    message: Json | None = None,
    album: list[Json] | None = None,
    caption: str = "",
    largest: int = 1280,
    reply_to: int | None = None,
    thread: int | None = None,
    speaks_as: str = "",
    via_bot: str = "",
) -> list[Json]:
    """Send one message, or an album of {"photo": key} and {"file": key}.

    `media` is {"kind", "upload", fields...}; `message` holds the fields of any other kind and is sent unchanged.
    `speaks_as` is "group" for an anonymous administrator, "channel" for a person who writes as their channel.
    `via_bot` is the username of an inline bot whose result this is.
    """
    where = chat_of(world, person, chat)
    items = album or [
        {"text": text, "photo": photo, "file": file, "media": media, "message": message, "caption": caption}
    ]
    contents = [await content_of(world, item, largest) for item in items]
    if album:
        posts = actions.send_album(world, person, where, contents, reply_to, thread)
    else:
        content = contents[0] | ({"via_bot": actions.inline_bot(via_bot)} if via_bot else {})
        posts = [actions.send(world, person, where, content, reply_to, thread, speaks_as)]
    return [actions.post_view(world, post) for post in posts]


async def content_of(world: World, item: Json, largest: int) -> Json:
    caption = item.get("caption", "")
    if item.get("photo"):
        return await actions.photo_content(world, take_upload(world, item["photo"]), caption, largest)
    if item.get("file"):
        return await actions.file_content(world, take_upload(world, item["file"]), caption)
    if media := item.get("media"):
        fields = {key: value for key, value in media.items() if key not in ("kind", "upload")}
        return actions.media_content(world, media["kind"], take_upload(world, media["upload"]), fields, caption)
    return item.get("message") or actions.text_content(item.get("text", ""))


async def edit(
    world: World, person: int, message: int, text: str = "", chat: int | None = None, photo: str = "", file: str = ""
) -> None:
    """Replace the text of a message, or its photo or file by an uploaded one."""
    post = actions.require_post(world, chat_of(world, person, chat), message)
    media = {"photo": photo, "file": file, "caption": text}
    actions.edit(world, person, post, text, await content_of(world, media, 1280) if photo or file else None)


async def forward(
    world: World,
    person: int,
    message: int,
    from_chat: int | None = None,
    chat: int | None = None,
    thread: int | None = None,
) -> Json:
    post = actions.require_post(world, world.chat(from_chat or person), message)
    return actions.post_view(world, actions.forward(world, person, post, chat_of(world, person, chat), thread))


async def delete(world: World, person: int, message: int, chat: int | None = None) -> None:
    actions.delete(world, actions.require_post(world, chat_of(world, person, chat), message))


async def tap(
    world: World,
    person: int,
    chat: int | None = None,
    message: int | None = None,
    label: str = "",
    data: str = "",
    wait: float = 5,
) -> Json:
    where = chat_of(world, person, chat)
    post, button = actions.find_button(where, message, label, data)
    if "callback_data" not in button:
        return {"button": button, "message": actions.post_view(world, post), "answer": None}
    answer = await actions.send_callback_query(world, person, post, button["callback_data"], wait)
    return {"button": button, "message": actions.post_view(world, post), "answer": answer}


async def forge(world: World, person: int, chat: int, message: int, data: str, wait: float = 5) -> Json:
    """Send a callback query that no client would send: any data, on any message, even on a deleted one."""
    post = actions.require_post(world, world.chat(chat), message)
    return {"answer": await actions.send_callback_query(world, person, post, data, wait)}


async def block(world: World, person: int) -> None:
    actions.block(world, person)


async def unblock(world: World, person: int) -> None:
    actions.unblock(world, person)


async def validate(
    world: World,
    person: int,
    chat: int | None = None,
    message: int | None = None,
    link: str = "",
    order: Json | None = None,
    seconds: float = checkout.ANSWER_SECONDS,
) -> Json:
    """Submit an OrderInfo: {"status": "valid", "form": id, "options": for shipping}, or refused or timeout."""
    try:
        form = await checkout.validate(world, person, key_of(world, person, chat, message, link), order, seconds)
    except checkout.UnpaidError as unpaid:
        return unpaid.outcome
    world.forms[name := secrets.token_urlsafe(8)] = form
    return {"status": "valid", "form": name, "options": form.options}


async def pay(
    world: World,
    person: int,
    chat: int | None = None,
    message: int | None = None,
    link: str = "",
    times: int = 1,
    decline: bool = False,
    card: str = "",
    order: Json | None = None,
    form: str = "",
    option: str = "",
    seconds: float = checkout.ANSWER_SECONDS,
    asks: bool = True,
    tells: bool = True,
) -> list[Json]:
    """Pay an invoice, `times` at once. Each payment has its status: paid, refused, declined or timeout.

    The invoice may be in another person's `chat`, which no client shows. `form` is the id that `validate` returned;
    without it, `order` is validated now. `option` is the id of a shipping option, empty for the first. `card` is one of
    Stripe's test cards; `decline` chooses the card that is declined.
    """
    key = key_of(world, person, chat, message, link)
    how: Json = {
        "option": option,
        "card": checkout.DECLINED if decline else card,
        "seconds": seconds,
        "asks": asks,
        "tells": tells,
    }
    if form and form not in world.forms:
        raise ImpossibleError("nothing was typed as this form")

    async def once() -> Json:
        try:
            typed = world.forms[form] if form else await checkout.validate(world, person, key, order, seconds)
            return await checkout.pay(world, typed, **how)
        except checkout.UnpaidError as unpaid:
            return unpaid.outcome

    return await asyncio.gather(*(once() for _ in range(times)))


def key_of(world: World, person: int, chat: int | None, message: int | None, link: str) -> str:
    """The key of an invoice: of its link, else of its message, else of the newest one. Raises ImpossibleError."""
    key = link or invoice_key(actions.find_pay_button(chat_of(world, person, chat), message)[0])
    if key not in world.invoices:
        raise ImpossibleError("this invoice cannot be paid")
    return key


async def charge(world: World, person: int, amount: int, payload: str = "", tells: bool = True, age: float = 0) -> str:
    """Make a payment without an invoice, `age` seconds ago. Returns its id."""
    if person not in world.people:
        raise ImpossibleError(f"nobody has the id {person}")
    return checkout.charge_without_invoice(world, person, amount, payload, tells, age)


async def refund(world: World, charge: str, tells: bool = True) -> None:
    """Telegram refunds a payment by itself."""
    paid = next((entry for entry in world.transactions if entry["id"] == charge and "source" in entry), None)
    if paid is None:
        raise ImpossibleError("there is no such payment")
    refund_stars(world, paid, tells)


async def book(world: World, amount: int, age: float = 0, count: int = 1, **partner: Json) -> None:
    """Add another Star transaction, `count` times. `source` or `receiver` is as in the Bot API."""
    for _ in range(count):
        world.add_transaction(secrets.token_urlsafe(12), amount, age, **partner)


async def renew(world: World, person: int, charge: str) -> str | None:
    return checkout.renew(world, person, charge)


async def age(world: World, chat: int, message: int, seconds: float) -> None:
    actions.age(actions.require_post(world, world.chat(chat), message), seconds)


async def expire(world: World) -> None:
    actions.expire(world)


async def fault(world: World, **fields: Any) -> None:
    try:
        world.faults.planted.append(Fault(**fields))
    except (TypeError, ValueError) as error:
        raise ImpossibleError(str(error)) from None


async def mend(world: World) -> None:
    world.faults.planted.clear()


ACTIONS: dict[str, Action] = {
    action.__name__: action
    for action in (
        person,
        send,
        edit,
        forward,
        delete,
        tap,
        forge,
        block,
        unblock,
        validate,
        pay,
        charge,
        refund,
        book,
        renew,
        age,
        expire,
        fault,
        mend,
    )
} | (group_actions.ACTIONS | stripe_actions.ACTIONS)


async def handle_action(request: web.Request) -> web.Response:
    action = ACTIONS.get(request.match_info["action"])
    if action is None:
        raise web.HTTPNotFound(text=f"acts are {', '.join(ACTIONS)}")
    try:
        world = world_of(request)
        arguments = inspect.signature(action).bind(world, **await request.json())
        return web.json_response(await action(*arguments.args, **arguments.kwargs))
    except (ImpossibleError, CannotHappen, ApiError, TypeError) as error:
        return web.json_response({"error": str(error)}, status=409)


def world_of(request: web.Request) -> World:
    return request.app[PLAYGROUND].world(request.match_info["token"])


async def upload(request: web.Request) -> web.Response:
    """Store the body, of any length, as an upload. Query: name, mime."""
    world = world_of(request)
    path = world.files.new_path()
    with path.open("wb") as file:
        async for chunk in request.content.iter_chunked(CHUNK):
            file.write(chunk)
    world.files.uploads[path.name] = Upload(path, request.query.get("name", ""), request.query.get("mime", ""))
    return web.json_response({"upload": path.name})


async def read_file(request: web.Request) -> web.StreamResponse:
    stored = world_of(request).files.get(request.match_info["file_id"])
    if stored is None:
        raise web.HTTPNotFound
    # Always a download: a page in a sent file must not run in this origin.
    headers = {"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"}
    if request.query.get("as") == "picture":
        headers["Content-Type"] = stored.fields.get("mime_type", "image/jpeg")
    headers |= {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "no-store"}
    return web.FileResponse(stored.path, headers=headers)


async def read_chat(request: web.Request) -> web.Response:
    world = world_of(request)
    try:
        return web.json_response(actions.chat_view(world, world.chat(request.match_info["chat"])))
    except ApiError as error:
        return web.json_response({"error": str(error)}, status=409)


async def read_changes(request: web.Request) -> web.Response:
    """Wait at most `seconds` until the world's version is above `after`."""
    world = world_of(request)
    seconds = float(request.query.get("seconds", POLL_SECONDS))
    await world.wait_for_change(int(request.query.get("after", -1)), seconds)
    return web.json_response({"version": world.version})


def overview(world: World) -> Json:
    return {
        "version": world.version,
        "bot": world.bot,
        "people": list(world.people.values()),
        "groups": [chat.fields for chat in world.chats.values() if not chat.private],
        "profile": world.profile,
        "pending": world.inbox.pending,
        "time": time.time(),
    }


LOGS: dict[str, Callable[[World], Any]] = {
    "requests": lambda world: world.requests,
    "actions": lambda world: world.actions,
    "drafts": lambda world: world.drafts,
    "violations": lambda world: world.violations,
    "overview": overview,
    "chats": lambda world: [actions.chat_summary(world, chat) for chat in world.chats.values()],
    "stripe": stripe_actions.accounts,
    "faults": lambda world: [asdict(fault) for fault in world.faults.planted if fault.count > 0],
}


async def read_log(request: web.Request) -> web.Response:
    return web.json_response(LOGS[request.match_info["log"]](world_of(request)))


async def drop_world(request: web.Request) -> web.Response:
    await request.app[PLAYGROUND].drop(request.match_info["token"])
    return web.json_response(None)


async def bots(request: web.Request) -> web.Response:
    return web.json_response(list(request.app[PLAYGROUND].worlds))


async def all_violations(request: web.Request) -> web.Response:
    return web.json_response(every_violation(request.app[PLAYGROUND]))


def every_violation(playground: Playground) -> list[str]:
    return sorted(
        {*playground.dropped_violations, *(line for world in playground.worlds.values() for line in world.violations)}
    )


def add_routes(app: web.Application) -> None:
    base = "/control/{token}"
    app.router.add_get("/control/violations", all_violations)
    app.router.add_get("/control/bots", bots)
    app.router.add_get(f"{base}/chat/{{chat}}", read_chat)
    app.router.add_get(f"{base}/file/{{file_id}}", read_file)
    app.router.add_get(f"{base}/changes", read_changes)
    app.router.add_get(f"{base}/{{log:{'|'.join(LOGS)}}}", read_log)
    app.router.add_post(f"{base}/upload", upload)
    app.router.add_post(f"{base}/{{action}}", handle_action)
    app.router.add_delete(base, drop_world)
