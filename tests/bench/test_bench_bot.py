"""What the bot costs beside its bare work: all its processes' time against image work and transport alone."""

import asyncio
import multiprocessing
import os
import socket
import time
from collections.abc import Callable
from mmap import PROT_READ, mmap
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import aiohttp
import cv2
import pytest

from bot.sandbox.memory_file import MemoryFile
from bot.tools.shelf import SHELF
from tests.conftest import agreed
from tests.harness.bench import row
from tests.harness.darkroom import Darkroom, running
from tests.harness.people import Message, Person, Telegram
from tests.pictures import made, photos

pytestmark = pytest.mark.bench

_PHOTOS = 24
_ROUNDS = 3
_TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(bot: Darkroom) -> float:
    """Seconds of the bot, its zygote, and all children that the zygote has reaped."""
    return cpu_seconds(bot.pid) + cpu_seconds(bot.zygote(), slice(11, 15))


def cpu_seconds(pid: int, fields: slice = slice(11, 13)) -> float:
    """Of a process alone, or with those of its children that it has reaped."""
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[fields])) / _TICK


def bare_work(photo: bytes) -> bytes:
    tool = SHELF["resize"]
    cv2.setNumThreads(1)
    outcome = tool.run(made.unlocked(photo), tool.parse({"longest": "2048"}))
    return b"".join(outcome.data)


def bare_transport(base: str, file_path: str, chat: int, result: bytes) -> None:
    """The same bytes over the same server by the same client library, and nothing else."""

    async def once() -> None:
        async with aiohttp.ClientSession() as session:
            for _ in range(_PHOTOS):
                async with session.get(f"{base.replace('/bot', '/file/bot')}/{file_path}") as answer:
                    async for _piece in answer.content.iter_any():
                        pass
                form = aiohttp.FormData({"chat_id": str(chat)})
                form.add_field("document", result, filename="a.jpg")
                async with session.post(f"{base}/sendDocument", data=form) as answer:
                    assert answer.status == 200

    asyncio.run(once())


@pytest.mark.parametrize(("name", "size", "target"), [("12 MP", (4000, 3000), 1.10), ("1.3 MP", (1280, 1024), 1.30)])
def test_cpu_per_photo_beside_bare_work_and_transport(
    darkroom: Darkroom, anna: Person, name: str, size: tuple[int, int], target: float
) -> None:
    photo = photos.jpeg(photos.large().resize(size))
    result = bare_work(photo)
    ben = agreed(darkroom.telegram, "Ben")  # gets what the bare transport sends: Anna must wait for the bot
    base = f"{darkroom.telegram.url}/bot{darkroom.telegram.token}"
    file_path = asyncio.run(path_of(base, ben.sends_file(photo, "a.jpg")))
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(_ROUNDS):
        whole.append(cpu_while(darkroom, lambda: send_and_wait(darkroom, anna, photo)))
        begun = time.process_time()
        for _ in range(_PHOTOS):
            bare_work(photo)
        bare_transport(base, file_path, ben.id, result)
        bare.append(time.process_time() - begun)
    ratio = sorted(a / b for a, b in zip(whole, bare, strict=True))[_ROUNDS // 2]
    per_photo = f"{min(whole) / _PHOTOS * 1000:.1f} ms against {min(bare) / _PHOTOS * 1000:.1f} ms a photo"
    row(f"2  CPU a photo / bare work and transport, {name}", ratio, target, per_photo)


def cpu_while(bot: Darkroom, act: Callable[[], None]) -> float:
    before = cpu_of(bot)
    act()
    return cpu_of(bot) - before


def send_and_wait(bot: Darkroom, person: Person, photo: bytes) -> None:
    for _ in range(_PHOTOS):
        message = person.sends_file(photo, "a.jpg")
        person.replies_to(message, "2048")
        person.gets_document()


async def path_of(base: str, message: Message) -> str:
    async with aiohttp.ClientSession() as session:
        file_id = message.raw["document"]["file_id"]
        async with session.post(f"{base}/getFile", data={"file_id": file_id}) as answer:
            return str((await answer.json())["result"]["file_path"])


def test_memory_of_the_bot_with_photos_in_flight(telegram: Telegram, tmp_path: Path) -> None:
    workers = 8  # twice as many seats, so 16 photos at once
    photo = photos.encoded("large")
    with running(telegram, tmp_path, WORKERS=str(workers)) as bot:
        people = [agreed(telegram, f"P{number}") for number in range(2 * workers)]
        telegram.fault("file", "slow", seconds=3, count=2 * workers)  # so that they really are there together
        before = resident(bot.pid, "VmRSS")
        Path(f"/proc/{bot.pid}/clear_refs").write_text("5")  # the peak begins anew
        for person in people:
            person.replies_to(person.sends_file(photo, "a.jpg"), "2048")
        for person in people:
            person.gets_document(timeout=120)
        each = (resident(bot.pid, "VmHWM") - before) / len(people) / 1024
    row(
        "5  bot's memory a 12 MP photo in flight / 2 MB",
        each / 2,
        1.0,
        f"{each:.2f} MB of {len(photo) >> 20} MB photos",
    )


def resident(pid: int, what: str) -> int:
    """KiB."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(what)]
    return int(line.split()[1])


# -- ratio 11: five megabytes to a child and back --

_PIECE = 128 * 1024
_SIZE = 5 << 20
_TRIPS = 20


def by_memory_file(data: bytes) -> None:
    """As the sandbox does it: written in pieces, mapped by the child; the result mapped there, read in pieces here."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        for _ in range(_TRIPS):
            _, (given, room), _, _ = socket.recv_fds(theirs, 8, 2)
            with mmap(given, _SIZE, prot=PROT_READ) as photo, mmap(room, _SIZE) as out:
                out.write(photo)
            os.close(given)
            os.close(room)
            theirs.send(b"done")
        os._exit(0)
    view = memoryview(data)
    for _ in range(_TRIPS):
        with MemoryFile() as photo, MemoryFile() as room:
            for offset in range(0, _SIZE, _PIECE):
                photo.write(view[offset : offset + _PIECE])
            room.truncate(_SIZE)
            socket.send_fds(ours, [b"job"], [photo.fd, room.fd])
            ours.recv(8)
            for offset in range(0, _SIZE, _PIECE):
                room.read(offset, _PIECE)
    os.waitpid(pid, 0)
    ours.close()
    theirs.close()


def _echo(pipe: Connection) -> None:
    for _ in range(_TRIPS):
        pipe.send_bytes(pipe.recv_bytes())


def by_pipe(data: bytes) -> None:
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_echo, args=(theirs,))
    child.start()
    for _ in range(_TRIPS):
        ours.send_bytes(data)
        assert len(ours.recv_bytes()) == _SIZE
    child.join()


def test_five_megabytes_to_a_child_and_back() -> None:
    data = os.urandom(_SIZE)
    ours, pipe = [], []
    for _ in range(7):
        ours.append(trip_seconds(by_memory_file, data))
        pipe.append(trip_seconds(by_pipe, data))
    told = f"{median(ours) * 1000:.1f} ms against {median(pipe) * 1000:.1f} ms a trip"
    row("11 5 MB both ways, memory files / Pipe", median(ours) / median(pipe), 0.30, told)


def trip_seconds(way: Callable[[bytes], None], data: bytes) -> float:
    """Of waiting: both processes take part, and what counts is when the bytes are back."""
    begun = time.perf_counter()
    way(data)
    return (time.perf_counter() - begun) / _TRIPS
