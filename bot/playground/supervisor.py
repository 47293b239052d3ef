"""The supervisor at /house: kills, stops, starts and tests the real bot; serves its mail, its lab and the samples.

It exists only if the server was started together with the bot (`python -m bot playground`).
"""

import asyncio
import os
import secrets

from aiohttp import web

from bot.playground import actions, samples
from bot.playground.environment import clean
from bot.playground.lab import Lab
from bot.playground.leak_test import run_leak_test
from bot.playground.mail import Mail
from bot.playground.process import BotProcess, CannotStart, free_port
from bot.playground.server import Playground

STRIPE_ACCOUNT = "playground"  # at Stripe, as `stripe` imitates it


class Supervisor:
    """Runs the bot and its surroundings: operators, a lab, a mail server, a Stripe account, a person who writes."""

    def __init__(self, playground: Playground) -> None:
        self._webhooks = f"127.0.0.1:{(port := free_port())}"
        playground.bot_ports = {port}
        self._token = f"1000000001:{secrets.token_urlsafe(26)}"
        self._world = playground.world(self._token)
        people = [actions.new_person(self._world, name, "en")["id"] for name in ("Anna", "Olga")]
        operators = actions.new_group(self._world, "Operators", people[1:], forum=True)
        self._lab = Lab(self._world)
        people.append(self._lab.person)
        self._description = {"token": self._token, "operators": operators.id, "people": people, "lab": self._lab.chat}
        self._description["account"] = STRIPE_ACCOUNT
        self._folder = playground.folder / "bot"
        self._environment: dict[str, str] = {}
        self._bot = BotProcess()
        self._mail = Mail()
        self._searching = asyncio.Lock()

    async def start_bot(self, url: str) -> None:
        """Start the bot against the server at `url`. Raises CannotStart."""
        self._environment = {
            **clean(os.environ),
            "BOT_TOKEN": self._token,
            "BOT_API_URL": url,
            "BOT_MODE": "polling",
            "DATABASE_PATH": str(self._folder / "darkroom.db"),
            "DATABASE_KEY_FILE": str(self._folder / "key" / "database.key"),
            "OPERATORS_CHAT_ID": str(self._description["operators"]),
            "SELLER_NAME": "Darkroom's playground",
            "SELLER_CONTACT": "this page",
            "SMTP_URL": await self._mail.open(),
            "MAIL_FROM": "darkroom@example.org",
            "FREE_CREDITS": "3",  # a leak test spends one
            "PRINT_LAB_CHAT_ID": str(self._lab.chat),
            "PRINT_LAB_PUBLIC_KEY": self._lab.public_key,
            **self._card_payments(url),
        }
        await self._bot.start(self._environment)

    def _card_payments(self, url: str) -> dict[str, str]:
        """Settings for the Stripe account at the server at `url`, whose webhook leads to the bot."""
        endpoint = self._world.stripe[STRIPE_ACCOUNT].endpoint
        endpoint.url, endpoint.secret = f"http://{self._webhooks}/stripe", f"whsec_{secrets.token_hex(16)}"
        return {
            "STRIPE_PROVIDER_TOKEN": f"1000000002:TEST:{STRIPE_ACCOUNT}",
            "STRIPE_API_KEY": f"sk_test_{STRIPE_ACCOUNT}",
            "STRIPE_API_URL": f"{url}/stripe",
            "STRIPE_WEBHOOK_SECRET": endpoint.secret,
            "WEBHOOK_LISTEN": self._webhooks,
        }

    async def close(self) -> None:
        """Kill the bot: nothing of it is kept."""
        await self._bot.kill()
        self._mail.close()

    async def read_status(self, _: web.Request) -> web.Response:
        return web.json_response(self._description | await self._bot.read_status())

    async def kill(self, request: web.Request) -> web.Response:
        await self._bot.kill()
        return await self.read_status(request)

    async def stop(self, _: web.Request) -> web.Response:
        return web.json_response(await self._bot.stop())

    async def start(self, request: web.Request) -> web.Response:
        try:
            await self._bot.start(self._environment)
        except CannotStart as error:
            return web.json_response({"error": str(error)}, status=409)
        return await self.read_status(request)

    async def search(self, _: web.Request) -> web.Response:
        async with self._searching:
            return web.json_response(await run_leak_test(self._world, self._bot))

    async def mail(self, _: web.Request) -> web.Response:
        return web.json_response(list(self._mail.caught))

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/house", self.read_status)
        app.router.add_get("/house/mail", self.mail)
        for action in (self.kill, self.stop, self.start, self.search):
            app.router.add_post(f"/house/{action.__name__}", action)
        app.router.add_post("/house/lab/open", self._lab.open)
        samples.add_routes(app)
