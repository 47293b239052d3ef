"""`python -m bot playground`: the real bot is killed, stopped, searched; mail; samples; nothing outlives it."""

import base64
import ctypes
import io
import os
import re
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from bot.playground.samples import SAMPLES
from bot.sealing import SealedOrder, new_key, pack, seal
from bot.tools.shelf import SHELF
from tests.harness.darkroom import ROOT, Darkroom, _descendants, children, command_line
from tests.harness.people import HTTP, Group, Json, Person, Telegram
from tests.pictures import photos
from tests.pictures.made import unlocked

_START_SECONDS, _END_SECONDS = 60, 20
_CAP_SYS_PTRACE, _PR_CAPBSET_DROP = 19, 24


class Playground:
    """The running command, and what it started."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self.process = process
        [self.server] = children(process.pid)
        self.family = [process.pid, *_descendants(process.pid)]

    def look(self, what: str = "") -> Any:
        return HTTP.get(f"{self.url}/house{what}", timeout=60).raise_for_status().json()

    def does(self, act: str) -> Any:
        return HTTP.post(f"{self.url}/house/{act}", timeout=120).raise_for_status().json()

    @property
    def bot(self) -> int:
        return next(pid for pid in children(self.server) if b"--readable-memory" in command_line(pid))

    @property
    def zygote(self) -> int:
        return next(pid for pid in children(self.bot) if b"bot.sandbox.zygote" in command_line(pid))

    def setting(self, name: str) -> str:
        """A setting, as the bot got it."""
        environment = Path(f"/proc/{self.bot}/environ").read_text("utf-8")
        return dict(line.split("=", 1) for line in environment.split("\0") if "=" in line)[name]

    def leftovers(self) -> list[str]:
        """Processes and folders of its that are still there; a zombie has no memory any more."""
        alive = [str(pid) for pid in self.family if "VmRSS" in _status(pid)]
        return alive + [str(path) for path in Path("/dev/shm").glob(f"darkroom-playground-{self.server}-*")]


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _as_a_newcomer() -> None:
    """Without root's right to read everybody's memory; whoever is not root has none to lose."""
    ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_SYS_PTRACE)


@contextmanager
def playing(**settings: str) -> Iterator[Playground]:
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "playground"],
        cwd=ROOT,
        env={**environment, "PLAYGROUND_LISTEN": "127.0.0.1:0", **settings},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_as_a_newcomer,
        process_group=0,
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/[\w-]+(?=/ )", line)
        assert url, line
        yield Playground(url[0], process)
    finally:
        process.stdout.close()
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        finally:
            with suppress(ProcessLookupError):  # nobody is left, unless a test fails
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def playground() -> Iterator[Playground]:
    with playing() as playground:
        yield playground


@pytest.fixture(scope="module")
def world(playground: Playground) -> Iterator[Telegram]:
    with Telegram(playground.url, playground.look()["token"]) as telegram:
        yield telegram


@pytest.fixture
def telegram(playground: Playground, world: Telegram) -> Telegram:
    """With the bot up, whatever the test before left."""
    playground.does("start")
    return world


def newcomer(telegram: Telegram) -> Person:
    nina = telegram.person("Nina")
    nina.writes("/start")
    nina.taps("I agree")
    return nina


# What is there at the start


def test_without_its_bot_the_server_has_no_supervisor(bot_api: str) -> None:
    for path in ("", "/mail", "/samples", "/samples/cat.jpg"):
        assert HTTP.get(f"{bot_api}/house{path}").status_code == 404
    assert HTTP.post(f"{bot_api}/house/kill").status_code == 404


def test_the_supervisor_tells_how_the_bot_is(playground: Playground, telegram: Telegram) -> None:
    nina = newcomer(telegram)
    before = playground.look()
    assert before["running"]
    assert before["memory"] > 1 << 20
    assert before["zygote_memory"] > 1 << 20
    assert before["children"] >= 1
    nina.sends_file(photos.encoded(), "a.jpg")
    nina.taps("Remove metadata")
    nina.gets_document()
    telegram.wait_for(lambda: playground.look()["photos"] == 0 or None, 10, "the job ends", nina.id)
    after = playground.look()
    assert after["jobs"]["delivered"] == before["jobs"]["delivered"] + 1
    assert (after["photos"], after["waiting"]) == (0, 0)


def test_somebody_to_begin_with_operators_and_a_lab(playground: Playground, telegram: Telegram) -> None:
    told, world = playground.look(), telegram.read("overview")
    names = {person["id"]: person["first_name"] for person in world["people"]}
    assert [names[number] for number in told["people"]] == ["Anna", "Olga", "Lena"]
    operators, lab = world["groups"]
    assert (operators["id"], operators["is_forum"]) == (told["operators"], True)
    assert (lab["id"], lab["title"]) == (told["lab"], "Print lab")
    for group, setting in ((operators, "OPERATORS_CHAT_ID"), (lab, "PRINT_LAB_CHAT_ID")):
        assert telegram.read(f"chat/{group['id']}")["bot"] == "administrator"
        assert playground.setting(setting) == str(group["id"])


def test_a_question_to_the_operators_becomes_a_topic_in_their_group(playground: Playground, telegram: Telegram) -> None:
    nina, group = newcomer(telegram), Group(telegram, playground.look()["operators"])
    topics = len(group.topics())
    nina.writes("/support")
    nina.taps("Something else")
    nina.writes("Where is my photo kept?")
    nina.taps("Send")
    telegram.wait_for(lambda: len(group.topics()) > topics or None, 30, "a topic comes", nina.id)


# Killed, stopped, started


def test_killed_it_stays_down_until_it_is_started_and_then_goes_on(playground: Playground, telegram: Telegram) -> None:
    nina = newcomer(telegram)
    nina.sees("Thank you")
    family = [playground.bot, *_descendants(playground.bot)]
    down = playground.does("kill")
    assert not down["running"]
    assert (down["memory"], down["zygote_memory"], down["children"], down["photos"]) == (0, 0, 0, 0)
    telegram.wait_for(lambda: not any("VmRSS" in _status(pid) for pid in family) or None, 10, "they end", nina.id)
    assert playground.does("stop")["status"] == -signal.SIGKILL
    nina.sends_file(photos.encoded(), "a.jpg")
    up = playground.does("start")
    assert up["running"]
    assert up["since"] > down["since"]
    nina.taps("Remove metadata")
    nina.gets_document()


def test_a_bot_that_is_killed_by_others_is_told_of(playground: Playground, telegram: Telegram) -> None:
    nina = newcomer(telegram)
    os.kill(playground.bot, signal.SIGKILL)
    telegram.wait_for(lambda: not playground.look()["running"] or None, 10, "the supervisor sees it", nina.id)
    assert playground.does("search") == {"ok": False, "why": "The bot is down. Start it, then search again."}
    assert playground.does("start")["running"]


def test_stopped_it_ends_with_status_0_within_its_promise(playground: Playground, telegram: Telegram) -> None:
    ended = playground.does("stop")
    assert ended["status"] == 0
    assert 0 < ended["seconds"] < 25
    assert not playground.look()["running"]
    assert playground.does("stop")["status"] == 0  # again: nothing happens
    assert playground.does("kill")["running"] is False
    assert playground.does("start")["running"]


def test_a_second_start_starts_nothing(playground: Playground, telegram: Telegram) -> None:
    before = playground.look()["since"], playground.bot
    assert playground.does("start")["running"]
    assert (playground.look()["since"], playground.bot) == before


def test_only_this_page_may_ask(playground: Playground) -> None:
    for headers in ({"Origin": "https://example.org"}, {"Host": "example.org"}):
        assert HTTP.post(f"{playground.url}/house/kill", headers=headers).status_code == 403
    assert playground.look()["running"]


# What stays in memory


_READS_ITS_CHILD = """
import subprocess, sys
with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
    open(f"/proc/{child.pid}/mem").close()
    child.kill()
"""


def _is_allowed() -> bool:
    """Whether this kernel lets a process read the memory of one that it started, as it does nearly everywhere."""
    command = [sys.executable, "-c", _READS_ITS_CHILD]
    return subprocess.run(command, capture_output=True, preexec_fn=_as_a_newcomer).returncode == 0


needs_memory = pytest.mark.skipif(not _is_allowed(), reason="this kernel lets nobody read another process's memory")


def _searched(playground: Playground) -> dict[str, Any]:
    told: dict[str, Any] = playground.does("search")
    print(told)
    assert told["ok"], told["why"]
    assert told["control"] > 1_000_000  # a search that finds nothing anywhere is blind
    assert told["searched_bytes"] > 10 * told["photo_bytes"] > 1_000_000
    return told


@needs_memory
def test_a_search_finds_no_byte_of_a_photo_in_bot_and_zygote(playground: Playground, telegram: Telegram) -> None:
    told = _searched(playground)
    assert (told["bot"], told["zygote"]) == (0, 0)
    searcher = telegram.read("overview")["people"][-1]["id"]
    results = [message.document["file_name"] for message in telegram.messages(searcher) if message.document]
    assert results == ["noise.jpg", "noise-enhance.jpg", "noise-clean.jpg"]  # it did go through the bot


_KEEPS = """
import sys
sys.path.insert(0, {root!r})
from bot.sandbox.memory_file import MemoryFile

kept, write = [], MemoryFile.write

def keep(self, piece):
    kept.append(bytes(piece))
    write(self, piece)

MemoryFile.write = keep
"""


@needs_memory
def test_a_bot_that_keeps_photos_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_KEEPS.format(root=str(ROOT)))
    with playing(PYTHONPATH=str(tmp_path), FREE_CREDITS="0") as playground:  # what .env says of credits stops no search
        told = _searched(playground)
        assert told["bot"] > told["photo_bytes"] * 0.9
        assert told["zygote"] == 0


_READS = """
import sys
for pid in sys.argv[1:]:
    try:
        open(f"/proc/{pid}/mem").close()
        print("open")
    except PermissionError:
        print("closed")
"""


def _seen_by_others(*pids: int) -> list[str]:
    """Whether another process of the same user may read their memory."""
    command = [sys.executable, "-c", _READS, *map(str, pids)]
    seen = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=_as_a_newcomer)
    return seen.stdout.split()


_NEWCOMER = (
    *(sys.executable, "-c"),
    f"import ctypes, os, sys; ctypes.CDLL(None).prctl({_PR_CAPBSET_DROP}, {_CAP_SYS_PTRACE});"
    "os.execv(sys.argv[1], sys.argv[1:])",
)


def test_only_the_playground_shows_the_memory_of_its_bot_and_never_that_of_a_child(
    playground: Playground, telegram: Telegram, tmp_path: Path
) -> None:
    if _seen_by_others(playground.process.pid) != ["open"]:
        pytest.skip("here nobody may read the memory of others")
    telegram.wait_for(lambda: children(playground.zygote) or None, 10, "a spare child", 0)
    assert _seen_by_others(playground.bot, playground.zygote, *children(playground.zygote)) == [
        "open",
        "open",
        "closed",
    ]
    with Telegram(playground.url) as elsewhere:
        production = Darkroom(elsewhere, tmp_path / "bot").start(*_NEWCOMER)
        telegram.wait_for(lambda: children(production.zygote()) or None, 10, "a spare child", 0)
        assert _seen_by_others(production.pid, *production.family()) == ["closed"] * 3
        assert production.stop() == 0
    for pid in (playground.bot, playground.zygote):
        assert re.search(r"Max core file size +0 +0 ", Path(f"/proc/{pid}/limits").read_text())


def test_no_bot_in_production_shows_its_memory() -> None:
    environment = {"PATH": os.environ["PATH"], "BOT_TOKEN": "1000000001:" + "a" * 35}
    for url in ("https://api.telegram.org", "https://127.0.0.1.example.org:80"):
        command = [sys.executable, "-m", "bot", "run", "--readable-memory"]
        done = subprocess.run(
            command, cwd=ROOT, env={**environment, "BOT_API_URL": url}, capture_output=True, text=True
        )
        assert done.returncode == 1
        assert "for the playground alone" in done.stderr
    shown = subprocess.run([sys.executable, "-m", "bot", "run", "--help"], cwd=ROOT, capture_output=True, text=True)
    texts = [
        shown.stdout,
        *((ROOT / name).read_text("utf-8") for name in ("README.md", ".env.example", "bot/cli/check.py")),
    ]
    assert not any("readable-memory" in text or "readable_memory" in text for text in texts)


# Mail


def _mail(subject: str, html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "Darkroom <darkroom@example.org>", "anna@example.org"
    mail.set_content("Grüße, 3 ⭐\n")
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def test_mail_that_the_bot_sends_shows_up(playground: Playground, telegram: Telegram) -> None:
    address = playground.setting("SMTP_URL").removeprefix("smtp://")
    with smtplib.SMTP(*address.split(":")) as smtp:
        smtp.send_message(_mail("Ihr Beleg über 3 ⭐", "<p>Grüße</p>"))
        smtp.send_message(_mail("Plain"), "bounces@example.org", ["anna@example.org", "hidden@example.org"])
    first, second = playground.look("/mail")[-2:]
    assert abs(first.pop("at") - time.time()) < 3600
    assert first == {
        "from": "darkroom@example.org",
        "to": "anna@example.org",
        "subject": "Ihr Beleg über 3 ⭐",
        "text": "Grüße, 3 ⭐\n",
        "html": "<p>Grüße</p>\n",
    }
    assert (second["from"], second["to"]) == ("bounces@example.org", "anna@example.org, hidden@example.org")
    assert (second["subject"], second["html"]) == ("Plain", "")
    assert playground.setting("MAIL_FROM") == "darkroom@example.org"


def test_a_newcomer_sees_the_code_and_the_receipt(playground: Playground, telegram: Telegram) -> None:
    nina = newcomer(telegram)
    nina.writes("/buy")
    nina.taps("10 credits")
    nina.sees("Write me your e-mail address")
    nina.writes("nina@example.org")
    nina.writes(re.search(r"\b\d{6}\b", waits_for_mail(playground, "Your code")["text"])[0])
    nina.pays(nina.sees_invoice())
    receipt = waits_for_mail(playground, "Payment confirmed")
    assert (receipt["from"], receipt["to"]) == ("darkroom@example.org", "nina@example.org")
    assert "10 credits" in receipt["text"]
    assert "10 credits" in receipt["html"]


def waits_for_mail(playground: Playground, subject: str) -> Json:
    deadline = time.monotonic() + 30
    while not (found := [mail for mail in playground.look("/mail") if mail["subject"].startswith(subject)]):
        assert time.monotonic() < deadline, f"no mail about {subject!r}"
        time.sleep(0.05)
    return found[-1]


def test_the_last_hundred_mails_are_kept(playground: Playground, telegram: Telegram) -> None:
    with smtplib.SMTP(*playground.setting("SMTP_URL").removeprefix("smtp://").split(":")) as smtp:
        for number in range(103):
            smtp.send_message(_mail(f"number {number}"))
    assert [mail["subject"] for mail in playground.look("/mail")] == [f"number {number}" for number in range(3, 103)]


# The lab


def posted(playground: Playground, content: bytes, chat: int, name: str = "order.age") -> str:
    """The bot posts a file; its id."""
    about = playground.look()
    url = f"{playground.url}/bot{about['token']}/sendDocument"
    return str(
        HTTP.post(url, data={"chat_id": chat}, files={"document": (name, content)}).json()["result"]["document"][
            "file_id"
        ]
    )


def package(key: str) -> bytes:
    """An order of one print, sealed for this key."""
    address = {"street_line1": "Hof 1", "city": "Berlin", "post_code": "10115", "country_code": "DE"}
    sealed = seal({"name": "Anna Muster", "shipping_address": address}, key)
    return pack(SealedOrder("7-4K", "10x15", "glossy", 3, "Letter"), SAMPLES["cat.jpg"].path.read_bytes(), sealed, key)


def test_the_lab_alone_opens_what_is_sealed_for_it(playground: Playground, telegram: Telegram) -> None:
    key, lab = playground.setting("PRINT_LAB_PUBLIC_KEY"), playground.look()["lab"]
    assert b"AGE-SECRET-KEY" not in Path(f"/proc/{playground.bot}/environ").read_bytes()
    opens = lambda file: HTTP.post(f"{playground.url}/house/lab/open", json={"file": file})  # noqa: E731
    told = opens(posted(playground, package(key), lab))
    assert told.headers["Cache-Control"] == "no-store"
    about = told.json()
    assert about["order"] == {"order": "7-4K", "format": "10x15", "paper": "glossy", "copies": 3, "shipping": "Letter"}
    assert about["address"].splitlines()[:3] == ["Anna Muster", "Hof 1", "10115 Berlin"]
    assert base64.b64decode(about["print"]) == SAMPLES["cat.jpg"].path.read_bytes()
    for file in (posted(playground, package(new_key()[1]), lab), posted(playground, b"junk", lab), "no file"):
        refused = opens(file)
        assert (refused.status_code, refused.json()["error"][:24]) == (409, "The lab cannot open it: ")


# Samples


def test_samples_are_photos_that_tell_where_they_were_taken(playground: Playground) -> None:
    listed = playground.look("/samples")
    assert [sample["name"] for sample in listed] == list(SAMPLES)
    assert len(listed) == 3
    for sample in listed:
        answer = HTTP.get(f"{playground.url}/house/samples/{sample['name']}").raise_for_status()
        assert answer.headers["Content-Type"] == "image/jpeg"
        image = Image.open(io.BytesIO(answer.content))
        image.load()
        assert (sample["width"], sample["height"], sample["bytes"]) == (*image.size, len(answer.content))
        assert 60_000 < len(answer.content) < 150_000
        report = SHELF["clean"].run(unlocked(answer.content), None).report
        assert {"latitude", "longitude", "camera", "author", "taken", "serial", "thumbnail"} <= set(report)


def test_the_dark_sample_gains_from_enhance() -> None:
    enhance = SHELF["enhance"]
    report = enhance.run(unlocked(SAMPLES["coffee.jpg"].path.read_bytes()), enhance.parse({})).report
    assert report["cast"] >= 20
    assert report["lighter"] >= 50


def test_every_sample_has_its_source_and_licence_beside_it() -> None:
    folder = next(iter(SAMPLES.values())).path.parent
    readme = (folder / "README.md").read_text("utf-8")
    assert {path.name for path in folder.glob("*.jpg")} == set(SAMPLES)
    for sample in SAMPLES.values():
        row = re.search(rf"^\| {re.escape(sample.name)} \|.*$", readme, re.MULTILINE)
        assert row
        licence = "public domain" if "public domain" in sample.credit else "CC0"
        assert licence in row[0]
        assert licence in sample.credit


@pytest.mark.parametrize("name", ["README.md", "..%2Fhouse.py", "nothing.jpg", "%2Fetc%2Fpasswd"])
def test_nothing_else_is_a_sample(playground: Playground, name: str) -> None:
    assert HTTP.get(f"{playground.url}/house/samples/{name}").status_code == 404


# The end

ENDS: dict[str, Callable[[Playground], None]] = {
    "SIGTERM": lambda playground: playground.process.terminate(),
    "Ctrl-C": lambda playground: os.killpg(playground.process.pid, signal.SIGINT),
    "the command is killed": lambda playground: playground.process.kill(),
    "the server is killed": lambda playground: os.kill(playground.server, signal.SIGKILL),
}


@pytest.mark.parametrize("end", ENDS)
def test_nothing_outlives_it(end: str) -> None:
    with playing() as playground:
        assert len(playground.leftovers()) >= 5  # the command, the server, the bot, the zygote, a folder
        ENDS[end](playground)
        playground.process.wait(_END_SECONDS)
        deadline = time.monotonic() + _END_SECONDS
        # Only where the command itself was killed may the others need a moment longer.
        while (left := playground.leftovers()) and end == "the command is killed" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left == []
        status = {"the command is killed": -signal.SIGKILL, "the server is killed": 1}
        assert playground.process.returncode == status.get(end, 0)


def test_a_port_that_is_taken_is_told(playground: Playground) -> None:
    listen = urlsplit(playground.url).netloc
    environment = {"PATH": os.environ["PATH"], "PLAYGROUND_LISTEN": listen}
    command = [sys.executable, "-m", "bot", "playground"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_END_SECONDS)
    assert done.returncode == 1
    assert f"does not start at {listen}, as PLAYGROUND_LISTEN says" in done.stderr
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr
