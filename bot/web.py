"""The small HTTP doors: metrics and health for the operator, and the webhooks of Telegram and Stripe."""

import hmac
import logging
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from telegram.error import TelegramError

from bot.botapi.client import read_update
from bot.payments.gateways import BadSignatureError, CardTroubleError
from bot.settings import address

if TYPE_CHECKING:
    from bot.app import House
    from bot.payments.card_books import CardBooks

_log = logging.getLogger(__name__)

_LARGEST_BODY = 1 << 20  # bytes
_END_SECONDS = 2.0  # for requests that are under way when the bot ends; whoever asks tries again


async def serve_metrics(house: "House") -> web.AppRunner | None:
    """/metrics, /healthz (the process answers), /readyz (it can take photos). A taken port is told, not fatal."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(house.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def healthy(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text="ready\n") if house.ready else web.Response(text="not ready\n", status=503)

    app = _door(house)
    app.add_routes([web.get("/metrics", metrics), web.get("/healthz", healthy), web.get("/readyz", ready)])
    try:
        return await _listen(app, house.settings.metrics_listen, "metrics")
    except OSError:
        _log.warning("METRICS_LISTEN %s is taken: going on without metrics", house.settings.metrics_listen)
        return None


async def serve_doors(house: "House", secret: str | None = None) -> web.AppRunner | None:
    """WEBHOOK_LISTEN: /telegram with a secret, /stripe where its own is set; nothing with neither. Raises OSError."""
    doors = [web.post("/telegram", _telegram(house, secret))] if secret else []
    if house.card_books and house.settings.stripe_webhook_secret:
        doors.append(web.post("/stripe", _stripe(house.card_books)))
    if not doors:
        return None
    app = _door(house, client_max_size=_LARGEST_BODY)
    app.add_routes(doors)
    return await _listen(app, house.settings.webhook_listen, "webhook")


def _telegram(house: "House", secret: str) -> Handler:
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
            await house.application.update_queue.put(read_update(raw, house.application.bot))
        except TelegramError:
            return web.Response(status=503)  # Telegram keeps it and tries again
        return web.Response()

    return telegram


def _stripe(books: "CardBooks") -> Handler:
    """Events with Stripe's signature; 200 only after our books agree with them, 503 where that is for later."""

    async def stripe(request: web.Request) -> web.Response:
        signature = request.headers.get("Stripe-Signature", "")
        return web.Response(status=await hear_stripe(books, await request.read(), signature))

    return stripe


async def hear_stripe(books: "CardBooks", body: bytes, signature: str) -> int:
    """The status that Stripe gets."""
    try:
        await books.hear(body, signature)
    except BadSignatureError:
        return 400
    except CardTroubleError:
        return 503
    return 200


def _door(house: "House", **about: Any) -> web.Application:
    """An application whose unexpected errors are noted; whoever asked hears only that there was one."""

    @web.middleware
    async def noting(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            await house.incidents.note(error)
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
