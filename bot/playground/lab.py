"""The photo lab: its chat, and the secret key for the bot's packages, which stays in this process."""

import asyncio
import base64

from aiohttp import web
from pyrage import x25519

from bot.cli.lab import NotOpened, Package, open_package
from bot.playground import actions
from bot.playground.files import Files
from bot.playground.world import World
from bot.sealing import new_key


class Lab:
    """The lab with its employee Lena. Each start of the playground makes a new secret key."""

    def __init__(self, world: World) -> None:
        self.person: int = actions.new_person(world, "Lena", "en", last_name="at the lab")["id"]
        self.chat = actions.new_group(world, "Print lab", [self.person]).id
        self._files = world.files
        secret, self.public_key = new_key()
        self._identity = x25519.Identity.from_str(secret)

    async def open(self, request: web.Request) -> web.Response:
        """Open a package as `bot lab open` does, in memory: {"order", "address" lines, "print" a JPEG in base64}."""
        file_id = (await request.json())["file"]
        try:
            package = await asyncio.to_thread(opened, self._files, file_id, self._identity)
        except NotOpened as error:
            return web.json_response({"error": f"The lab cannot open it: {error}."}, status=409)
        shown = {
            "order": package.order,
            "address": package.address,
            "print": base64.b64encode(package.picture).decode(),
        }
        return web.json_response(shown, headers={"Cache-Control": "no-store"})


def opened(files: Files, file_id: str, identity: x25519.Identity) -> Package:
    stored = files.get(file_id)
    if stored is None:
        raise NotOpened("there is no such file")
    return open_package(stored.path.read_bytes(), identity)
