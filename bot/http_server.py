"""The small HTTP server: metrics and health for the operator, and the webhooks of Telegram and Stripe."""

import hmac
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from telegram import Bot
from telegram.error import TelegramError

from bot.botapi.client import read_update
from bot.botapi.updates import UpdateQueue
from bot.payments.errors import BadSignatureError, CardTroubleError
from bot.payments.stripe_reconciliation import StripeReconciliation
from bot.services import Services
from bot.settings import address

_log = logging.getLogger(__name__)

_LARGEST_BODY = 1 << 20  # bytes
_END_SECONDS = 2.0  # for requests that are under way when the bot ends; whoever asks tries again


async def serve_metrics(services: Services, lacking: Callable[[], list[str]]) -> web.AppRunner | None:
    """/metrics, /healthz (the process answers), /readyz (it can serve; else what of `lacking` it needs for that).

    A taken port is told, not fatal.
    """

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(services.ops.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def healthy(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(_: web.Request) -> web.Response:
        missing = lacking()
        text = f"not ready: {', '.join(missing)}\n" if missing else "ready\n"
        return web.Response(text=text, status=503 if missing else 200)

    app = _server(services)
    app.add_routes([web.get("/metrics", metrics), web.get("/healthz", healthy), web.get("/readyz", ready)])
    try:
        return await _listen(app, services.settings.metrics_listen, "metrics")
    except OSError:
        _log.warning("METRICS_LISTEN %s is taken: going on without metrics", services.settings.metrics_listen)
        return None


async def serve_webhooks(services: Services, bot: Bot, secret: str | None = None) -> web.AppRunner | None:
    """WEBHOOK_LISTEN: /telegram with a secret, /stripe where its own is set; nothing with neither. Raises OSError."""
    routes = [web.post("/telegram", _telegram(services.updates, bot, secret))] if secret else []
    if services.shop.stripe_reconciliation and services.settings.stripe_webhook_secret:
        routes.append(web.post("/stripe", _stripe(services.shop.stripe_reconciliation)))
    if not routes:
        return None
    app = _server(services, client_max_size=_LARGEST_BODY)
    app.add_routes(routes)
    return await _listen(app, services.settings.webhook_listen, "webhook")


def _telegram(updates: UpdateQueue, bot: Bot, secret: str) -> Handler:
    """Updates that carry the secret; 200 only after the update is in the inbox."""

    async def telegram(request: web.Request) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), secret.encode()):
            return web.Response(status=403)
        try:
            raw = await request.json()
        except ValueError:
            return web.Response(status=400)
        try:
            await updates.put(read_update(raw, bot))
        except TelegramError:
            return web.Response(status=503)  # Telegram keeps it and tries again
        return web.Response()

    return telegram


def _stripe(books: StripeReconciliation) -> Handler:
    """Events with Stripe's signature; 200 only after our books agree with them, 503 where that is for later."""

    async def stripe(request: web.Request) -> web.Response:
        signature = request.headers.get("Stripe-Signature", "")
        return web.Response(status=await hear_stripe(books, await request.read(), signature))

    return stripe


async def hear_stripe(books: StripeReconciliation, body: bytes, signature: str) -> int:
    """The status that Stripe gets."""
    try:
        await books.hear(body, signature)
    except BadSignatureError:
        return 400
    except CardTroubleError:
        return 503
    return 200


def _server(services: Services, **about: Any) -> web.Application:
    """An application whose unexpected errors are noted; whoever asked hears only that there was one."""

    @web.middleware
    async def noting(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            await services.ops.error_reports.note(error)
            return web.Response(status=500)

    return web.Application(middlewares=[noting], **about)


async def _listen(app: web.Application, listen: str, what: str) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_END_SECONDS)
    await runner.setup()
    host, port = address(listen)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    _log.info("%s at %s", what, ", ".join(f"{name[0]}:{name[1]}" for name in runner.addresses))
    return runner
