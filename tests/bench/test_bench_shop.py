"""Money's pace: the ledger beside the bare database and Telegram's limit, and half an hour's rush in a minute."""

import asyncio
import sqlite3
import time
from pathlib import Path
from statistics import quantiles

import aiohttp
import pytest

from bot.domain.prices import PACKS
from bot.domain.values import STARS, Order, OrderState, Product
from storage.db import Database
from storage.ledger import Ledger
from storage.orders import Orders
from tests.harness.bench import row
from tests.harness.darkroom import Darkroom
from tests.harness.people import Telegram

pytestmark = pytest.mark.bench

_MESSAGES_A_SECOND = 30  # what Telegram allows a bot, and so the most payments it can answer
_TRANSACTIONS = 600
_SECONDS = 60


async def test_the_ledger_beside_the_bare_database(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    assert await db.read(lambda connection: connection.execute("PRAGMA synchronous").fetchone()) == (2,)
    ours = await ledger_rate(db)
    await db.close()
    bare = bare_rate(tmp_path / "bare.db")
    told = f"{ours:.0f} transactions a second; bare sqlite3, unencrypted, same thread: {bare:.0f}"
    row("12 ledger, transactions a second / Telegram's 30", ours / _MESSAGES_A_SECOND, 10, told, at_least=True)


async def ledger_rate(db: Database) -> float:
    """Hold, settle, and the balance that the hold looks at: the transactions of a job."""
    ledger = Ledger(db, free_credits=1000)
    begun = time.perf_counter()
    for job in range(_TRANSACTIONS // 2):
        await ledger.hold(1, job, 1)
        await ledger.settle(job)
    rate = _TRANSACTIONS / (time.perf_counter() - begun)
    assert await ledger.balance(1) == 1000 - _TRANSACTIONS // 2
    return rate


def bare_rate(path: Path) -> float:
    """An insert and a sum a transaction, as durable."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE ledger (id INTEGER PRIMARY KEY, account INTEGER, credits INTEGER);"
        "CREATE INDEX of_account ON ledger (account);"
    )
    begun = time.perf_counter()
    for _ in range(_TRANSACTIONS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT sum(credits) FROM ledger WHERE account = 1").fetchone()
        connection.execute("INSERT INTO ledger (account, credits) VALUES (1, -1)")
        connection.execute("COMMIT")
    rate = _TRANSACTIONS / (time.perf_counter() - begun)
    connection.close()
    return rate


async def test_thirty_payments_a_second_for_a_minute(bot_api: str, tmp_path: Path) -> None:
    with Telegram(bot_api) as telegram:
        bot = Darkroom(telegram, tmp_path / "bot", FREE_CREDITS="0")
        orders = await open_orders(telegram, bot, _MESSAGES_A_SECOND * _SECONDS)
        bot.start()
        try:
            paid = await pay_all(telegram, orders)
            await asyncio.to_thread(wait_until_counted, telegram, len(orders))
        finally:
            assert bot.stop() == 0
    seconds = [each["seconds"] for each in paid]
    late = sum(each["status"] != "paid" for each in paid)
    centiles = quantiles(seconds, n=100)
    told = f"of {len(paid)}; half in {centiles[49]:.2f} s, 99 % in {centiles[98]:.2f} s, all in {max(seconds):.2f} s"
    row("12 payments at 30 a second for a minute, late", late, 0, told)
    db = await Database.open(bot.folder / "darkroom.db", bot.folder / "key" / "database.key")
    ends = await asyncio.gather(*(Orders(db).find(order.id) for order, _ in orders))
    credits = await asyncio.gather(*(Ledger(db, 0).balance(order.user_id) for order, _ in orders))
    await db.close()
    assert all(order and order.state is OrderState.DELIVERED for order in ends)
    assert set(credits) == {10}


async def open_orders(telegram: Telegram, bot: Darkroom, count: int) -> list[tuple[Order, str]]:
    """So many people, each with an order and the link of its invoice."""
    people = [telegram.person(f"P{number}").id for number in range(count)]
    db = await Database.open(bot.folder / "darkroom.db", bot.folder / "key" / "database.key")
    stars = PACKS[10].stars
    found = [await Orders(db).open(person, Product.CREDITS, 10, stars, STARS, "en", 1) for person in people]
    await db.close()
    url = f"{telegram.url}/bot{telegram.token}/createInvoiceLink"
    links = []
    async with aiohttp.ClientSession() as session:
        for order in found:
            goods = {"title": "10", "description": "10", "payload": order.id, "currency": STARS}
            goods["prices"] = [{"label": "10", "amount": order.amount}]
            async with session.post(url, json=goods) as answer:
                links.append((await answer.json())["result"])
    return list(zip(found, links, strict=True))


async def pay_all(telegram: Telegram, orders: list[tuple[Order, str]]) -> list[dict[str, object]]:
    """Thirty begin each second, evenly, whether the earlier ones are done or not."""

    async def pay(session: aiohttp.ClientSession, order: Order, link: str) -> dict[str, object]:
        begun = time.perf_counter()
        about = {"person": order.user_id, "link": link, "times": 1}
        async with session.post(f"{telegram.url}/control/{telegram.token}/pay", json=about) as answer:
            (payment,) = await answer.json()
        return payment | {"seconds": time.perf_counter() - begun}

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        begun, tasks = time.perf_counter(), []
        for number, (order, link) in enumerate(orders):
            await asyncio.sleep(max(0, begun + number / _MESSAGES_A_SECOND - time.perf_counter()))
            tasks.append(asyncio.create_task(pay(session, order, link)))
        return await asyncio.gather(*tasks)


def wait_until_counted(telegram: Telegram, count: int) -> None:
    """Everybody is thanked, which comes after the credits."""

    def look() -> bool | None:
        return len(telegram.requests("sendMessage")) >= count or None

    telegram.wait_for(look, 120, "not everybody is thanked", 0)
