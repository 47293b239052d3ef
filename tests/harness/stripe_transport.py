"""A transport for Stripe's library without sockets: the playground's accounts answer its requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from bot.playground.server import NoAnswer
from bot.playground.stripe import Accounts
from bot.playground.stripe_api import answer

URL = "http://127.0.0.1:1/stripe"  # nobody is there


class StripeTransport(stripe.HTTPClient):
    """The library retries as usual, but without pauses. `before` is called with each request's method and path."""

    name = "transport"

    def __init__(self, accounts: Accounts) -> None:
        super().__init__()
        self.before: Callable[[str], object] = lambda call: None
        self.slow: dict[str, float] = {}  # seconds that the next answer to such a request takes on its way
        self.headers: list[Mapping[str, str]] = []
        self._accounts = accounts

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        await asyncio.sleep(0)
        asked = urlsplit(url)
        path = asked.path.removeprefix("/stripe")
        params = dict(parse_qsl(asked.query)) | dict(parse_qsl(post_data or ""))
        self.headers.append(headers)
        self.before(f"{method.upper()} {path}")
        try:
            status, given, body = answer(self._accounts, method, path, params, headers)
        except NoAnswer:
            raise stripe.APIConnectionError("dropped", should_retry=True) from None
        await asyncio.sleep(self.slow.pop(f"{method.upper()} {path}", 0))
        return body, status, given

    def sleep_async(self, secs: float) -> Awaitable[None]:
        return asyncio.sleep(0)

    async def close_async(self) -> None: ...
