"""Ready means can serve now; who must mend what keeps the bot from it hears so once, and once when it is over."""

import datetime as dtm
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from telegram import WebhookInfo
from telegram.error import InvalidToken, NetworkError

from bot import lifecycle, scheduler
from bot.botapi import contact
from bot.botapi.contact import Contact
from bot.domain.errors import Failed, Reason
from bot.ops import health
from bot.texts import translator
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom
from tests.harness.inprocess import Bot
from tests.harness.people import HTTP, Group, Person
from tests.harness.people import Telegram as RealTelegram
from tests.harness.simulated_clock import Telegram

OPERATORS = "operators@example.org"
LATELY, ROUND = 100, 30  # seconds: after the first, silence is a trouble; after the second, a trouble is told

translate = translator("en")


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def olga(telegram: Telegram) -> Person:
    return telegram.person("Olga")


@pytest.fixture
def group(telegram: Telegram, olga: Person) -> Group:
    return telegram.group("Operators", olga, forum=True)


@pytest.fixture
def bot(telegram: Telegram, group: Group) -> Iterator[Bot]:
    mail = {"smtp_url": "smtp://mail.example.org:25", "mail_from": "bot@example.org", "operators_email": OPERATORS}
    with Bot(telegram, operators_chat_id=group.id, **mail) as bot:
        yield bot


def watched(telegram: Telegram, bot: Bot, seconds: int = 0) -> dict[str, str]:
    """What fails after so many seconds. Operators are told what there is to tell."""
    telegram.passes(seconds)
    telegram.run(bot.lives[-1].does(bot.services.ops.health.look()))
    telegram.run(bot.lives[-1].does(bot.running.alarm.ring()))
    return bot.services.ops.health.troubles


def told(group: Group, key: str, **values: object) -> int:
    """How often operators read this sentence in their chat."""
    return [each.text for each in group.chat()].count(translate(key, **values))


def is_up(bot: Bot, part: str) -> float | None:
    return bot.services.ops.metrics.registry.get_sample_value("darkroom_up", {"part": part})


def test_another_program_with_the_same_token_is_named_to_operators_once_and_its_end(
    telegram: Telegram, bot: Bot, group: Group, olga: Person
) -> None:
    assert watched(telegram, bot) == {}
    telegram.fault("getUpdates", "error", code=409, text="Conflict: terminated by other getUpdates request", count=99)
    olga.writes("wakes the poll", in_=group)
    assert watched(telegram, bot, 60) == {}, "in passing it is no trouble: an earlier run's poll ends so"
    for _ in range(3):
        assert watched(telegram, bot, LATELY) == {"telegram": contact.CONFLICT}
    assert (is_up(bot, "telegram"), is_up(bot, "jail")) == (0, 1)
    assert bot.running.lacking == ["start", "telegram"], "the harness says nothing of the start"
    assert told(group, "trouble-telegram-conflict") == 1
    telegram.mend()
    telegram.passes(60)
    olga.writes("is heard", in_=group)
    telegram.settle()
    assert watched(telegram, bot) == {}
    assert is_up(bot, "telegram") == 1
    telegram.passes(130)
    telegram.run(bot.running.alarm.ring())
    assert len([each for each in group.chat() if "within reach again" in each.text]) == 1
    assert bot.mail.caught == []


def test_where_telegram_refuses_the_token_operators_get_a_mail(
    telegram: Telegram, bot: Bot, group: Group, olga: Person
) -> None:
    for method in ("getUpdates", "sendMessage"):
        telegram.fault(method, "error", code=401, text="Unauthorized", count=999)
    olga.writes("a canary in the mail", in_=group)
    for _ in range(3):
        assert watched(telegram, bot, LATELY) == {"telegram": contact.TOKEN}
    [mail] = bot.mail.to(OPERATORS)
    assert mail.get_content().strip() == translate("trouble-telegram-token")
    assert "canary" not in str(mail)


def test_where_telegram_is_silent_no_chat_is_tried_and_a_mail_that_fails_is_tried_again(
    telegram: Telegram, bot: Bot, group: Group, olga: Person
) -> None:
    telegram.fault("getUpdates", "drop", count=999)
    olga.writes("wakes the poll", in_=group)
    bot.mail.plan = [bot.mail.later()]
    for _ in range(4):
        assert watched(telegram, bot, LATELY) == {"telegram": contact.SILENT}
    assert [each.get_content().strip() for each in bot.mail.to(OPERATORS)] == [translate("trouble-telegram-silent")]
    assert told(group, "trouble-telegram-silent") == 0


def test_a_database_that_takes_nothing_is_named_as_sqlite_names_it(
    telegram: Telegram, bot: Bot, group: Group, olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.services.ops.health.contact.heard()
    bot.lives[-1].connection.execute("PRAGMA query_only = ON")
    assert watched(telegram, bot) == {"database": "SQLITE_READONLY"}
    assert told(group, "trouble-database", why="SQLITE_READONLY", free=bot.services.ops.health.free_mb) == 0
    for _ in range(2):
        assert watched(telegram, bot, ROUND) == {"database": "SQLITE_READONLY"}
    assert len([each for each in group.chat() if "SQLITE_READONLY" in each.text]) == 1
    assert "database" in bot.running.lacking
    with monkeypatch.context() as full:
        full.setattr(health.shutil, "disk_usage", lambda _: SimpleNamespace(total=1 << 40, free=0))
        for _ in range(2):
            assert watched(telegram, bot, ROUND) == {"database": "SQLITE_READONLY", "disk": "full"}
    assert told(group, "trouble-disk", free=0) == 0, "one sentence is enough"
    bot.lives[-1].connection.execute("PRAGMA query_only = OFF")
    assert watched(telegram, bot) == {}
    olga.writes("/status", in_=group)
    telegram.settle()
    assert "NOT READY" not in group.chat()[-1].text


def test_a_jail_that_does_not_start_and_a_full_disk_are_troubles_and_operators_can_ask(
    telegram: Telegram, bot: Bot, group: Group, olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crashes() -> None:
        raise Failed(Reason.CRASHED)

    gib = 1 << 30
    monkeypatch.setattr(bot.services.ops.health, "_start_jail", crashes)
    monkeypatch.setattr(
        health.shutil, "disk_usage", lambda _: SimpleNamespace(total=9 * gib, used=8 * gib, free=63 << 20)
    )
    expected = {"jail": Reason.CRASHED.key, "disk": "full"}
    assert watched(telegram, bot) == expected
    assert watched(telegram, bot, ROUND) == expected
    assert told(group, "trouble-jail", why=Reason.CRASHED.key) == told(group, "trouble-disk", free=63) == 1
    olga.writes("/status", in_=group)
    telegram.settle()
    assert group.chat()[-1].text.startswith(translate("service-troubles", parts="jail (crashed), disk (full)"))


def test_what_is_over_before_it_was_told_is_told_to_nobody(
    telegram: Telegram, bot: Bot, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def starts() -> None: ...

    async def crashes() -> None:
        raise Failed(Reason.CRASHED)

    said = len(group.chat())
    for start in (crashes, starts, crashes, starts):
        monkeypatch.setattr(bot.services.ops.health, "_start_jail", start)
        watched(telegram, bot, 10)
    telegram.passes(300)
    telegram.run(bot.running.alarm.ring())
    assert len(group.chat()) == said


def test_a_layer_of_the_jail_that_is_missing_is_said_at_the_start(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Bot(telegram):
        assert "the jail goes without" not in caplog.text
    monkeypatch.setattr("bot.sandbox.jail.missing", lambda: {"landlock"})
    with Bot(telegram):
        assert "the jail goes without landlock, as JAIL_ACCEPT_MISSING says" in caplog.text


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"url": "https://ours"}, ""),
        ({"url": "https://theirs"}, contact.CONFLICT),
        ({"url": ""}, contact.CONFLICT),
        ({"url": "https://ours", "last_error_date": 10, "pending_update_count": 5}, contact.UNREACHED),
        ({"url": "https://ours", "last_error_date": 10, "pending_update_count": 0}, ""),
        ({"url": "https://ours", "last_error_date": 10_000, "pending_update_count": 5}, ""),
        (InvalidToken(), contact.TOKEN),
        (NetworkError("down"), contact.SILENT),
    ],
)
async def test_a_webhook_that_telegram_does_not_call_is_a_trouble(
    answer: Any, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def get_webhook_info() -> WebhookInfo:
        if isinstance(answer, Exception):
            raise answer
        about = {"has_custom_certificate": False, "pending_update_count": 0, **answer}
        if ago := about.pop("last_error_date", None):
            about["last_error_date"] = dtm.datetime.fromtimestamp(time.time() - ago, dtm.UTC)
        return WebhookInfo(**about)

    now = time.monotonic()
    met = Contact()
    monkeypatch.setattr(contact.time, "monotonic", lambda: now + 100)
    await met.ask(SimpleNamespace(get_webhook_info=get_webhook_info), "https://ours")  # type: ignore[arg-type]
    assert met.trouble == why


def test_the_start_waits_for_telegram_says_so_once_a_minute_and_goes_on(
    telegram: Telegram, group: Group, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduled: list[float] = []
    schedule = scheduler.schedule

    def and_note(*about: Any) -> None:
        scheduled.append(telegram.loop.time() - began)
        schedule(*about)

    monkeypatch.setattr(scheduler, "schedule", and_note)
    telegram.fault("getMe", "error", code=502, text="Bad Gateway", count=60)
    began = telegram.loop.time()
    with Bot(telegram, operators_chat_id=group.id) as bot:
        waited = telegram.loop.time() - began
        said = [line for line in caplog.messages if "the start waits" in line]
        assert waited > 180
        assert scheduled[0] > 180, "what is due soon after a start is not due before it is through"
        assert waited / 60 - 2 < len(said) < waited / 60 + 2
        assert watched(telegram, bot) == {}


def test_a_start_without_network_is_not_ready_and_ends_at_once_and_well(
    telegram_: RealTelegram, tmp_path: Path
) -> None:
    telegram_.fault("getMe", "drop", count=99)
    bot = Darkroom(telegram_, tmp_path)
    bot.launch()
    bot.starts_until(lambda: telegram_.requests("getMe"))
    answer = HTTP.get(f"{bot.metrics}/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: start\n")
    assert bot.stop() == 0, bot.log
    for stray in ("asyncio", "Traceback", "nobody caught", "ERROR"):
        assert stray not in bot.log


@pytest.fixture
def telegram_(bot_api: str) -> Iterator[RealTelegram]:
    with RealTelegram(bot_api) as telegram:
        yield telegram


@pytest.mark.parametrize("days", [-1, 1])
def test_when_the_clock_jumps_nothing_rests_and_operators_hear_of_it_once(
    telegram: Telegram, bot: Bot, group: Group, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(telegram, bot)
    anna = agreed(telegram, "Anna")
    anna.writes("/buy")
    anna.taps("10 credits")
    bot.rows("UPDATE orders SET next_at = ?", int(time.time()) + 60)
    before = time.time
    queue = bot.running.application.job_queue
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: before() + days * 86_400)
        for job in queue.jobs():  # as they stand after the jump, by its scheduler's own clock
            job.job.modify(next_run_time=dtm.datetime.now(dtm.UTC) - dtm.timedelta(days=days))
        for _ in range(3):
            looks(telegram, bot)
            telegram.passes(15)
        due = [(job.next_t - dtm.datetime.now(dtm.UTC)).total_seconds() for job in queue.jobs()]
        assert len(due) == 9
        assert max(due) < 60
        assert min(due) > -60
        assert bot.rows("SELECT DISTINCT next_at FROM orders") == [(0,)]
        way = "back" if days < 0 else "forward"
        assert told(group, "clock-jumped", way=way, minutes=24 * 60) == 1


def looks(telegram: Telegram, bot: Bot) -> None:
    telegram.run(bot.lives[-1].does(lifecycle._look(bot.running)))
    telegram.run(bot.lives[-1].does(bot.running.alarm.ring()))
