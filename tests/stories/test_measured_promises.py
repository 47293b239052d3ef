"""What is measured on the running bot, each with a control that must fail, so that a blind test cannot pass.

Figures 1, 3, 4, 12, 15 and 18; the others are measured where the thing they are about is tested.
"""

import asyncio
import io
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from bot.__main__ import _environment
from bot.playground import memory_scan
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Sandbox
from bot.tools.cutout import Settings
from bot.tools.shelf import SHELF
from tests.conftest import agreed
from tests.harness import bench
from tests.harness.darkroom import Darkroom, children, needs_root, running
from tests.harness.people import HTTP, Message, Person, Telegram
from tests.pictures.made import unlocked
from tests.pictures.photos import encoded

_PATIENCE = 90  # seconds: on a busy machine the networks alone take thirty to be warm


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
        page = HTTP.get(f"{self.bot.metrics}/metrics").text
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


def _spot(seed: int) -> Image.Image:
    """The same with something that stands out. No part of it is plain: any other picture might have that, too."""
    picture = _noise(seed + 100).point(lambda value: 190 + value // 6)
    mask = Image.radial_gradient("L").resize(picture.size).point(lambda distance: 255 * (distance < 110))
    picture.paste(_noise(seed).resize(picture.size), mask=mask)
    return picture


def _cut_out(story: Story, spot: bytes, behind: bytes) -> None:
    """Alone, with its quick look, and before another photo."""
    story.sends(spot, "spot.jpg", "Cut out")
    delivered = story.ends()["delivered"]
    sent = story.person.sends_file(spot, "spot.jpg")
    menu = story.person.telegram.wait_for(lambda: story._menu(sent), _PATIENCE, "no menu comes", story.person.id)
    for label in ("Cut out", "Another photo"):
        story.person.taps(label, on=menu)
    story.person.sees("Send me the photo")
    story.person.sends_file(behind, "behind.jpg")
    story.waits(lambda: story.ends()["delivered"] == delivered + 1)


def _album(story: Story, *photos: bytes) -> None:
    delivered = story.ends()["delivered"]
    story.person.sends_album(list(photos), compressed=False)
    story.person.sees("Album of")
    story.person.taps("Enhance")
    story.person.taps("Medium")
    story.waits(lambda: story.ends()["delivered"] == delivered + len(photos))


def _forty_jobs(story: Story) -> dict[str, memory_scan.Windows]:
    """27 delivered, 18 refused, stopped or cut off; the secrets that passed through."""
    telegram = story.person.telegram
    jpeg, png, spot = _file(_noise(1), "JPEG"), _file(_noise(2), "PNG"), _file(_spot(3), "JPEG")
    _cut_out(story, spot, jpeg)
    _album(story, jpeg, png, spot)
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
    ways = (("slow", "file", "stopped"), ("hang", "sendDocument", "delivered"), ("slow", "file", "stopped"))
    for fault, method, end in ways:  # what may have arrived is not stopped any more
        telegram.fault(method, fault, seconds=4)
        before = story.ends()[end]
        menu = story.taps(story.person.sends_file(jpeg, "stopped.jpg"), "Remove metadata")
        time.sleep(0.5)  # so that the transfer is under way
        story.person.taps("Stop", on=menu)
        story.waits(lambda before=before, end=end: story.ends()[end] > before)  # type: ignore[misc]
    telegram.mend()
    story.takes_results()
    secrets = {
        name: (file, *memory_scan.decoded_pixels(file))
        for name, file in {"jpeg": jpeg, "png": png, "spot": spot}.items()
    }
    look = Image.open(io.BytesIO(SHELF["cutout"].run(unlocked(spot), Settings()).preview))
    middle = look.crop((look.width // 3, look.height // 3, look.width // 2, look.height // 2))  # any has such squares
    secrets["quick look"] = (middle.tobytes(), middle.tobytes("raw", "RGBX"))
    secrets |= {f"result {number}": (result,) for number, result in enumerate(dict.fromkeys(story.results))}
    others = _others()
    return {name: memory_scan.windows(*parts, unlike=others) for name, parts in secrets.items()}


def _others() -> memory_scan.Windows:
    """Other PNGs from the same encoders, which write some words into each: names of chunks, tables of codes."""
    png = _file(_noise(9), "PNG")
    jobs = {"resize": png, "enhance": png, "cutout": _file(_spot(9), "JPEG")}
    outcomes = [SHELF[slug].run(unlocked(photo), SHELF[slug].parse({})) for slug, photo in jobs.items()]
    return memory_scan.windows(png, *(b"".join(outcome.data) for outcome in outcomes))


@needs_root
def test_nothing_of_a_photo_stays_in_memory(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path / "bot", FREE_CREDITS="100") as bot:
        story = Story(bot, agreed(telegram, "Anna"))
        secrets = _forty_jobs(story)
        assert story.ends() == {"delivered": 28, "refused": 10, "failed": 0, "stopped": 2, "undelivered": 5}
        assert min(map(len, secrets.values())) > 1000
        light, heavy = bot.zygotes()
        family = {"bot": bot.pid, "zygote": light, "zygote with the networks": heavy}
        found = {name: memory_scan.count_bytes(pid, secrets) for name, pid in family.items()}
        print(found)
        assert {name: sum(counts.values()) for name, counts in found.items()} == dict.fromkeys(family, 0)


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
        kept = memory_scan.count_bytes(bot.pid, {"jpeg": memory_scan.windows(jpeg)})["jpeg"]
        print(f"without wiping: {kept} bytes")
        assert kept > 1000


# Figures 3 and 4: files and hosts

_CALLS = "open,openat,creat,mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,symlinkat,rename,renameat,renameat2"
_STRACE = ("strace", "-D", "-f", "-q", "--seccomp-bpf", "-s", "300", "-e", f"trace={_CALLS},connect,sendto,prctl")
_OPENED = re.compile(r'(?:open|openat|creat)\((?:AT_FDCWD, )?"([^"]*)"(?:, ([A-Z_|]+))?')
_MADE = re.compile(r'(?:mkdir|mknod|link|symlink|rename)\w*\((?:AT_FDCWD, )?"([^"]*)"')
_HOST = re.compile(r"sin6?_port=htons\((\d+)\), (?:sin_addr=inet_addr|inet_pton\(AF_INET6, )\(?\"([^\"]+)\"")


def _written(trace: str) -> set[str]:
    """Files opened for writing, and whatever else was made, as strace tells it."""
    opened = {path for path, flags in _OPENED.findall(trace) if re.search("WRONLY|RDWR|CREAT", flags)}
    return opened | set(_MADE.findall(trace))


def _hosts(trace: str) -> set[str]:
    return {f"{host}:{port}" for port, host in _HOST.findall(trace)}


@needs_root
def test_no_file_is_written_and_nobody_else_is_called(telegram: Telegram, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    bot = Darkroom(telegram, tmp_path / "bot").start(*_STRACE, "-o", str(trace))
    try:
        story = Story(bot, agreed(telegram, "Anna"))
        started = len(trace.read_text())
        for tool in ("Remove metadata", "Resize & convert", "Enhance", "Cut out"):
            story.sends(encoded("astronaut", tagged=True), "photo.jpg", tool)
        story.sends(encoded()[:5000], "broken.jpg", "Enhance")
        assert story.ends()["delivered"] == 4
        zygotes = bot.zygotes()
        assert len(zygotes) == 2
        family = {bot.pid, *zygotes, *(spare for zygote in zygotes for spare in children(zygote))}
        assert bot.stop() == 0
    finally:
        if bot.process and bot.process.poll() is None:
            bot.kill()
    told = trace.read_text()
    database = str(bot.folder / "darkroom.db")
    of_database = {database, f"{database}-wal", f"{database}-shm", f"{database}-journal"}
    # and a word to the kernel from the zygote with the networks, which starts with the first cut-out
    assert _written(told[started:]) <= {*of_database, "/dev/null", "/proc/self/oom_score_adj"}
    assert database in _written(told)  # the trace is not blind
    assert _hosts(told) == {urlsplit(telegram.url).netloc}
    silenced = {int(line.split()[0]) for line in told.splitlines() if "PR_SET_DUMPABLE, SUID_DUMP_DISABLE" in line}
    assert family <= silenced  # figure 15: nobody may dump their memory, or read it


def test_a_planted_file_and_a_planted_call_are_seen(tmp_path: Path) -> None:
    """The control of the one above."""
    planted = "import tempfile, socket; tempfile.mkstemp(dir='.'); socket.socket().connect_ex(('127.0.0.2', 9))"
    subprocess.run([*_STRACE, "-o", "trace", sys.executable, "-c", planted], cwd=tmp_path, check=True)
    time.sleep(0.2)  # with -D, strace is the grandchild and may end after us
    told = (tmp_path / "trace").read_text()
    assert any("/tmp" in path or path.startswith(("./tmp", str(tmp_path))) for path in _written(told))
    assert _hosts(told) == {"127.0.0.2:9"}


# Figure 12: logs

_SECRETS = {
    "caption": "Geheimer-Untertitel",
    "file name": "mein-geheimes-bild",
    "text": "geheime-nachricht-an-den-bot",
    "EXIF": "Geheimkamera",
    "name": "Annageheim",
}


def _a_day_with_errors(bot: Darkroom) -> dict[str, str]:
    """Jobs, and every way of going wrong that reaches a log; what must not be in it."""
    telegram = bot.telegram
    anna = agreed(telegram, _SECRETS["name"])
    story = Story(bot, anna)
    exif = Image.Exif()
    exif[0x0110] = _SECRETS["EXIF"]
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "JPEG", exif=exif)
    photo, name = out.getvalue(), f"{_SECRETS['file name']}.jpg"
    story.sends(photo, name, caption=_SECRETS["caption"])
    assert _SECRETS["EXIF"] in anna.gets_document().caption
    anna.writes(_SECRETS["text"])
    anna.writes(f"/{_SECRETS['text'].replace('-', '_')}")
    faults: list[tuple[str, str, dict[str, Any]]] = [
        ("getFile", "error", {"code": 400, "text": f"Bad Request: {_SECRETS['text']}"}),
        ("file", "drop", {"count": 9}),
        ("sendDocument", "error", {"code": 400, "text": f"Bad Request: {_SECRETS['text']}"}),
        ("sendDocument", "error", {"code": 403, "text": f"Forbidden: {_SECRETS['text']}"}),
        ("editMessageText", "error", {"code": 400, "text": f"Bad Request: {_SECRETS['text']}"}),
        ("getUpdates", "error", {"code": 500}),
        ("getUpdates", "drop", {}),
    ]
    for method, kind, how in faults:
        telegram.fault(method, kind, **how)
        story.sends(photo, name, caption=_SECRETS["caption"])
        telegram.mend()
    story.sends(photo[:300], name, "Enhance", caption=_SECRETS["caption"])
    file_ids = {
        f"file {number}": document["file_id"]
        for number, document in enumerate(each.document for each in anna.chat() if each.document)
    }
    token = {"token": telegram.token, "half of the token": telegram.token.partition(":")[2]}
    return {**_SECRETS, **token, **file_ids, "person": str(anna.id)}


def test_logs_tell_nothing_of_people(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path / "bot", LOG_LEVEL="DEBUG") as bot:
        secrets = _a_day_with_errors(bot)
        assert len(secrets) > 10
        assert [name for name, secret in secrets.items() if secret in bot.log] == []
        assert "ERROR" in bot.log  # the errors did reach it


def test_logs_would_tell_without_their_net(telegram: Telegram, tmp_path: Path) -> None:
    """The control: the same day with the libraries' own logging tells nearly everything."""
    bare = (
        "import logging, runpy, sys; from bot.ops import logs;"
        "logs.configure = lambda level: logging.basicConfig(level=level, force=True);"
        "sys.argv = ['bot', 'run']; runpy.run_module('bot', run_name='__main__', alter_sys=True)"
    )
    bot = Darkroom(telegram, tmp_path / "bot", LOG_LEVEL="DEBUG", **_environment())  # it need not re-execute
    bot.start(sys.executable, "-c", bare)
    try:
        secrets = _a_day_with_errors(bot)
        told = {name for name, secret in secrets.items() if secret in bot.log}
        assert told >= {"caption", "file name", "text"}
    finally:
        with pytest.raises(AssertionError, match=_SECRETS["text"]):  # which every other bot of the suite passes
            bot.kill()


# Figure 15: core dumps and swap


def test_no_process_leaves_a_core_or_is_swapped_out(darkroom: Darkroom, anna: Person) -> None:
    story = Story(darkroom, anna)
    story.sends(encoded(), "photo.jpg")
    zygote = darkroom.zygote()
    story.waits(lambda: bool(children(zygote)))
    family = [darkroom.pid, zygote, *children(zygote)]
    assert len(family) >= 3
    for pid in family:
        assert re.search(r"Max core file size +0 +0 ", Path(f"/proc/{pid}/limits").read_text())
        assert re.search(r"VmSwap:\s+0 kB", Path(f"/proc/{pid}/status").read_text())
    # The control: a process that nobody told has a limit that differs.
    own = re.search(r"Max core file size +(\w+) +(\w+)", Path("/proc/self/limits").read_text())
    assert own
    assert own.groups() != ("0", "0")


# Figure 18: what privacy costs


@pytest.mark.bench
@pytest.mark.parametrize("picture", ["astronaut", "china", "large"])
async def test_the_jail_costs_less_than_fifteen_milliseconds(picture: str) -> None:
    """Wall clock from the photo in memory to the result in memory, by turns with and without the jail."""
    photo, tool = encoded(picture), SHELF["resize"]
    sandbox = Sandbox()
    await sandbox.start()
    taken: dict[str, list[float]] = {"in process": [], "in the jail": []}
    for _ in range(31):
        await asyncio.sleep(0.1)  # between jobs a spare gets ready, as it does in a chat
        begun = time.perf_counter()
        tool.run(unlocked(photo), tool.parse({}))
        taken["in process"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        with MemoryFile() as memory:
            memory.write(photo)
            (await sandbox.develop(tool, {}, memory)).file.close()
        taken["in the jail"].append(time.perf_counter() - begun)
    sandbox.close()
    bare, jailed = (statistics.median(times) * 1000 for times in taken.values())
    cost = f"{jailed:.1f} ms in the jail, {bare:.1f} ms without"
    bench.row(f"privacy, {picture}: ms a job / 15", (jailed - bare) / 15, 1, cost)
