"""The leak test: sends a photo through the bot, then searches the memory of its processes for the photo's bytes.

The photo is fresh noise, so none of it is in memory by chance. The same search must find the photo in the control, a
process that holds it; else the test would prove nothing.
"""

import asyncio
import io
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from bot.playground import actions, memory_scan
from bot.playground.actions import ImpossibleError
from bot.playground.files import Upload
from bot.playground.process import BotProcess, spawn
from bot.playground.world import Json, Post, World

_SIZE = (640, 480)
_PATIENCE = 40  # seconds until the bot's next message
_YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")

_DOWN = "The bot is down. Start it, then search again."

T = TypeVar("T")


class NotMeasured(Exception):
    """There is no result. The message says why and what to do."""


async def run_leak_test(world: World, bot: BotProcess) -> Json:
    """Send a photo through Enhance and Remove metadata, then count its bytes in bot, zygote and control."""
    begun, pid = time.monotonic(), bot.pid
    photo = _noise()
    try:
        results = await _Visitor(world, bot).run_tools(photo)
        await bot.wait_until_idle()
        zygotes = bot.zygotes
        if not pid or not zygotes:
            raise NotMeasured(_DOWN)
        async with _control_process(photo) as control:
            processes = {"bot": [pid], "zygote": zygotes, "control": [control]}
            counts = await asyncio.to_thread(_count, (photo, *memory_scan.decoded_pixels(photo), *results), processes)
        if bot.pid != pid:
            raise NotMeasured(_DOWN)
    except NotMeasured as why:
        return {"ok": False, "why": str(why)}
    return {"ok": True, "photo_bytes": len(photo), **counts, "seconds": round(time.monotonic() - begun, 1)}


def _noise() -> bytes:
    pixels = np.random.default_rng().integers(0, 256, (*_SIZE[::-1], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


def _count(secrets: tuple[bytes, ...], processes: dict[str, list[int]]) -> dict[str, int]:
    """Count the bytes of the secrets in each kind of process. Raises NotMeasured if the kernel forbids it."""
    wanted = {"secret": memory_scan.windows(*secrets)}
    try:
        counts = {
            name: sum(memory_scan.count_bytes(pid, wanted)["secret"] for pid in pids)
            for name, pids in processes.items()
        }
        return {"searched_bytes": sum(map(memory_scan.scanned_bytes, processes["bot"] + processes["zygote"])), **counts}
    except PermissionError:
        raise NotMeasured(_forbidden()) from None
    except OSError:
        raise NotMeasured("A process ended while its memory was read. Search again.") from None


def _forbidden() -> str:
    if _YAMA.exists() and _YAMA.read_text().strip() not in ("0", "1"):
        return "This kernel lets nobody read memory: set the sysctl kernel.yama.ptrace_scope to 1, then search again."
    return (
        "This system does not let the playground read its own bot's memory. Start it as root, outside of a container."
    )


@asynccontextmanager
async def _control_process(photo: bytes) -> AsyncIterator[int]:
    """Run a process that decodes the photo and keeps it. Yields its id."""
    process = await spawn("-m", "bot.playground.memory_scan", stdin=PIPE, stdout=PIPE)
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(photo)
        process.stdin.write_eof()
        await process.stdout.readline()
        yield process.pid
    finally:
        process.kill()
        await process.wait()


class _Visitor:
    """A simulated person with one photo who uses the bot in a chat."""

    def __init__(self, world: World, bot: BotProcess) -> None:
        self._world = world
        self._bot = bot
        self._id: int = actions.new_person(world, "Memory search", "en")["id"]
        self._chat = world.chat(self._id)

    async def run_tools(self, photo: bytes) -> list[bytes]:
        """Send the photo. Returns the enhanced photo and the cleaned photo."""
        self._send(actions.text_content("/start"))
        await self._press("I agree")
        upload = Upload(self._world.files.new_path(), "noise.jpg", "image/jpeg")
        upload.path.write_bytes(photo)
        self._send(await actions.file_content(self._world, upload))
        for label in ("Enhance", "Medium", "Another tool", "Remove metadata"):
            await self._press(label)
        return await self._wait_for(self._two_results)

    def _send(self, content: Json) -> None:
        actions.send(self._world, self._id, self._chat, content)

    async def _press(self, label: str) -> None:
        post, button = await self._wait_for(lambda: self._button(label))
        await actions.send_callback_query(self._world, self._id, post, button["callback_data"], seconds=0)

    def _button(self, label: str) -> tuple[Post, Json] | None:
        try:
            return actions.find_button(self._chat, None, label, "")
        except ImpossibleError:
            return None

    def _two_results(self) -> list[bytes] | None:
        documents = [
            post.content["document"] for post in self._chat.visible() if post.from_bot and "document" in post.content
        ]
        stored = [self._world.files.get(document["file_id"]) for document in documents]
        return [each.path.read_bytes() for each in stored if each] if len(stored) == 2 else None

    async def _wait_for(self, look: Callable[[], T | None]) -> T:
        """Wait until `look` returns something, and return it. Raises NotMeasured."""
        deadline = time.monotonic() + _PATIENCE
        while (found := look()) is None:
            if not self._bot.pid:
                raise NotMeasured(_DOWN)
            if time.monotonic() > deadline:
                raise NotMeasured("The bot does not answer in the chat. Mend what you broke, then search again.")
            await self._world.wait_for_change(self._world.version, 0.5)
        return found
