"""Stripe without sockets: the library's own HTTP client, in whose place the playground's accounts answer."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from bot.playground.server import Silence
from bot.playground.stripe import Accounts
from bot.playground.stripe_api import answer

URL = "http://127.0.0.1:1/stripe"  # nobody is there


class Wire(stripe.HTTPClient):
    """Retries and their pauses are the library's own."""

    name = "wire"

    def __init__(self, accounts: Accounts) -> None:
        super().__init__()
        self._accounts = accounts

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        await asyncio.sleep(0)
        asked = urlsplit(url)
        path = asked.path.removeprefix("/stripe")
        params = dict(parse_qsl(asked.query, keep_blank_values=True)) | dict(parse_qsl(post_data or ""))
        try:
            status, given, body = answer(self._accounts, method, path, params, headers)
        except Silence:
            raise stripe.APIConnectionError("dropped", should_retry=True) from None
        return body, status, given

    def sleep_async(self, secs: float) -> Awaitable[None]:
        return asyncio.sleep(secs)

    async def close_async(self) -> None: ...
