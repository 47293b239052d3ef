"""What is measured on the running bot, each with a control that must fail, so that a blind test cannot pass.

Figures 1, 3, 4, 12, 15 and 18; the others are measured where the thing they are about is tested.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests import residue
from tests.conftest import agreed
from tests.darkroom import ROOT, Darkroom, children, command_line, running
from tests.people import Message, Person, Telegram
from tests.pictures.photos import encoded

_PATIENCE = 30
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of the bot")
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


class Story:
    """Jobs one after another, each followed until the bot says how it ended."""

    def __init__(self, bot: Darkroom, person: Person) -> None:
        self.bot = bot
        self.person = person
        self.results: list[bytes] = []

    def sends(self, photo: bytes, name: str, tool: str = "Remove metadata", **more: Any) -> None:
        """A photo, a tap on a tool, and the end of the job."""
        ended = sum(self.ends().values())
        self.taps(self.person.sends_file(photo, name, **more), tool)
        self.waits(lambda: sum(self.ends().values()) > ended)

    def taps(self, sent: Message, tool: str) -> Message:
        """The tool, then its first setting where it has any."""
        menu = self.person.telegram.wait_for(lambda: self._menu(sent), _PATIENCE, "no menu comes", self.person.id)
        self.person.taps(tool, on=menu)
        if tool != "Remove metadata":
            self.person.telegram.wait_for(lambda: self._setting(menu), _PATIENCE, "no settings come", self.person.id)
            self.person.taps(self._setting(menu) or "", on=menu)
        return menu

    def _setting(self, menu: Message) -> str | None:
        buttons = self.person.buttons(menu)
        return buttons[0] if buttons and buttons[-1] == "Back" else None

    def takes_results(self) -> None:
        """Everything delivered so far."""
        count = self.ends()["delivered"] - len(self.results)
        self.results += [self.person.gets_document().bytes for _ in range(count)]

    def ends(self) -> dict[str, int]:
        """How many jobs ended how."""
        page = httpx.get(f"{self.bot.metrics}/metrics").text
        rows = re.findall(r'^darkroom_jobs_total\{outcome="(\w+)",tool="\w+"\} ([\d.]+)', page, re.MULTILINE)
        counts: dict[str, int] = {}
        for outcome, count in rows:
            counts[outcome] = counts.get(outcome, 0) + int(float(count))
        return counts

    def waits(self, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not so():
            assert time.monotonic() < deadline, self.bot.log
            time.sleep(0.02)

    def _menu(self, sent: Message) -> Message | None:
        return next(
            (each for each in self.person.chat() if each.from_bot and each.reply_to and each.reply_to.id == sent.id),
            None,
        )


# Figure 1: what stays in memory


def _noise(seed: int) -> Image.Image:
    """A picture that no other memory holds by chance; 1.7 MB of pixels."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (700, 800, 3), np.uint8))


def _file(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, quality=95)
    return out.getvalue()


def _forty_jobs(story: Story) -> dict[str, residue.Windows]:
    """22 delivered, 18 refused, stopped or cut off; the secrets that passed through."""
    telegram = story.person.telegram
    jpeg, png = _file(_noise(1), "JPEG"), _file(_noise(2), "PNG")
    for _ in range(5):
        story.sends(jpeg, "secret.jpg")
        story.sends(png, "secret.png")
        story.sends(jpeg, "secret.jpg", "Enhance")
        story.sends(png, "secret.png", "Resize & convert")
    for _ in range(5):
        story.sends(jpeg[: len(jpeg) // 2], "broken.jpg", "Enhance")
        story.sends(png[:600_000] + png[-600_000:], "broken.png", "Enhance")
    telegram.fault("file", "cut")
    story.sends(jpeg, "again.jpg")
    telegram.fault("sendDocument", "drop")
    story.sends(jpeg, "again.jpg")
    for fault in ("cut", "drop"):
        telegram.fault("file", fault, count=9)
        story.sends(jpeg, "lost.jpg")
        telegram.mend()
    for _ in range(3):
        telegram.fault("sendDocument", "error", code=400, text="Bad Request: no")
        story.sends(png, "undelivered.png")
    for fault, method in (("slow", "file"), ("hang", "sendDocument"), ("slow", "file")):
        telegram.fault(method, fault, seconds=4)
        stopped = story.ends()["stopped"]
        menu = story.taps(story.person.sends_file(jpeg, "stopped.jpg"), "Remove metadata")
        time.sleep(0.5)  # so that the transfer is under way
        story.person.taps("Stop", on=menu)
        story.waits(lambda before=stopped: story.ends()["stopped"] > before)  # type: ignore[misc]
    telegram.mend()
    story.takes_results()
    secrets = {"jpeg": jpeg, "png": png, "pixels": _noise(1).tobytes(), "more pixels": _noise(2).tobytes()}
    secrets |= {f"result {number}": result for number, result in enumerate(dict.fromkeys(story.results))}
    return {name: residue.windows(secret) for name, secret in secrets.items()}


@needs_root
def test_nothing_of_a_photo_stays_in_memory(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path / "bot") as bot:
        story = Story(bot, agreed(telegram, "Anna"))
        secrets = _forty_jobs(story)
        assert story.ends() == {"delivered": 22, "refused": 10, "failed": 0, "stopped": 3, "undelivered": 5}
        found = {"bot": residue.found(bot.pid, secrets), "zygote": residue.found(bot.zygote(), secrets)}
        print(found)
        assert {name: sum(counts.values()) for name, counts in found.items()} == {"bot": 0, "zygote": 0}


@needs_root
def test_without_wiping_much_of_a_photo_stays_in_memory(telegram: Telegram, tmp_path: Path) -> None:
    """The control: the same bot on an allocator that keeps what was freed, as it does where nobody says otherwise."""
    wiping = "glibc.malloc.perturb=85:glibc.malloc.tcache_count=0"
    usual = f"{wiping}:glibc.malloc.perturb=0:glibc.malloc.tcache_count=7"  # the last word counts
    with running(telegram, tmp_path / "bot", GLIBC_TUNABLES=usual) as bot:
        story = Story(bot, agreed(telegram, "Anna"))
        jpeg = _file(_noise(1), "JPEG")
        for _ in range(5):
            story.sends(jpeg, "secret.jpg")
        kept = residue.found(bot.pid, {"jpeg": residue.windows(jpeg)})["jpeg"]
        print(f"without wiping: {kept} bytes")
        assert kept > 1000
