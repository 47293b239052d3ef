"""Every word a person reads: in every language, with the same holes to fill, and for everything that can happen."""

import ast
import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk, Message, VariableReference
from fluent.syntax.visitor import Visitor

from bot.botapi import contact
from bot.domain.errors import Reason
from bot.domain.values import Stage
from bot.ops.metrics import PARTS
from bot.texts import choose, languages, translator
from bot.tools.shelf import SHELF

ROOT = Path(__file__).resolve().parents[2]
LONGEST = {"promise": 4096, "privacy": 4096, "help": 4096, "terms-1": 4096, "terms-2": 4096}
ALERTS = {
    "tap-too-old",
    "tap-not-yours",
    "not-checked",
    "photo-gone",
    "draft-gone",
    "banned",
}  # 200, https://core.telegram.org/bots/api#answercallbackquery


class _Holes(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802  (the visitor's spelling)
        self.names.add(node.id.name)


def texts(language: str) -> dict[str, set[str]]:
    """Key -> names of its holes."""
    source = (ROOT / "bot" / "locales" / f"{language}.ftl").read_text("utf-8")
    found: dict[str, set[str]] = {}
    for entry in FluentParser().parse(source).body:
        assert not isinstance(entry, Junk), entry.content
        if isinstance(entry, Message):
            assert entry.id.name not in found, f"{language}: {entry.id.name} twice"
            holes = _Holes()
            holes.visit(entry)
            found[entry.id.name] = holes.names
    return found


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_text_with_the_same_holes(language: str) -> None:
    assert texts(language) == texts("en")


@pytest.mark.parametrize("language", languages())
def test_everything_that_can_happen_has_a_sentence(language: str) -> None:
    there = set(texts(language))
    assert {f"error-{reason.key}" for reason in Reason} <= there
    assert {f"trouble-telegram-{why}" for why in contact.REASONS} <= there
    assert {f"trouble-{part}" for part in PARTS if part != "telegram"} <= there
    assert {f"stage-{stage.name.lower()}" for stage in Stage} <= there
    for slug, tool in SHELF.items():
        assert {f"tool-{slug}", f"done-{slug}"} <= there
        assert {preset.label for row in tool.presets for preset in row} <= there
        assert not tool.presets or f"choose-{slug}" in there
        assert not tool.hints or f"preview-{slug}" in there


@pytest.mark.parametrize("language", languages())
def test_help_names_every_tool(language: str) -> None:
    translate = translator(language)
    assert all(f"• {translate(f'tool-{slug}')}: " in translate("help") for slug in SHELF)


def test_every_key_that_the_code_names_exists_and_none_is_idle() -> None:
    """A key in the code that no text has would be a traceback; a text that nothing names is clutter."""
    code = "\n".join(
        file.read_text("utf-8") for name in ("bot", "handlers", "storage") for file in (ROOT / name).rglob("*.py")
    )
    there = texts("en")
    strings = {
        node.value
        for name in ("bot", "handlers", "storage")
        for file in (ROOT / name).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for key in re.findall(r'(?<!`)translate\("([a-z-]+)"', code):
        assert key in there or key in languages(), key
    made = (
        "operators-command-",
        "wish-",
        "preset-",
        "error-",
        "stage-",
        "tool-",
        "done-",
        "choose-",
        "report-",
        "refuse-",
        "command-",
    )
    made += ("checkout-", "order-", "stray-", "reason-", "subject-", "draft-", "was-", "preview-")
    made += ("mail-", "email-code-", "zone-", "paper-", "prints-", "lab-", "operators-dispute-", "terms-")
    made += ("operators-command-", "wish-", "trouble-", "group-")
    idle = {key for key in there if key not in strings and not key.startswith(made)}
    assert not idle
    for key in there:
        if key.startswith(("error-", "report-")):
            rest = key.split("-", 1)[1]
            assert key in strings or rest in strings or rest in {reason.key for reason in Reason}, f"nothing says {key}"


@pytest.mark.parametrize("language", languages())
def test_texts_fit_where_they_go(language: str) -> None:
    holes = texts(language)
    for key, names in holes.items():
        text = translator(language)(key, **dict.fromkeys(names, 12345))
        longest = 200 if key in ALERTS or key.startswith("checkout-") else LONGEST.get(key, 1000)
        assert 0 < len(text) <= longest, key
        assert "{" not in text, key
        if key.startswith("tool-"):
            assert len(text) <= 30
            assert len(translator(language)("invoice-photo-title", tool=text)) <= 32  # an invoice's title
        if key.startswith("invoice-"):
            assert len(text) <= 255  # an invoice's description


def test_a_language_is_chosen() -> None:
    assert choose(None, "de-AT") == "de"
    assert choose("en", "de") == "en"
    assert choose(None, "tlh") == "en"
    assert choose(None, None) == "en"
    assert translator("de")("agree") != translator("en")("agree")


def test_numbers_are_plain() -> None:
    assert "2048 × 1536" in translator("en")("done-resize", format="JPEG", width=2048, height=1536, kilobytes=1234)
    assert "1234 KB" in translator("en")("done-resize", format="JPEG", width=2048, height=1536, kilobytes=1234)
