"""What is in somebody's chat, database, settings or dashboard already, and therefore stays while the code moves.

`python -m tests.unit.test_guards` writes `tests/guards/interface.json` anew: after something was added on purpose.
"""

import ast
import dataclasses
import hashlib
import json
import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import sqlcipher3
from fluent.syntax import ast as fluent
from fluent.syntax import parse

from bot import scheduler
from bot.botapi.own_chats import OwnChat
from bot.domain.errors import Reason
from bot.domain.values import OrderState, Product, Stage
from bot.ops.metrics import Metrics
from bot.settings import Settings
from bot.tools.shelf import ALL_TOOLS
from handlers import callbacks as taps
from handlers import routes
from storage import data_subject_rights
from storage.counters import COUNTED
from storage.db import Database, connect, migrations
from storage.keys import read_or_make_key
from storage.ledger import Ledger
from storage.orders import Orders
from storage.people import People
from storage.questions import Questions
from storage.tickets import Tickets

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parents[1] / "guards"
INTERFACE = HERE / "interface.json"
ANNA = 1002  # of whom `database.sql` holds something in every table; made on 2026-11-30 by the code of that day


def interface() -> dict[str, Any]:
    """All names that somebody outside the code relies on."""
    kinds = sorted(taps.CallbackData.__subclasses__(), key=lambda kind: kind.word)
    return {
        "callbacks": {kind.word: len(dataclasses.fields(kind)) for kind in kinds},
        "commands": sorted(_commands()),
        "settings": sorted(Settings.model_fields),
        "scheduler jobs": sorted(job.name for job in scheduler.plan(MagicMock(), MagicMock(), MagicMock())),
        "metrics": sorted(family.name for family in Metrics().registry.collect()),
        "counters": {name: sorted(values) for name, values in sorted(COUNTED.items())},
        "tools": {slug: tool.version for slug, tool in ALL_TOOLS.items()},
        "reasons": {reason.name: reason.value for reason in Reason},
        "states": [*OrderState, *Product, *(stage.name for stage in Stage)],
        "migrations": {path.name: _digest(path.read_text("utf-8")) for _, path in migrations()},
        "texts": _digest("\n".join(sorted(_texts()))),
        "tests": _tests(),
    }


def _commands() -> set[str]:
    """Of every chat."""
    found = set()
    for handlers in routes(OwnChat("", -1), OwnChat("", -2)).values():
        for handler in handlers:
            found |= set(getattr(handler, "commands", ()))
    return found


def _texts() -> set[str]:
    """The keys of the texts, which counters, errors and buttons' labels name."""
    resource = parse((ROOT / "bot" / "locales" / "en.ftl").read_text("utf-8"))
    return {entry.id.name for entry in resource.body if isinstance(entry, fluent.Message)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _tests() -> dict[str, int]:
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {
        "functions": sum(function.name.startswith("test_") for function in functions),
        "assertions": sum(isinstance(node, ast.Assert) for node in nodes),
    }


def test_what_others_rely_on_is_as_it_was() -> None:
    was, now = json.loads(INTERFACE.read_text("utf-8")), interface()
    tests_then, tests_now = was.pop("tests"), now.pop("tests")
    assert now == was
    assert all(tests_now[what] >= count for what, count in tests_then.items()), "a test or an assertion was lost"


async def test_a_database_of_earlier_code_is_opened_migrated_and_used(tmp_path: Path) -> None:
    path, key_file = tmp_path / "darkroom.db", tmp_path / "database.key"
    old = connect(path, read_or_make_key(key_file))
    old.execute("PRAGMA foreign_keys = OFF")
    old.executescript((HERE / "database.sql").read_text("utf-8"))
    tables = {name for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    old.close()
    database = await Database.open(path, key_file)
    try:
        assert await database.read(lambda db: db.execute("PRAGMA user_version").fetchone()) == (migrations()[-1][0],)
        assert await database.read(lambda db: db.execute("PRAGMA foreign_key_check").fetchall()) == []
        now = await database.read(
            lambda db: db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        )
        assert tables <= {name for (name,) in now}
        await _used(database)
    finally:
        await database.close()


async def _used(database: Database) -> None:
    """By the same calls as the bot's, reading and writing."""
    assert (await People(database).find(ANNA)).language == "en"
    assert await Ledger(database, free_credits=3).balance(ANNA) == 13
    [order] = [each for each in await Orders(database).of(ANNA) if each.state is OrderState.DELIVERED]
    assert (order.credits, order.currency) == (10, "XTR")
    assert await Tickets(database).open_of(ANNA)
    assert await Questions(database).of(ANNA), "what she was asked is still open"


def test_the_database_of_earlier_code_holds_something_in_every_table_of_a_person() -> None:
    connection = sqlcipher3.connect(":memory:")
    connection.executescript((HERE / "database.sql").read_text("utf-8"))
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    empty = {
        name
        for name in tables & data_subject_rights.OF_A_PERSON.keys()
        if not connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
    }
    assert empty == set()


if __name__ == "__main__":
    INTERFACE.write_text(json.dumps(interface(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.exit(0)
