"""What every test may ask for: the local Bot API, a small Telegram of its own on it, and the real bot in one."""

from collections.abc import Iterator

import pytest

from tests.harness.darkroom import Darkroom, running
from tests.harness.people import HTTP, Person, Telegram, start_server

pytest_plugins = ["tests.harness.bench"]

# Files go to whichever worker is free, in this order: the longest first, so that none is left alone at the end.
_LONG = (
    "test_measured_promises",
    "test_sandbox",
    "test_page",
    "test_support",
    "test_enhance",
    "test_cli",
    "test_playground_supervisor",
    "test_cutout",
    "test_cutout_chat",
    "test_updates",
    "test_albums",
    "test_histories",
    "test_refunds",
    "test_stars_reconciliation",
    "test_kills",
    "test_queue",
)
_TURN = {name: turn for turn, name in enumerate(_LONG)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _TURN.get(item.path.stem, len(_LONG)))


@pytest.fixture(scope="session")
def bot_api() -> Iterator[str]:
    """The local Bot API's address. With BOT_API_SPEC, nothing that passed it may differ from the description."""
    with start_server() as url:
        yield url
        assert HTTP.get(f"{url}/control/violations").json() == []


@pytest.fixture
def telegram(bot_api: str) -> Iterator[Telegram]:
    with Telegram(bot_api) as telegram:
        yield telegram
        assert telegram.violations() == []


@pytest.fixture(scope="module")
def darkroom(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    """The running bot, one for all tests of a file; each test brings its own people."""
    with Telegram(bot_api) as telegram, running(telegram, tmp_path_factory.mktemp("bot")) as bot:
        yield bot
        assert telegram.violations() == []


@pytest.fixture
def anna(darkroom: Darkroom) -> Iterator[Person]:
    """Somebody who has agreed already."""
    anna = agreed(darkroom.telegram, "Anna")
    yield anna
    darkroom.telegram.mend()


def agreed(telegram: Telegram, name: str, language: str = "en") -> Person:
    person = telegram.person(name, language=language)
    person.writes("/start")
    person.taps({"en": "I agree", "de": "Einverstanden"}[language])
    person.sees({"en": "Thank you", "de": "Danke"}[language])
    return person
