"""What every test may ask for: the local Bot API, and a small Telegram of its own on it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.people import Telegram, start_server


@pytest.fixture(scope="session")
def bot_api() -> Iterator[str]:
    """The local Bot API's address. With BOT_API_SPEC, nothing that passed it may differ from the description."""
    with start_server() as url:
        yield url
        assert httpx.get(f"{url}/control/violations").json() == []


@pytest.fixture
def telegram(bot_api: str) -> Iterator[Telegram]:
    with Telegram(bot_api) as telegram:
        yield telegram
        assert telegram.violations() == []
