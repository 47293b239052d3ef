"""If the README says it, a test checks it: length, commands, links, settings, and the table of what is kept."""

import re
from pathlib import Path

import pytest

from storage.db import Database

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_it_is_short() -> None:
    assert len(README.split()) < 900


def test_its_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for target in ("setup", "run", "test", "bench", "prove", "picture"):  # the contract's
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for part in re.findall(r"make test T=(\S+)", README):
        assert (ROOT / part).exists(), part


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_its_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists(), link


def test_its_settings_exist() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    for name in re.findall(r"`([A-Z][A-Z_]{5,})`", README):
        assert f"\n{name}=" in example, name


def test_its_labels_are_the_buttons() -> None:
    texts = (ROOT / "bot" / "locales" / "en.ftl").read_text("utf-8")
    for label in (
        "I agree",
        "Remove metadata",
        "Resize & convert",
        "Enhance",
        "Cut out",
        "Pay for this photo",
        "Post me prints",
        "Wipe this chat",
    ):
        assert f'"{label}"' in README
        assert f"= {label}\n" in texts


async def test_every_table_of_the_database_is_in_what_is_kept(tmp_path: Path) -> None:
    """And no other: a new table without a row here fails."""
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    tables = await db.run(lambda connection: [row[0] for row in connection.execute(sql).fetchall()])
    await db.close()
    rows = {
        "people": "that you agreed",
        "inbox": "an update from Telegram",
        "messages": "numbers of messages",
        **dict.fromkeys(("accounts", "ledger", "holds"), "what you bought, paid and got back, your credits"),
        "orders": "where a paid order's photo is",
        **dict.fromkeys(("shipments", "parcel_steps"), "where prints go"),
        **dict.fromkeys(("drafts", "draft_messages", "tickets", "ticket_messages"), "what you write to `/support`"),
        "album_photos": "where an album's photos are",
        **dict.fromkeys(("wishes", "questions"), "what you were asked last"),
        **dict.fromkeys(("addresses", "confirmations", "codes_sent", "outbox"), "your e-mail address"),
        "canned": "what you write to `/support`, and the answers",
        **dict.fromkeys(("bans", "forgotten", "operator_actions"), "who is banned"),
        "refund_paths": "what you bought, paid and got back, your credits",
        "old_topics": "what you write to `/support`",
        "job_runs": "numbers about the service",
        "counters": "counts per day",
        "errors": "what went wrong",
        **dict.fromkeys(("facts", "pause"), "numbers about the service"),
        "stripe_events": "numbers about the service",
    }
    assert sorted(rows) == tables
    for row in rows.values():
        assert f"\n| {row}" in README


def test_the_licence_is_there() -> None:
    assert "MIT License" in (ROOT / "LICENSE").read_text("utf-8")
