"""No update is lost: kept before it is confirmed, replayed after a crash, blanked when handled, in order a person."""

import asyncio
import json
import re
import time
from pathlib import Path

import pytest
from telegram import Bot

from bot.botapi.client import Client
from bot.botapi.transport import AiohttpRequest
from bot.botapi.updates import UpdateQueue
from storage.db import Database
from storage.inbox import Inbox
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom, free_port, running
from tests.harness.people import HTTP, Person, Telegram
from tests.pictures import photos


async def left_in(bot: Darkroom) -> list[tuple[int, int, str]]:
    """What the database of a stopped bot holds of updates."""
    db = await Database.open(bot.folder / "darkroom.db", bot.folder / "key" / "database.key")
    try:
        sql = "SELECT update_id, attempts, body FROM inbox WHERE body IS NOT NULL"
        return await db.run(lambda connection: connection.execute(sql).fetchall())
    finally:
        await db.close()


def not_answered(person: Person) -> list[int]:
    """The photos to which nothing replies."""
    chat = person.chat()
    answered = {each.reply_to.id for each in chat if each.from_bot and each.reply_to}
    return [each.id for each in chat if each.document and not each.from_bot and each.id not in answered]


def taps_answered(telegram: Telegram) -> set[str]:
    """The questions behind the taps that have their answer."""
    return {each["params"]["callback_query_id"] for each in telegram.requests("answerCallbackQuery")}


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.prove)])
def test_killed_again_and_again_under_load_it_answers_every_photo(
    telegram: Telegram, tmp_path: Path, kills: int
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    bot = Darkroom(telegram, tmp_path, TMPDIR=str(temporary)).start()
    people = [agreed(telegram, f"P{number}") for number in range(4)]
    for round_ in range(kills):
        for person in people:
            person.sends_file(photos.encoded(), f"{round_}.jpg")
        time.sleep(0.6 * round_ / kills)  # a little later each time: before, in and after every step
        family = bot.family()
        bot.kill()
        deadline = time.monotonic() + 5
        while [pid for pid in family if Path(f"/proc/{pid}").exists()] and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not [pid for pid in family if Path(f"/proc/{pid}").exists()], "a child outlived the bot"
        bot.start()
        for person in people:  # work in flight when the next kill comes
            person.taps("Remove metadata", wait=0)
    for person in people:
        unanswered = lambda person=person: not_answered(person) == [] or None  # noqa: E731
        telegram.wait_for(unanswered, 60, "a photo was never answered", person.id)
    # A tap that comes while the bot ends waits for the next start, and rightly so. Here none does; "I agree" is one.
    all_taps = lambda: len(taps_answered(telegram)) == (kills + 1) * len(people) or None  # noqa: E731
    telegram.wait_for(all_taps, 60, "a tap was never answered", people[0].id)
    assert bot.stop() == 0
    assert asyncio.run(left_in(bot)) == []
    assert {file.name for file in tmp_path.rglob("*")} == {"darkroom.db", "key", "database.key", "log", "temporary"}


async def test_a_job_cut_by_a_crash_is_done_after_it(telegram: Telegram, tmp_path: Path) -> None:
    bot = Darkroom(telegram, tmp_path).start()
    anna = agreed(telegram, "Anna")
    anna.sends_file(photos.encoded(), "kept.jpg")
    telegram.fault("file", "slow", seconds=30)
    anna.taps("Remove metadata")
    anna.sees("Fetching your photo")
    bot.kill()
    [(_, _, body)] = await left_in(bot)
    assert "apply:clean" in body
    telegram.mend()
    bot.start()
    assert anna.gets_document().name == "kept-clean.jpg"
    assert bot.stop() == 0
    assert await left_in(bot) == []


@pytest.mark.prove  # it waits as long as the bot may drain
def test_a_job_that_sigterm_cannot_wait_for_goes_on_at_the_next_start(telegram: Telegram, tmp_path: Path) -> None:
    bot = Darkroom(telegram, tmp_path).start()
    anna = agreed(telegram, "Anna")
    anna.sends_file(photos.encoded(), "late.jpg")
    telegram.fault("file", "slow", seconds=60)
    anna.taps("Enhance")
    anna.taps("Medium")
    anna.sees("Fetching your photo")
    started = time.monotonic()
    assert bot.stop() == 0
    assert time.monotonic() - started < 25
    telegram.mend()
    bot.start()
    assert anna.gets_document().name == "late-enhance.jpg"
    anna.writes("/balance")
    anna.sees("You have 2 credits")  # charged once
    bot.stop()


def test_sigterm_leaves_no_child(telegram: Telegram, tmp_path: Path) -> None:
    bot = Darkroom(telegram, tmp_path).start()
    anna = agreed(telegram, "Anna")
    anna.sends_file(photos.encoded(), "a.jpg")
    anna.taps("Remove metadata")
    anna.gets_document()
    family = bot.family()
    assert len(family) >= 2  # the zygote and its spare
    assert bot.stop() == 0
    assert not [pid for pid in family if Path(f"/proc/{pid}").exists()]


def test_by_webhook_with_its_secret(telegram: Telegram, tmp_path: Path) -> None:
    port = free_port()
    settings = {"BOT_MODE": "webhook", "WEBHOOK_LISTEN": f"127.0.0.1:{port}", "WEBHOOK_URL": f"http://127.0.0.1:{port}"}
    bot = Darkroom(telegram, tmp_path, **settings).start("prlimit", "--nofile=100:1000")
    assert re.search(r"Max open files +1000 +1000 ", Path(f"/proc/{bot.pid}/limits").read_text())
    anna = agreed(telegram, "Anna")
    anna.sends_file(photos.encoded(), "hook.jpg")
    anna.taps("Remove metadata")
    assert anna.gets_document().name == "hook-clean.jpg"
    assert telegram.token not in telegram.requests("setWebhook")[0]["params"]["url"]
    url = f"http://127.0.0.1:{port}/telegram"
    assert HTTP.post(url, json={"update_id": 1}).status_code == 403
    wrong = {"X-Telegram-Bot-Api-Secret-Token": "wrong"}
    assert HTTP.post(url, json={"update_id": 1}, headers=wrong).status_code == 403
    assert HTTP.get(f"http://127.0.0.1:{port}/{telegram.token}").status_code == 404
    assert bot.stop() == 0


def test_methods_that_the_server_does_not_know_stop_nothing(telegram: Telegram, tmp_path: Path) -> None:
    for method in ("setMyCommands", "deleteWebhook", "sendChatAction"):
        telegram.fault(method, "error", code=404, text="Not Found: method not found", count=100)
    with running(telegram, tmp_path):
        anna = agreed(telegram, "Anna")
        anna.sends_file(photos.encoded(), "a.jpg")
        anna.taps("Remove metadata")
        anna.gets_document()


def test_an_answer_401_in_passing_stops_nothing(darkroom: Darkroom, anna: Person) -> None:
    darkroom.telegram.fault("getUpdates", "error", code=401, text="Unauthorized")
    darkroom.telegram.fault("getUpdates", "error", code=404, text="Not Found")
    anna.writes("/help")
    anna.sees("choose a tool")


class ScriptedTelegram(AiohttpRequest):
    """Telegram, having said this."""

    async def do_request(self, *args: object, **kwargs: object) -> tuple[int, bytes]:
        updates = [{"update_id": 1, "message": {"location": "canary-4711"}}, {"update_id": 2}]
        return 200, json.dumps({"ok": True, "result": updates}).encode()


async def test_an_update_that_nobody_can_read_is_passed_over_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    client = Client("123456:abc", request=ScriptedTelegram(1), get_updates_request=ScriptedTelegram(1))
    with caplog.at_level("DEBUG", logger="bot"):  # the library's own loggers are pinned by bot.ops.logs
        updates = await client.get_updates(timeout=1)
    assert [(update.update_id, update.message) for update in updates] == [(1, None), (2, None)]
    assert "could not be read" in caplog.text
    assert "canary-4711" not in caplog.text


def test_nor_does_it_stop_the_webhook(telegram: Telegram, tmp_path: Path) -> None:
    port = free_port()
    settings = {"BOT_MODE": "webhook", "WEBHOOK_LISTEN": f"127.0.0.1:{port}", "WEBHOOK_URL": f"http://127.0.0.1:{port}"}
    with running(telegram, tmp_path, WEBHOOK_SECRET="only-telegram-knows", LOG_LEVEL="DEBUG", **settings) as bot:
        anna = agreed(telegram, "Anna")
        update = {"update_id": 10**9, "message": {"location": "canary-4711"}}
        secret = {"X-Telegram-Bot-Api-Secret-Token": "only-telegram-knows"}
        assert HTTP.post(f"http://127.0.0.1:{port}/telegram", json=update, headers=secret).status_code == 200
        anna.writes("/help")
        anna.sees("choose a tool")
        assert "could not be read" in bot.log
        assert "canary-4711" not in bot.log


def test_sigterm_is_heard_while_the_start_still_waits_for_telegram(telegram: Telegram, tmp_path: Path) -> None:
    telegram.fault("deleteWebhook", "error", code=502, text="Bad Gateway", count=1000)
    bot = Darkroom(telegram, tmp_path)
    bot.launch()
    telegram.wait_for(lambda: telegram.requests("deleteWebhook") or None, 20, "the bot does not start", 0)
    started = time.monotonic()
    assert bot.stop() == 0, bot.log
    assert time.monotonic() - started < 25


async def test_what_crashed_us_again_and_again_is_given_up(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    inbox, bot = Inbox(db), Bot("123456:abc")
    await inbox.add(1, '{"update_id": 1}')
    await inbox.add(2, '{"update_id": 2, "message": "not one"}')  # nobody can read it
    await inbox.add(3, '{"update_id": 3}')
    for _ in range(30):
        await inbox.attempt(1)
    queue = UpdateQueue(inbox)
    assert [update.update_id for update in await queue.replay(bot)] == [1]
    assert queue.replayed == {2, 3}
    assert [update_id for update_id, _, _ in await inbox.unfinished()] == [2, 3]
    await UpdateQueue(inbox).replay(bot)  # a start that begins none of them counts against none of them
    assert [attempts for _, attempts, _ in await inbox.unfinished()] == [0, 0]
    await db.close()


async def test_the_inbox_takes_an_update_once_and_blanks_it(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    inbox = Inbox(db)
    assert await inbox.add(7, '{"text": "hello"}')
    assert not await inbox.add(7, '{"text": "again"}')
    assert await inbox.unfinished() == [(7, 0, '{"text": "hello"}')]
    await inbox.attempt(7)
    assert await inbox.unfinished() == [(7, 1, '{"text": "hello"}')]
    await inbox.done(7)
    assert await inbox.unfinished() == []
    assert not await inbox.add(7, '{"text": "redelivered"}')
    rows = await db.run(lambda connection: connection.execute("SELECT body FROM inbox").fetchall())
    assert rows == [(None,)]
    await db.close()


def test_a_persons_updates_are_handled_in_their_order(darkroom: Darkroom, anna: Person) -> None:
    telegram = darkroom.telegram
    telegram.fault("sendMessage", "hang", seconds=1)  # the first answer takes longer than all the others
    for _ in range(5):
        anna.writes("/help")
        anna.writes("/privacy")
    for part in ("Send me a photo and choose", "What happens to your photos"):
        telegram.wait_for(
            lambda part=part: sum(part in each.text for each in anna.chat()) >= 5 or None, 60, part, anna.id
        )
    answers = [each.text[:9] for each in anna.chat() if each.from_bot][1:]
    assert answers == ["Send me a", "What happ"] * 5
