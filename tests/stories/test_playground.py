"""The local Bot API itself: what it imitates, and that it refuses what Telegram refuses."""

import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import RawTestServer
from PIL import Image
from sklearn.datasets import load_sample_image
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LabeledPrice,
    ReplyParameters,
    ShippingQuery,
    Update,
)
from telegram.constants import ChatID
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.playground import stripe
from bot.playground.checkout import DECLINED, DISPUTED
from bot.playground.inbox import Inbox, Webhook
from tests.harness.darkroom import children
from tests.harness.people import HTTP, ImpossibleError, Json, Person, Telegram, new_token, start_server

DAY = 24 * 3600


@pytest.fixture(scope="module")
def lenient_api() -> Iterator[str]:
    """A server of this file's own: requests that break the rules on purpose are not held against the bot."""
    with start_server() as url:
        yield url


@pytest.fixture
def small(lenient_api: str) -> Iterator[Telegram]:
    with Telegram(lenient_api) as telegram:
        yield telegram


@pytest.fixture
def anna(small: Telegram) -> Person:
    person = small.person("Anna")
    person.writes("/start")
    return person


@pytest.fixture
async def bot(small: Telegram, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else every duration is a deprecation warning
    async with Bot(small.token, base_url=f"{small.url}/bot", base_file_url=f"{small.url}/file/bot") as bot:
        yield bot


def made_photo(width: int, height: int, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(load_sample_image("china.jpg")).resize((width, height)).save(file, kind, **options)
    return file.getvalue()


def upright_photo(width: int, height: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turned by 90 degrees
    exif[0x010F] = "Maker"
    return made_photo(width, height, exif=exif)


def keyboard(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[button] for button in buttons])


def call(telegram: Telegram, method: str, **params: Any) -> httpx.Response:
    return HTTP.post(f"{telegram.url}/bot{telegram.token}/{method}", json=params)


async def news(bot: Bot) -> list[Update]:
    """Updates that nobody has confirmed yet, confirmed now."""
    updates = await bot.get_updates(timeout=2, allowed_updates=Update.ALL_TYPES)
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1, timeout=0)
    return list(updates)


def refused(error: type[TelegramError], wording: str) -> Any:
    """As pytest.raises; python-telegram-bot changes the case of Telegram's sentences."""
    return pytest.raises(error, match=re.compile(re.escape(wording), re.IGNORECASE))


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


# Strictness


@pytest.mark.parametrize(
    ("method", "params", "code", "description"),
    [
        ("sendTelepathy", {}, 404, "Not Found: method not found"),
        ("getMe", {"mood": "good"}, 400, 'Bad Request: unknown parameter "mood"'),
        ("sendMessage", {"text": "hello"}, 400, "Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": 1001}, 400, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 1001, "text": "  "}, 400, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 1001, "text": "x" * 4097}, 400, "Bad Request: message is too long"),
        ("sendMessage", {"chat_id": 1001, "text": "😀" * 2049}, 400, "Bad Request: message is too long"),
        ("sendMessage", {"chat_id": 999999, "text": "x"}, 400, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": "Anna", "text": "x"}, 400, "Bad Request: can't parse chat_id value"),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "parse_mode": "Odd"},
            400,
            "Bad Request: unsupported parse_mode",
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "<b>x", "parse_mode": "HTML"},
            400,
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "é<i>x</b>", "parse_mode": "HTML"},
            400,
            'Bad Request: can\'t parse entities: Unmatched end tag at byte offset 6, expected "</i>", found "</b>"',
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "<h1>x</h1>", "parse_mode": "HTML"},
            400,
            'Bad Request: can\'t parse entities: Unsupported start tag "h1" at byte offset 0',
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_parameters": {"message_id": 404}},
            400,
            "Bad Request: message to be replied not found",
        ),
        (
            "editMessageText",
            {"chat_id": 1001, "message_id": 404, "text": "x"},
            400,
            "Bad Request: message to edit not found",
        ),
        (
            "editMessageText",
            {"chat_id": 1001, "message_id": 1, "text": "x"},
            400,
            "Bad Request: message can't be edited",
        ),
        ("deleteMessage", {"chat_id": 1001, "message_id": 404}, 400, "Bad Request: message to delete not found"),
        ("getFile", {"file_id": "AgAC"}, 400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
        ("sendPhoto", {"chat_id": 1001}, 400, "Bad Request: there is no photo in the request"),
        (
            "sendDocument",
            {"chat_id": 1001, "document": "attach://x"},
            400,
            "Bad Request: can't find uploaded file by its reference 'attach://x'",
        ),
        ("sendChatAction", {"chat_id": 1001, "action": "sing"}, 400, "Bad Request: wrong parameter action in request"),
        (
            "setMyCommands",
            {"commands": [{"command": "Ä", "description": "x"}]},
            400,
            "Bad Request: BOT_COMMAND_INVALID",
        ),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
        (
            "refundStarPayment",
            {"user_id": 1001, "telegram_payment_charge_id": "x"},
            400,
            "Bad Request: CHARGE_NOT_FOUND",
        ),
        ("createForumTopic", {"chat_id": 1001, "name": "x"}, 400, "Bad Request: the chat is not a forum"),
        ("getStickerSet", {"name": "x"}, 400, "Bad Request: STICKERSET_INVALID"),
        (
            "setWebhook",
            {"url": "ftp://127.0.0.1/"},
            400,
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        ),
    ],
)
def test_refusals_are_worded_as_telegram_words_them(
    small: Telegram, anna: Person, method: str, params: dict[str, Any], code: int, description: str
) -> None:
    answer = call(small, method, **params)
    assert answer.status_code == code
    assert answer.json() == {"ok": False, "error_code": code, "description": description}
    assert len(anna.chat()) == 1


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "x", "callback_data": "d" * 65}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": "é" * 33}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "x", "copy_text": {"text": "c" * 257}}, "Bad Request: BUTTON_COPY_TEXT_INVALID"),
        (
            {"text": "x", "url": "somewhere"},
            "Bad Request: inline keyboard button URL 'somewhere' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x"},
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "", "callback_data": "d"}, "Bad Request: BUTTON_TEXT_INVALID"),
        ({"text": "x", "pay": True}, "Bad Request: BUTTON_TYPE_INVALID"),
    ],
)
def test_keyboards_are_checked(small: Telegram, anna: Person, button: dict[str, Any], description: str) -> None:
    answer = call(small, "sendMessage", chat_id=anna.id, text="x", reply_markup={"inline_keyboard": [[button]]})
    assert answer.json()["description"] == description


def test_as_long_as_allowed_is_allowed(small: Telegram, anna: Person) -> None:
    data = {"inline_keyboard": [[{"text": "x", "callback_data": "d" * 64}]]}
    assert call(small, "sendMessage", chat_id=anna.id, text="😀" * 2048, reply_markup=data).is_success
    markup = {"chat_id": anna.id, "text": "<b>" + "x" * 4096 + "</b>", "parse_mode": "HTML"}
    assert call(small, "sendMessage", **markup).is_success


@pytest.mark.parametrize("token", ["nonsense", "12:short", "x:" + "a" * 30])
def test_only_tokens_of_the_right_shape_make_a_bot(lenient_api: str, token: str) -> None:
    answer = HTTP.get(f"{lenient_api}/bot{token}/getMe")
    assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized: invalid token specified")


@pytest.mark.parametrize("way", ["query", "form", "json", "multipart"])
def test_parameters_come_in_every_way_that_telegram_takes(small: Telegram, anna: Person, way: str) -> None:
    url = f"{small.url}/bot{small.token}/sendmessage"
    params = {"chat_id": anna.id, "text": "hello", "reply_parameters": json.dumps({"message_id": 1})}
    sent = {
        "query": lambda: HTTP.get(url, params=params),
        "form": lambda: HTTP.post(url, data=params),
        "json": lambda: HTTP.post(url, json=params),
        "multipart": lambda: HTTP.post(url, files={key: (None, str(value)) for key, value in params.items()}),
    }[way]()
    assert sent.json()["ok"] is True
    reply = anna.sees("hello").reply_to
    assert reply
    assert reply.id == 1


async def test_a_bot_cannot_write_first(small: Telegram, bot: Bot) -> None:
    ben = small.person("Ben")
    with refused(Forbidden, "bot can't initiate conversation with a user"):
        await bot.send_message(ben.id, "Psst")


@pytest.mark.parametrize(
    "header", [{"Host": "evil.example:80"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_pages_from_elsewhere_are_refused(lenient_api: str, header: dict[str, str]) -> None:
    assert HTTP.get(f"{lenient_api}/control/violations").status_code == 200
    assert HTTP.get(f"{lenient_api}/control/violations", headers=header).status_code == 403


@pytest.mark.parametrize("path", ["/", "/app.js", "/base.css"])
def test_the_page_asks_nobody_else(lenient_api: str, path: str) -> None:
    page = HTTP.get(lenient_api + path)
    assert page.is_success
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"(?:https?:)?//\w+\.\w+", page.text)
    assert HTTP.get(f"{lenient_api}/__init__.py").status_code == 404


# Messages


async def test_html_becomes_entities_in_utf16_units(bot: Bot, anna: Person) -> None:
    message = await bot.send_message(anna.id, "😀 <b>bo<i>ld</i></b> &lt;x&gt; /help a@b.example", parse_mode="HTML")
    assert message.text == "😀 bold <x> /help a@b.example"
    assert [(str(e.type), e.offset, e.length) for e in message.entities] == [
        ("bold", 3, 4),
        ("italic", 5, 2),
        ("bot_command", 12, 5),
        ("email", 18, 11),
    ]


async def test_edits_keep_their_history(small: Telegram, bot: Bot, anna: Person) -> None:
    message = await bot.send_message(
        anna.id, "one", reply_markup=keyboard(InlineKeyboardButton("Stop", callback_data="s"))
    )
    await bot.edit_message_text("two", anna.id, message.message_id)
    seen = anna.sees("two")
    assert seen.history == ["one", "two"]
    assert seen.buttons == []
    with refused(BadRequest, "message is not modified: specified new message content and reply markup are exactly"):
        await bot.edit_message_text("two", anna.id, message.message_id)
    with refused(BadRequest, "there is no caption in the message to edit"):
        await bot.edit_message_caption(anna.id, message.message_id, caption="x")
    await bot.edit_message_reply_markup(
        anna.id, message.message_id, reply_markup=keyboard(InlineKeyboardButton("A", callback_data="a"))
    )
    assert anna.buttons() == ["A"]


async def test_a_reply_shows_one_level_and_vanishes_with_its_target(bot: Bot, anna: Person) -> None:
    first = anna.writes("first")
    second = await bot.send_message(anna.id, "second", reply_parameters=ReplyParameters(first.id))
    third = anna.replies_to(anna.sees("second"), "third")
    assert third.reply_to
    assert third.reply_to.id == second.message_id
    assert third.reply_to.reply_to is None
    anna.deletes(first)
    assert anna.sees("second").reply_to is None
    with refused(BadRequest, "message to be replied not found"):
        await bot.send_message(anna.id, "x", reply_parameters=ReplyParameters(first.id))
    sent = await bot.send_message(
        anna.id, "x", reply_parameters=ReplyParameters(first.id, allow_sending_without_reply=True)
    )
    assert sent.reply_to_message is None


async def test_a_tap_brings_the_message_that_the_menu_replies_to(bot: Bot, anna: Person) -> None:
    photo = anna.sends_photo(made_photo(64, 48))
    await bot.send_message(
        anna.id,
        "Menu",
        reply_parameters=ReplyParameters(photo.id),
        reply_markup=keyboard(InlineKeyboardButton("Go", callback_data="go")),
    )
    assert anna.taps("Go", wait=0) is None
    query = (await news(bot))[-1].callback_query
    assert query
    assert query.data == "go"
    assert query.message.reply_to_message.photo[-1].width == 64
    tapping = asyncio.create_task(asyncio.to_thread(anna.taps, "Go"))
    again = (await bot.get_updates(timeout=5))[0].callback_query
    await again.answer("Done", show_alert=True)
    assert await tapping == {"text": "Done", "alert": True, "url": ""}
    with refused(BadRequest, "query is too old"):
        await again.answer()


async def test_no_button_no_tap(bot: Bot, anna: Person) -> None:
    with pytest.raises(AssertionError, match=r"(?s)Anna sees no button 'Go'.*Anna: /start"):
        anna.taps("Go", timeout=0.1)


async def test_somebody_elses_button_can_be_forged(small: Telegram, bot: Bot, anna: Person) -> None:
    ben = small.person("Ben")
    sent = await bot.send_message(anna.id, "Menu")
    ben.forges("go", anna.sees("Menu"), wait=0)
    anna.deletes(anna.sees("Menu"))
    with pytest.raises(AssertionError):
        anna.sees("Menu", timeout=0)
    queries = [update.callback_query for update in await news(bot) if update.callback_query]
    assert [(query.from_user.id, query.message.chat.id, query.message.message_id) for query in queries] == [
        (ben.id, anna.id, sent.message_id)
    ]


async def test_expired_queries_cannot_be_answered(small: Telegram, bot: Bot, anna: Person) -> None:
    await bot.send_message(anna.id, "Menu", reply_markup=keyboard(InlineKeyboardButton("Go", callback_data="go")))
    anna.taps("Go", wait=0)
    small.act("expire")
    with refused(BadRequest, "query is too old"):
        await (await news(bot))[-1].callback_query.answer()


async def test_deleting_has_its_limits(bot: Bot, anna: Person) -> None:
    theirs = anna.writes("mine")
    ours = await bot.send_message(anna.id, "ours")
    old = anna.sees("ours")
    anna.ages(old, 2 * DAY + 1)
    with refused(BadRequest, "message can't be deleted for everyone"):
        await bot.delete_message(anna.id, ours.message_id)
    assert await bot.delete_messages(anna.id, [theirs.id, 404])
    assert [message.text for message in anna.chat()] == ["/start", "ours"]
    with refused(BadRequest, "too many message identifiers"):
        await bot.delete_messages(anna.id, list(range(1, 102)))


async def test_copies_forwards_and_reactions(bot: Bot, anna: Person) -> None:
    photo = anna.sends_photo(made_photo(64, 48), caption="A pagoda")
    copied = await bot.copy_message(anna.id, anna.id, photo.id, caption="Mine")
    forwarded = await bot.forward_message(anna.id, anna.id, photo.id)
    assert forwarded.forward_origin.sender_user.id == anna.id
    assert [message.text for message in anna.chat()[-2:]] == ["Mine", "A pagoda"]
    await bot.set_message_reaction(anna.id, photo.id, "👍")
    assert anna.chat()[1].raw["reactions"] == [{"type": "emoji", "emoji": "👍"}]
    with refused(BadRequest, "REACTION_INVALID"):
        await bot.set_message_reaction(anna.id, copied.message_id, "🧀")


async def test_forwards_and_edits_of_people_reach_the_bot(small: Telegram, bot: Bot, anna: Person) -> None:
    ben = small.person("Ben")
    photo = ben.sends_photo(made_photo(64, 48))
    anna.forwards(photo)
    anna.edits(anna.writes("helo"), "hello")
    updates = await news(bot)
    assert updates[-3].message.forward_origin.sender_user.first_name == "Ben"
    assert updates[-3].message.photo
    assert updates[-1].edited_message.text == "hello"


async def test_drafts_and_actions_are_seen(small: Telegram, bot: Bot, anna: Person) -> None:
    await bot.send_chat_action(anna.id, "upload_document")
    assert small.read(f"chat/{anna.id}")["action"] == "upload_document"
    await bot.send_message_draft(anna.id, 7, "Work")
    assert small.read(f"chat/{anna.id}")["draft"] == {"draft_id": 7, "text": "Work"}
    await bot.send_message(anna.id, "Working")
    after = small.read(f"chat/{anna.id}")
    assert (after["action"], after["draft"]) == ("", None)
    assert small.actions() == ["upload_document"]


async def test_what_the_bot_tells_about_itself(bot: Bot) -> None:
    assert (await bot.get_me()).username == "darkroom_bot"
    await bot.set_my_commands([("help", "What I can do")])
    await bot.set_my_commands([("help", "Was ich kann")], language_code="de")
    assert (await bot.get_my_commands())[0].description == "What I can do"
    assert (await bot.get_my_commands(language_code="de"))[0].description == "Was ich kann"
    await bot.set_my_description("Long")
    await bot.set_my_short_description("Short", language_code="de")
    assert (await bot.get_my_description("de")).description == "Long"
    assert (await bot.get_my_short_description()).short_description == ""


# Photos and files


@pytest.mark.parametrize(
    ("size", "largest", "expected"),
    [
        ((640, 427), 1280, [(90, 60), (320, 214), (640, 427)]),
        ((3000, 2000), 1280, [(90, 60), (320, 213), (800, 533), (1280, 853)]),
        ((3000, 2000), 2560, [(90, 60), (320, 213), (800, 533), (1280, 853), (2560, 1707)]),
    ],
)
async def test_photos_arrive_recompressed_in_several_sizes(
    bot: Bot, anna: Person, size: tuple[int, int], largest: int, expected: list[tuple[int, int]]
) -> None:
    anna.sends_photo(made_photo(*size), largest=largest)
    photo = (await news(bot))[-1].message.photo
    assert [(each.width, each.height) for each in photo] == expected
    assert photo[-1].file_size == len(await (await photo[-1].get_file()).download_as_bytearray())


async def test_photos_arrive_upright_without_metadata(bot: Bot, anna: Person) -> None:
    anna.sends_photo(upright_photo(400, 300))
    file = await (await news(bot))[-1].message.photo[-1].get_file()
    picture = Image.open(io.BytesIO(await file.download_as_bytearray()))
    assert (picture.format, picture.size) == ("JPEG", (300, 400))
    assert not picture.getexif()
    assert "icc_profile" not in picture.info


async def test_files_arrive_untouched(bot: Bot, anna: Person) -> None:
    data = upright_photo(400, 300)
    anna.sends_file(data, "holiday.jpg", caption="Look")
    message = (await news(bot))[-1].message
    assert (message.document.file_name, message.document.mime_type, message.caption) == (
        "holiday.jpg",
        "image/jpeg",
        "Look",
    )
    assert message.document.thumbnail.height == 320
    assert await (await message.document.get_file()).download_as_bytearray() == data


def test_the_tokens_colon_may_be_escaped(small: Telegram, anna: Person) -> None:
    sent = anna.sends_file(b"plain", "a.txt")
    path = call(small, "getFile", file_id=sent.raw["document"]["file_id"]).json()["result"]["file_path"]
    for token in (small.token, small.token.replace(":", "%3A")):
        assert HTTP.get(f"{small.url}/file/bot{token}/{path}").content == b"plain"
    assert HTTP.get(f"{small.url}/file/bot{small.token}/documents/file_0.jpg").status_code == 404


async def test_the_bots_files_arrive(bot: Bot, anna: Person) -> None:
    await bot.send_document(anna.id, b"abc", filename="a.txt", caption="<i>Yours</i>", parse_mode="HTML")
    document = anna.gets_document()
    assert (document.name, document.bytes, document.caption) == ("a.txt", b"abc", "Yours")
    again = await bot.send_document(anna.id, document.message.raw["document"]["file_id"])
    assert again.document.file_size == 3
    with refused(BadRequest, "can't use file of type Document as Photo"):
        await bot.send_photo(anna.id, document.message.raw["document"]["file_id"])
    assert anna.gets_document().bytes == b"abc"
    with pytest.raises(AssertionError, match="Anna gets no document"):
        anna.gets_document(timeout=0)


@pytest.mark.parametrize(
    ("photo", "description"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (b"", "file must be non-empty"),
        (made_photo(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (
            b"x" * (10 * 2**20 + 1),
            "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
    ],
)
async def test_not_everything_is_a_photo(bot: Bot, anna: Person, photo: bytes, description: str) -> None:
    with refused(BadRequest, description):
        await bot.send_photo(anna.id, photo)


async def test_captions_are_shorter_than_texts(bot: Bot, anna: Person) -> None:
    await bot.send_document(anna.id, b"abc", caption="x" * 1024)
    with refused(BadRequest, "message caption is too long"):
        await bot.send_document(anna.id, b"abc", caption="x" * 1025)


async def test_large_files(small: Telegram, bot: Bot, anna: Person) -> None:
    anna.sends_file(bytes(20 * 2**20), "full.bin")
    anna.sends_file(bytes(20 * 2**20 + 1), "over.bin")
    full, over = (update.message.document for update in (await news(bot))[-2:])
    assert (await full.get_file()).file_path
    with refused(BadRequest, "file is too big"):
        await over.get_file()
    files = {"document": ("x.bin", bytes(50 * 2**20 + 1))}
    async with httpx.AsyncClient(timeout=60, verify=False) as client:
        answer = await client.post(f"{small.url}/bot{small.token}/sendDocument", data={"chat_id": anna.id}, files=files)
    assert (answer.status_code, answer.json()["description"]) == (413, "Request Entity Too Large")


async def test_albums_both_ways(bot: Bot, anna: Person) -> None:
    anna.sends_album([made_photo(64, 48), made_photo(48, 64)], caption="Two")
    messages = [update.message for update in (await news(bot))[-2:]]
    assert messages[0].media_group_id
    assert messages[0].media_group_id == messages[1].media_group_id
    assert [message.caption for message in messages] == ["Two", None]
    sent = await bot.send_media_group(
        anna.id, [InputMediaPhoto(made_photo(64, 48)), InputMediaPhoto(messages[0].photo[-1].file_id)]
    )
    assert [message.photo[-1].width for message in sent] == [64, 64]
    assert sent[0].media_group_id == sent[1].media_group_id not in (None, messages[0].media_group_id)
    with refused(BadRequest, "2-10"):
        await bot.send_media_group(anna.id, [InputMediaPhoto(made_photo(64, 48))])


async def test_media_can_be_replaced(bot: Bot, anna: Person) -> None:
    sent = await bot.send_photo(anna.id, made_photo(64, 48), caption="Before")
    edited = await bot.edit_message_media(
        InputMediaPhoto(made_photo(48, 64), caption="After"), anna.id, sent.message_id
    )
    assert edited.photo[-1].width == 48
    assert anna.sees("After").history == ["Before", "After"]
    await bot.edit_message_caption(anna.id, sent.message_id, caption="Later")
    assert anna.sees("Later").raw["photo"]


async def test_other_kinds_of_messages_arrive(bot: Bot, anna: Person) -> None:
    anna.sends_media("voice", b"OggS", duration=3)
    anna.sends(location={"latitude": 52.5, "longitude": 13.4})
    voice, place = (update.message for update in (await news(bot))[-2:])
    assert (voice.voice.duration.seconds, voice.voice.file_size) == (3, 4)
    assert place.location.latitude == 52.5


async def test_a_hundred_uploads_at_once(small: Telegram, bot: Bot, anna: Person) -> None:
    url = f"{small.url}/bot{small.token}/sendDocument"
    photo = os.urandom(100_000)
    async with httpx.AsyncClient(timeout=60, verify=False) as client:
        jobs = [
            client.post(url, data={"chat_id": anna.id}, files={"document": (f"{n}.jpg", photo)}) for n in range(100)
        ]
        assert all(answer.is_success for answer in await asyncio.gather(*jobs))
    assert {anna.gets_document().bytes == photo for _ in range(3)} == {True}
    assert len(anna.chat()) == 101


# Updates


async def test_updates_stay_until_they_are_confirmed(bot: Bot, anna: Person) -> None:
    first = await bot.get_updates(timeout=0)
    assert [update.update_id for update in await bot.get_updates(timeout=0)] == [update.update_id for update in first]
    anna.writes("more")
    later = await bot.get_updates(offset=first[-1].update_id + 1, timeout=0)
    assert [update.message.text for update in later] == ["more"]
    anna.writes("one")
    anna.writes("two")
    assert [update.message.text for update in await bot.get_updates(offset=-1, timeout=0)] == ["two"]
    assert len(await bot.get_updates(timeout=0)) == 1


async def test_polling_waits_for_what_comes(bot: Bot, anna: Person) -> None:
    await news(bot)
    polling = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.to_thread(anna.writes, "now")
    assert [update.message.text for update in await polling] == ["now"]


async def test_unwanted_updates_never_come(bot: Bot, anna: Person) -> None:
    await bot.get_updates(timeout=0, allowed_updates=["callback_query"])
    anna.writes("unheard")
    assert [update.message.text for update in await bot.get_updates(timeout=0)] == ["/start"]


async def test_the_second_poller_ends_the_first(bot: Bot, small: Telegram, anna: Person) -> None:
    await news(bot)
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await until(lambda: len(small.requests("getUpdates")) == 3)
    async with httpx.AsyncClient(timeout=60, verify=False) as client:
        url = f"{small.url}/bot{small.token}/getUpdates"
        second = asyncio.create_task(client.get(url, params={"timeout": 20}))
        with refused(Conflict, "terminated by other getUpdates request"):
            await first
        await asyncio.to_thread(anna.writes, "now")
        assert len((await second).json()["result"]) == 1


async def test_a_world_that_ends_ends_its_polls(lenient_api: str) -> None:
    token = new_token()
    async with httpx.AsyncClient(timeout=10, verify=False) as client:
        poll = asyncio.create_task(client.get(f"{lenient_api}/bot{token}/getUpdates", params={"timeout": 50}))
        while token not in (await client.get(f"{lenient_api}/control/bots")).json():
            pass
        await client.delete(f"{lenient_api}/control/{token}")
        assert (await poll).status_code == 409
        assert token not in (await client.get(f"{lenient_api}/control/bots")).json()


async def test_webhooks_carry_the_secret_and_are_tried_again(bot: Bot, small: Telegram, anna: Person) -> None:
    calls: list[tuple[str | None, int]] = []
    taken = asyncio.Event()

    async def receive(request: web.Request) -> web.Response:
        calls.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), (await request.json())["update_id"]))
        if len(calls) == 2:
            taken.set()
        return web.Response(status=500 if len(calls) == 1 else 200)

    app = web.Application()
    app.router.add_post("/telegram", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/telegram", secret_token="hush")
        with refused(Conflict, "can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        await asyncio.wait_for(taken.wait(), 10)
        info = await bot.get_webhook_info()
    finally:
        await runner.cleanup()
    assert len(calls) == 2
    assert calls[0] == calls[1]
    assert calls[0][0] == "hush"
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    await bot.delete_webhook()
    assert not await bot.get_updates(timeout=0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_webhooks_follow_nobody(status: int) -> None:
    """Neither Telegram's nor Stripe's: where one leads, another service of this machine may listen."""
    asked: list[str] = []

    async def leads_away(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    async with RawTestServer(leads_away) as server, ClientSession() as session:
        url = str(server.make_url("/hook"))
        webhook = Webhook(Inbox())
        webhook.url = url
        assert (await webhook._post(session, {"update_id": 1})).startswith(f"Wrong response from the webhook: {status}")
        assert await stripe.post(url, b"{}", {}) == status
    assert asked == ["/hook"] * 2


# Chats


async def test_blocking(bot: Bot, anna: Person) -> None:
    anna.blocks()
    with refused(Forbidden, "bot was blocked by the user"):
        await bot.send_message(anna.id, "Hello?")
    anna.writes("/start")
    assert await bot.send_message(anna.id, "Hello")
    changes = [update.my_chat_member for update in await news(bot) if update.my_chat_member]
    assert [(change.old_chat_member.status, change.new_chat_member.status) for change in changes] == [
        ("member", "kicked"),
        ("kicked", "member"),
    ]


async def test_groups_that_add_the_bot(small: Telegram, bot: Bot, anna: Person) -> None:
    group = small.group("Friends", anna, bot="member")
    anna.writes("hi all", in_=group)
    anna.writes("/start", in_=group)
    added, command = (await news(bot))[-2:]
    assert (added.my_chat_member.chat.type, added.my_chat_member.new_chat_member.status) == ("supergroup", "member")
    assert command.message.text == "/start"
    await bot.leave_chat(group.id)
    assert group.bot() == "left"
    with refused(Forbidden, "bot is not a member of the supergroup chat"):
        await bot.send_message(group.id, "x")


async def test_who_is_in_a_group_comes_and_goes(small: Telegram, bot: Bot, anna: Person) -> None:
    ben = small.person("Ben")
    group = small.group("Friends", anna)

    async def status() -> str:
        return str((await bot.get_chat_member(group.id, ben.id)).status)

    assert await status() == "left"
    for rank in ("administrator", "member", "restricted", "kicked", "left"):
        ben.becomes(rank, in_=group)
        assert await status() == rank
    ben.becomes("restricted", in_=group)
    assert (await bot.get_chat_member(group.id, ben.id)).is_member
    ben.becomes("restricted", in_=group, outside=True)
    assert not (await bot.get_chat_member(group.id, ben.id)).is_member
    ben.becomes("administrator", in_=group)
    assert [each.user.first_name for each in await bot.get_chat_administrators(group.id)] == ["Anna", "Ben", "Darkroom"]
    told = [each.message for each in await news(bot) if each.message and each.message.chat.id == group.id]
    assert [bool(each.new_chat_members) for each in told] == [True, False, True, False, True]
    assert [each.left_chat_member for each in told if each.left_chat_member] == [told[0].new_chat_members[0]] * 2
    for wrong in ("creator", "friend"):
        with refused(ImpossibleError, "nobody can be"):
            ben.becomes(wrong, in_=group)


async def test_a_message_tells_in_whose_name_and_by_which_bot_it_was_sent(
    small: Telegram, bot: Bot, anna: Person
) -> None:
    group = small.group("Friends", anna)
    anna.writes("as the group", in_=group, speaks_as="group")
    anna.writes("as a channel", in_=group, speaks_as="channel")
    sent = anna.writes("a result", in_=group, via_bot="gif")
    anna.edits(sent, "another result")
    as_group, as_channel, result, edited = [each.effective_message for each in (await news(bot))[-4:]]
    assert as_group.sender_chat == as_group.chat
    assert (as_group.from_user.id, as_group.from_user.is_bot) == (ChatID.ANONYMOUS_ADMIN, True)
    assert (as_channel.from_user.id, as_channel.sender_chat.type) == (ChatID.FAKE_CHANNEL, "channel")
    assert (result.from_user.id, result.via_bot.username, result.sender_chat) == (anna.id, "gif", None)
    assert (edited.text, edited.via_bot) == ("another result", result.via_bot)
    with refused(ImpossibleError, "nobody can speak as"):
        anna.writes("alone", speaks_as="group")


async def test_what_a_linked_channel_posts_arrives_in_its_group(small: Telegram, bot: Bot, anna: Person) -> None:
    group = small.group("Friends", anna)
    assert (await bot.get_chat(group.id)).linked_chat_id is None
    post = group.publishes("/news of today")
    anna.forwards(post, in_=group)
    arrived, forwarded = [each.message for each in (await news(bot))[-2:]]
    assert arrived.is_automatic_forward
    assert (arrived.from_user.id, arrived.text) == (ChatID.SERVICE_CHAT, "/news of today")
    assert arrived.sender_chat.type == arrived.forward_origin.chat.type == "channel"
    assert (await bot.get_chat(group.id)).linked_chat_id == arrived.sender_chat.id
    assert (forwarded.is_automatic_forward, forwarded.from_user.id, forwarded.sender_chat) == (None, anna.id, None)
    assert forwarded.forward_origin == arrived.forward_origin
    anna.forwards(anna.writes("as the group", in_=group, speaks_as="group"), in_=group)
    assert (await news(bot))[-1].message.forward_origin.sender_chat.id == group.id
    with refused(ImpossibleError, "only groups"):
        small.act("publish", chat=anna.id, text="to nobody")


async def test_topics(small: Telegram, bot: Bot, anna: Person) -> None:
    group = small.group("Operators", anna, forum=True)
    topic = await bot.create_forum_topic(group.id, "Ticket 1")
    sent = await bot.send_message(group.id, "A ticket", message_thread_id=topic.message_thread_id)
    assert sent.is_topic_message
    assert sent.reply_to_message.forum_topic_created.name == "Ticket 1"
    anna.writes("An answer", in_=group, thread=topic.message_thread_id)
    heard = (await news(bot))[-1].message
    assert (heard.text, heard.message_thread_id) == ("An answer", topic.message_thread_id)
    anna.forwards(anna.writes("Elsewhere"), in_=group, thread=topic.message_thread_id)
    assert (await news(bot))[-1].message.message_thread_id == topic.message_thread_id
    await bot.close_forum_topic(group.id, topic.message_thread_id)
    with refused(ImpossibleError, "not open"):
        anna.writes("Too late", in_=group, thread=topic.message_thread_id)
    with refused(BadRequest, "TOPIC_NOT_MODIFIED"):
        await bot.close_forum_topic(group.id, topic.message_thread_id)
    await bot.reopen_forum_topic(group.id, topic.message_thread_id)
    await bot.delete_forum_topic(group.id, topic.message_thread_id)
    assert group.topics() == []
    topic = await bot.create_forum_topic(group.id, "Ticket 2")
    anna.deletes_topic(group, topic.message_thread_id)
    assert group.topics() == []
    assert [message for message in group.chat() if message.thread] == []
    with refused(BadRequest, "message thread not found"):
        await bot.send_message(group.id, "x", message_thread_id=topic.message_thread_id)


# Payments

STARS = {
    "title": "Credits",
    "description": "Ten photos",
    "payload": "order-1",
    "currency": "XTR",
    "prices": [LabeledPrice("Ten", 50)],
}
EUROS = {**STARS, "currency": "EUR", "provider_token": "test", "prices": [LabeledPrice("Print", 900)]}


async def answer_checkout(bot: Bot, ok: bool = True) -> None:
    """Answer the next pre-checkout query."""
    [query] = await asked(bot, "pre_checkout_query")
    await query.answer(ok, None if ok else "Sold out")


async def asked(bot: Bot, kind: str, count: int = 1) -> list[Any]:
    """The next `count` queries of this kind."""
    queries: list[Any] = []
    for _ in range(5):
        queries += [query for update in await news(bot) if (query := getattr(update, kind))]
        if len(queries) >= count:
            return queries
    raise AssertionError(f"no {kind} came")


async def test_stars_are_paid_and_refunded_once(bot: Bot, anna: Person) -> None:
    await bot.send_invoice(anna.id, **STARS, provider_token="")
    paying = asyncio.create_task(asyncio.to_thread(anna.pays))
    await answer_checkout(bot)
    [payment] = await paying
    paid = (await news(bot))[-1].message.successful_payment
    assert (paid.invoice_payload, paid.total_amount, paid.telegram_payment_charge_id) == (
        "order-1",
        50,
        payment["charge"],
    )
    assert await bot.refund_star_payment(anna.id, payment["charge"])
    assert (await news(bot))[-1].message.refunded_payment.total_amount == 50
    with refused(BadRequest, "CHARGE_ALREADY_REFUNDED"):
        await bot.refund_star_payment(anna.id, payment["charge"])
    transactions = (await bot.get_star_transactions()).transactions
    assert [(entry.amount, bool(entry.source), bool(entry.receiver)) for entry in transactions] == [
        (50, True, False),
        (50, False, True),
    ]
    assert (await bot.get_my_star_balance()).amount == 0


async def test_the_bot_may_refuse_or_be_late(bot: Bot, anna: Person) -> None:
    link = await bot.create_invoice_link(**STARS)
    paying = asyncio.create_task(asyncio.to_thread(anna.pays, link=link))
    await answer_checkout(bot, ok=False)
    assert await paying == [{"status": "refused", "error": "Sold out"}]
    assert anna.pays(link=link, seconds=0.1) == [{"status": "timeout"}]
    with refused(BadRequest, "query is too old"):
        await answer_checkout(bot)
    paying = asyncio.create_task(asyncio.to_thread(anna.pays, link=link, decline=True))
    await answer_checkout(bot)
    assert await paying == [{"status": "declined"}]
    assert not [update for update in await news(bot) if update.message and update.message.successful_payment]


async def test_two_payments_at_once(bot: Bot, anna: Person) -> None:
    link = await bot.create_invoice_link(**STARS)
    paying = asyncio.create_task(asyncio.to_thread(anna.pays, link=link, times=2))
    queries = await asked(bot, "pre_checkout_query", 2)
    for query in queries:
        await query.answer(True)
    assert len({each["charge"] for each in await paying}) == 2


ADDRESS = {
    "country_code": "DE",
    "state": "",
    "city": "Berlin",
    "street_line1": "Hof 1",
    "street_line2": "",
    "post_code": "10115",
}
POST = [
    {"id": "letter", "title": "Letter", "prices": [{"label": "Letter", "amount": 300}]},
    {"id": "parcel", "title": "Parcel", "prices": [{"label": "Parcel", "amount": 500}, {"label": "Box", "amount": 40}]},
]


async def ships(bot: Bot, options: list[Json] | None = None) -> ShippingQuery:
    """Answer the next shipping query; without options the bot does not go there."""
    [query] = await asked(bot, "shipping_query")
    about = {"shipping_options": options} if options else {"error_message": "Not to Berlin"}
    await bot.answer_shipping_query(query.id, ok=bool(options), **about)
    return query


async def test_who_is_shown_the_ways_of_shipping_chooses_one(bot: Bot, anna: Person) -> None:
    await bot.send_invoice(anna.id, **EUROS, need_email=True, need_shipping_address=True, is_flexible=True)
    order = {"name": "Not asked for", "email": "anna@example.org", "shipping_address": ADDRESS}
    typing = asyncio.create_task(asyncio.to_thread(anna.types, order))
    assert (await ships(bot, POST)).shipping_address.to_dict() == ADDRESS
    typed = await typing
    assert (typed["status"], typed["options"]) == ("valid", POST)
    paying = asyncio.create_task(asyncio.to_thread(anna.pays, form=typed["form"], option="parcel"))
    [query] = await asked(bot, "pre_checkout_query")
    await query.answer(True)
    assert (await paying)[0]["status"] == "paid"
    paid = (await news(bot))[-1].message.successful_payment
    assert paid.provider_payment_charge_id.startswith("ch_")
    for seen in (query, paid):
        assert (seen.total_amount, seen.shipping_option_id) == (1440, "parcel")
        assert seen.order_info.to_dict() == {"email": "anna@example.org", "shipping_address": ADDRESS}
    [bill] = [each.raw["bill"] for each in anna.chat() if "bill" in each.raw]
    assert (bill["needs"], bill["ships"]) == (["email", "shipping_address"], True)
    assert (bill["paid"]["total_amount"], bill["paid"]["shipping"]) == (1440, POST[1])
    assert (bill["refunded"], bill["disputed"]) == (0, "")
    assert anna.telegram.violations() == []


async def test_in_one_step_the_first_way_is_taken_unless_one_is_named(bot: Bot, anna: Person) -> None:
    link = await bot.create_invoice_link(**EUROS, need_shipping_address=True, is_flexible=True)
    for how, total in (({}, 1200), ({"option": "parcel"}, 1440)):
        order = {"shipping_address": ADDRESS}
        paying = asyncio.create_task(asyncio.to_thread(anna.pays, link=link, order=order, **how))
        await ships(bot, POST)
        await answer_checkout(bot)
        assert (await paying)[0]["status"] == "paid"
        assert (await news(bot))[-1].message.successful_payment.total_amount == total
    paying = asyncio.create_task(asyncio.to_thread(anna.pays, link=link, order=order, option="pigeon"))
    await ships(bot, POST)
    with refused(ImpossibleError, "no shipping option 'pigeon'"):
        await paying


async def test_what_becomes_of_a_payment_is_the_cards_choice(bot: Bot, anna: Person) -> None:
    link = await bot.create_invoice_link(**EUROS | {"provider_token": "1:TEST:three"})
    ends = []
    for card in ("4242424242424242", DECLINED, DISPUTED):
        paying = asyncio.create_task(asyncio.to_thread(anna.pays, link=link, card=card))
        await answer_checkout(bot)
        ends += await paying
    assert [each["status"] for each in ends] == ["paid", "declined", "paid"]
    books = lambda: anna.telegram.read("stripe")["three"]  # noqa: E731
    assert [(each["amount"], each["paid"]) for each in books()["charges"]] == [(900, True), (900, False), (900, True)]
    await until(lambda: bool(books()["disputes"]))
    assert [each["charge"] for each in books()["disputes"]] == [ends[2]["provider_charge"]]


async def test_a_bot_may_not_ship_there_or_be_late(bot: Bot, anna: Person) -> None:
    link = await bot.create_invoice_link(**EUROS, need_shipping_address=True, is_flexible=True)
    order = {"shipping_address": ADDRESS}
    typing = asyncio.create_task(asyncio.to_thread(anna.types, order, link=link))
    await ships(bot)
    assert await typing == {"status": "refused", "error": "Not to Berlin"}
    assert anna.types(order, link=link, seconds=0.1) == {"status": "timeout"}
    with refused(BadRequest, "query is too old"):
        await ships(bot, POST)
    assert anna.pays(link=link, order=order, seconds=0.1) == [{"status": "timeout"}]
    assert [update.pre_checkout_query for update in await news(bot)] == [None]  # no way to ship, no question after it


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"name": " "}, "REQ_INFO_NAME_INVALID"),
        ({"phone_number": "by pigeon"}, "REQ_INFO_PHONE_INVALID"),
        ({"email": "anna"}, "REQ_INFO_EMAIL_INVALID"),
        ({"shipping_address": None}, "ADDRESS_STREET_LINE1_INVALID"),
        ({"shipping_address": ADDRESS | {"city": ""}}, "ADDRESS_CITY_INVALID"),
        ({"shipping_address": ADDRESS | {"country_code": "Germany"}}, "ADDRESS_COUNTRY_INVALID"),
        ({"shipping_address": ADDRESS | {"post_code": "1" * 11}}, "ADDRESS_POSTCODE_INVALID"),
    ],
)
async def test_what_is_typed_is_checked_before_the_bot_hears_of_it(
    bot: Bot, anna: Person, wrong: Json, refusal: str
) -> None:
    asks = dict.fromkeys(("need_name", "need_phone_number", "need_email", "need_shipping_address"), True)
    link = await bot.create_invoice_link(**EUROS, is_flexible=True, **asks)
    right = {"name": "Anna", "phone_number": "+49 30 23125 111", "email": "anna@example.org"}
    with refused(ImpossibleError, refusal):
        anna.types(right | {"shipping_address": ADDRESS} | wrong, link=link)
    stars = await bot.create_invoice_link(**STARS, is_flexible=True, **asks)
    assert anna.types({}, link=stars)["options"] == []  # Telegram ignores what the bot needs for Stars
    assert not [update for update in await news(bot) if update.shipping_query]


async def test_subscriptions_renew_until_cancelled(bot: Bot, anna: Person) -> None:
    link = await bot.create_invoice_link(**STARS, subscription_period=2592000)
    paying = asyncio.create_task(asyncio.to_thread(anna.pays, link=link))
    await answer_checkout(bot)
    charge = (await paying)[0]["charge"]
    assert (await news(bot))[-1].message.successful_payment.is_first_recurring
    assert anna.renews(charge) != charge
    second = (await news(bot))[-1].message.successful_payment
    assert (second.is_recurring, second.is_first_recurring) == (True, None)
    await bot.edit_user_star_subscription(anna.id, charge, is_canceled=True)
    assert anna.renews(charge) is None


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"title": "x" * 33}, "INVOICE_TITLE_INVALID"),
        ({"payload": "x" * 129}, "INVOICE_PAYLOAD_INVALID"),
        ({"prices": [LabeledPrice("a", 1), LabeledPrice("b", 1)]}, "STARS_INVOICE_INVALID"),
        ({"provider_token": "stripe"}, "STARS_INVOICE_INVALID"),
        ({"currency": "EUR"}, "PAYMENT_PROVIDER_INVALID"),
        ({"prices": [LabeledPrice("a", 0)]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"subscription_period": 60}, "SUBSCRIPTION_PERIOD_INVALID"),
    ],
)
async def test_invoices_are_checked(bot: Bot, change: dict[str, Any], description: str) -> None:
    with refused(BadRequest, description):
        await bot.create_invoice_link(**{**STARS, **change})


# Stickers


async def test_sticker_sets(bot: Bot, anna: Person) -> None:
    from telegram import InputSticker

    sticker = InputSticker(made_photo(512, 340, "WEBP"), ["📷"], "static")
    assert await bot.create_new_sticker_set(anna.id, "anna_by_darkroom_bot", "Anna's", [sticker])
    assert await bot.add_sticker_to_set(anna.id, "anna_by_darkroom_bot", sticker)
    stickers = (await bot.get_sticker_set("anna_by_darkroom_bot")).stickers
    assert [(each.width, each.height, each.emoji) for each in stickers] == [(512, 340, "📷")] * 2
    assert (await bot.send_sticker(anna.id, stickers[0].file_id)).sticker.set_name == "anna_by_darkroom_bot"
    for name, title, problem in (
        ("anna", "x", "invalid sticker set name"),
        ("anna_by_darkroom_bot", "x", "already occupied"),
    ):
        with refused(BadRequest, problem):
            await bot.create_new_sticker_set(anna.id, name, title, [sticker])
    with refused(BadRequest, "STICKER_PNG_DIMENSIONS"):
        await bot.send_sticker(anna.id, made_photo(500, 340, "WEBP"))


# Faults


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("kind", "about", "error"),
    [
        ("flood", {"retry_after": 7}, RetryAfter),
        ("error", {"code": 502, "text": "Bad Gateway"}, NetworkError),
        ("error", {"code": 400, "text": "Bad Request: whatever"}, BadRequest),
        ("error", {"code": 403, "text": "Forbidden: user is deactivated"}, Forbidden),
        ("drop", {}, NetworkError),
        ("hang", {"seconds": 2}, TimedOut),
    ],
)
async def test_faults_before_and_after_the_effect(
    small: Telegram, bot: Bot, anna: Person, kind: str, about: dict[str, Any], error: type[TelegramError], after: bool
) -> None:
    small.fault("sendMessage", kind, after=after, **about)
    with pytest.raises(error):
        await bot.send_message(anna.id, "faulty", read_timeout=0.3)
    assert [message.text for message in anna.chat()[1:]] == (["faulty"] if after else [])
    await bot.send_message(anna.id, "fine")
    assert anna.sees("fine")


async def test_faults_meet_the_nth_call(small: Telegram, bot: Bot, anna: Person) -> None:
    small.fault("*", "error", skip=1, count=2, code=500)
    outcomes = []
    for number in range(4):
        try:
            await bot.send_message(anna.id, str(number))
            outcomes.append(True)
        except NetworkError:
            outcomes.append(False)
    assert outcomes == [True, False, False, True]
    small.fault("*", "error", count=9)
    small.mend()
    assert await bot.get_me()
    with refused(ImpossibleError, "a fault is one of"):
        small.fault("*", "plague")


async def test_downloads_can_be_cut_slow_short_or_long(small: Telegram, bot: Bot, anna: Person) -> None:
    data = bytes(range(256)) * 4000
    anna.sends_file(data, "a.bin")
    file = await (await news(bot))[-1].message.document.get_file()
    small.fault("file", "cut")
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    small.fault("file", "slow", seconds=0.2)
    assert await file.download_as_bytearray() == data
    small.fault("file", "short")
    assert await file.download_as_bytearray() == data[: len(data) // 2]
    small.fault("file", "long")
    assert await file.download_as_bytearray() == data + data[: len(data) // 2]
    small.fault("file", "error", code=404, text="Not Found")
    with pytest.raises(TelegramError):
        await file.download_as_bytearray()
    assert await file.download_as_bytearray() == data


# What is written down


async def test_requests_are_logged_without_bytes(small: Telegram, bot: Bot, anna: Person) -> None:
    await bot.send_document(anna.id, b"secret bytes", filename="a.txt", reply_parameters=ReplyParameters(1))
    with pytest.raises(BadRequest):
        await bot.delete_message(anna.id, 404)
    [sent] = small.requests("sendDocument")
    assert sent["params"]["reply_parameters"]["message_id"] == 1
    assert [file["size"] for file in sent["files"].values()] == [12]
    assert sent["ok"] is True
    assert small.requests("deleteMessage")[0]["error"] == "Bad Request: message to delete not found"
    assert "secret" not in json.dumps(small.requests())


SPEC = {
    "methods": {
        "getMe": {"name": "getMe", "returns": ["User"]},
        "sendMessage": {
            "name": "sendMessage",
            "returns": ["Message"],
            "fields": [
                {"name": "chat_id", "types": ["Integer", "String"], "required": True, "description": "The chat"},
                {
                    "name": "text",
                    "types": ["String"],
                    "required": True,
                    "description": "Text, 1-5 characters after parsing",
                },
            ],
        },
    },
    "types": {
        "User": {"name": "User", "fields": [{"name": "id", "types": ["Integer"], "required": True, "description": ""}]},
        "Message": {
            "name": "Message",
            "fields": [{"name": "text", "types": ["String"], "required": False, "description": ""}],
        },
    },
}


def test_what_differs_from_the_description_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(SPEC))
    monkeypatch.setenv("BOT_API_SPEC", str(spec))
    with start_server() as url, Telegram(url) as telegram:
        anna = telegram.person("Anna")
        anna.writes("/start")
        assert telegram.violations() == []
        call(telegram, "sendMessage", chat_id=anna.id, text="too long")
        call(telegram, "getMe")
        call(telegram, "getChat", chat_id=anna.id)
        told = telegram.violations()
    assert "sendMessage.text: 8 characters are not 1-5" in told
    assert "getMe result.username: unknown" in told
    assert "getChat: unknown method" in told
    with pytest.raises(httpx.ConnectError):
        HTTP.get(url)


# The process


def folders_of(server: int) -> list[Path]:
    return list(Path("/dev/shm").glob(f"darkroom-playground-{server}-*"))


def test_files_are_private_and_go_with_the_server() -> None:
    before = set(children(os.getpid()))
    with start_server() as url, Telegram(url) as telegram:
        [server] = set(children(os.getpid())) - before
        [folder] = folders_of(server)
        assert folder.stat().st_mode & 0o777 == 0o700
        telegram.person("Anna").sends_file(b"abc")
        assert [path for path in folder.rglob("*") if path.is_file()]
        HTTP.delete(f"{url}/control/{telegram.token}")
        assert not list(folder.iterdir())
    assert not folder.exists()


def test_what_a_killed_server_left_is_swept_by_the_next() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot.playground"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        [left] = folders_of(process.pid)
        process.kill()
    with start_server():
        assert not left.exists()


PARENT = """
import subprocess, sys, time
command = [sys.executable, "-m", "bot.playground"]
with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as server:
    print(server.pid, server.stdout.readline().decode(), flush=True)
    time.sleep(60)
"""


def alive(process: int) -> bool:
    """Whether it runs; a zombie has no memory any more."""
    try:
        return "VmRSS" in Path("/proc", str(process), "status").read_text()
    except FileNotFoundError:
        return False


def test_the_server_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        server = int(parent.stdout.readline().split()[0])
        parent.send_signal(signal.SIGKILL)
    for _ in range(200):
        if not alive(server):
            break
        time.sleep(0.05)
    else:
        pytest.fail("the server outlives its parent")
    assert folders_of(server) == []


@pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.1:80", "example.org:80", "127.0.0.1"])
def test_only_this_machine_is_listened_to(address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.playground", "--listen", address], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "not an address of this machine alone" in done.stderr


def test_worlds_know_nothing_of_each_other(lenient_api: str) -> None:
    with Telegram(lenient_api, new_token()) as one, Telegram(lenient_api, new_token()) as other:
        anna = one.person("Anna")
        anna.writes("/start")
        assert (
            call(other, "sendMessage", chat_id=anna.id, text="x").json()["description"] == "Bad Request: chat not found"
        )
        file = anna.sends_file(b"mine").raw["document"]["file_id"]
        assert not call(other, "getFile", file_id=file).json()["ok"]
