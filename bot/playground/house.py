"""/house: the real bot behind the page, to be killed, stopped, started and searched; its mail; photos to try it with.

Exists only where the server was started with its bot (`python -m bot playground`).
"""

import asyncio
import os

from aiohttp import web

from bot.playground import acts, samples
from bot.playground.mail import Mail
from bot.playground.process import BotProcess, CannotStart
from bot.playground.search import search
from bot.playground.server import Playground

TOKEN = "1000000001:playground-needs-no-secret-token-x"  # noqa: S105  (no secret: it opens nothing but the playground)


class House:
    """The bot and what it needs around it: an operators' group, a mail server, somebody to write to it."""

    def __init__(self, playground: Playground) -> None:
        self._world = playground.world(TOKEN)
        people = [acts.new_person(self._world, name, "en")["id"] for name in ("Anna", "Olga")]
        operators = acts.new_group(self._world, "Operators", people[1:], forum=True)
        self._about = {"token": TOKEN, "operators": operators.id, "people": people}
        self._folder = playground.folder / "bot"
        self._environment: dict[str, str] = {}
        self._bot = BotProcess()
        self._mail = Mail()
        self._searching = asyncio.Lock()

    async def open(self, url: str) -> None:
        """Start the bot against the server at `url`. Raises CannotStart."""
        self._environment = {
            **os.environ,
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": url,
            "BOT_MODE": "polling",
            "DATABASE_PATH": str(self._folder / "darkroom.db"),
            "DATABASE_KEY_FILE": str(self._folder / "key" / "database.key"),
            "OPERATORS_CHAT_ID": str(self._about["operators"]),
            "SELLER_NAME": "Darkroom's playground",
            "SELLER_CONTACT": "this page",
            "SMTP_URL": await self._mail.open(),
            "MAIL_FROM": "darkroom@example.org",
            "FREE_CREDITS": "3",  # a search spends one
        }
        await self._bot.start(self._environment)

    async def close(self) -> None:
        """Without a farewell: nothing of it is kept."""
        await self._bot.kill()
        self._mail.close()

    async def look(self, _: web.Request) -> web.Response:
        return web.json_response(self._about | await self._bot.look())

    async def kill(self, request: web.Request) -> web.Response:
        await self._bot.kill()
        return await self.look(request)

    async def stop(self, _: web.Request) -> web.Response:
        return web.json_response(await self._bot.stop())

    async def start(self, request: web.Request) -> web.Response:
        try:
            await self._bot.start(self._environment)
        except CannotStart as error:
            return web.json_response({"error": str(error)}, status=409)
        return await self.look(request)

    async def search(self, _: web.Request) -> web.Response:
        async with self._searching:
            return web.json_response(await search(self._world, self._bot))

    async def mail(self, _: web.Request) -> web.Response:
        return web.json_response(list(self._mail.caught))

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/house", self.look)
        app.router.add_get("/house/mail", self.mail)
        for act in (self.kill, self.stop, self.start, self.search):
            app.router.add_post(f"/house/{act.__name__}", act)
        samples.add_routes(app)
