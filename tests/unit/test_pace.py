"""Telegram's pace: a wait is the matter of one chat, answers that expire are not held back, losses are tried again."""

import asyncio
from typing import Any

import pytest
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter

from bot.botapi import pace as pacing
from bot.botapi.pace import Pace


async def call(pace: Pace, effects: list[Any], endpoint: str = "sendMessage", chat: int = 1) -> Any:
    async def once() -> Any:
        effect = effects.pop(0)
        if isinstance(effect, Exception):
            raise effect
        return effect

    return await pace.process_request(once, (), {}, endpoint, {"chat_id": chat}, None)


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    noted: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        noted.append(seconds)
        await sleep(0)

    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # as the command line sets it
    monkeypatch.setattr(pacing.asyncio, "sleep", note)
    return noted


async def test_flood_control_pauses_its_own_chat_only(waited: list[float]) -> None:
    pace = Pace()
    assert await call(pace, [RetryAfter(7), "done"], chat=1) == "done"
    assert max(waited) > 6.9
    waited.clear()
    assert await call(pace, ["other"], chat=2) == "other"
    assert sum(waited) < 1


@pytest.mark.parametrize("endpoint", ["answerPreCheckoutQuery", "answerCallbackQuery", "getUpdates"])
async def test_answers_that_expire_go_straight_through(endpoint: str, waited: list[float]) -> None:
    pace = Pace()
    for _ in range(100):  # far above 30 a second
        await call(pace, ["done"], chat=1)
    waited.clear()
    assert await call(pace, ["now"], endpoint, chat=1) == "now"
    assert waited == []


async def test_no_more_than_30_messages_begin_in_a_second(waited: list[float]) -> None:
    pace = Pace()
    for chat in range(100):
        await call(pace, ["done"], "getFile", chat=chat)  # no message
    assert waited == []
    for chat in range(61):
        await call(pace, ["done"], chat=chat)
    assert 1.8 < max(waited) < 2.2


async def test_losses_are_tried_again_and_the_last_one_is_raised() -> None:
    assert await call(Pace(), [NetworkError("lost"), NetworkError("lost"), "done"]) == "done"
    with pytest.raises(NetworkError):
        await call(Pace(), [NetworkError("lost")] * 4)
    with pytest.raises(RetryAfter):
        await call(Pace(), [RetryAfter(1)] * 4)


async def test_a_refusal_is_not_tried_again() -> None:
    effects: list[Any] = [BadRequest("no"), "never asked"]
    with pytest.raises(BadRequest):
        await call(Pace(), effects)
    assert effects == ["never asked"]


async def test_a_wait_of_an_hour_is_not_waited_for() -> None:
    with pytest.raises(RetryAfter):
        await call(Pace(), [RetryAfter(3600), "never asked"])


async def test_a_group_that_has_moved_is_followed_and_what_is_new_goes_there() -> None:
    moves: list[tuple[int, int]] = []
    calls: list[Any] = []

    async def moved(old: int, new: int) -> None:
        moves.append((old, new))

    async def send(endpoint: str, data: Any) -> str:
        calls.append(dict(data))
        if data["chat_id"] == -7:
            raise ChatMigrated(-1007)
        return "done"

    async def asks(endpoint: str, **data: Any) -> Any:
        return await Pace(moved).process_request(send, (endpoint, data), {}, endpoint, data, 1)

    assert await asks("sendMessage", chat_id=-7, text="hello", reply_parameters={"message_id": 5}) == "done"
    assert calls[-1] == {"chat_id": -1007, "text": "hello"}
    with pytest.raises(ChatMigrated):  # message 5 is another one there
        await asks("editMessageText", chat_id=-7, message_id=5, text="hello")
    assert moves == [(-7, -1007)] * 2
