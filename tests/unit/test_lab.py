"""Sealed for the lab: from a photo through the jail to the lab's folder; nobody else opens it, nothing else goes."""

import asyncio
import io
import json
import stat
import subprocess
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyrage
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage import x25519

from bot import sealing
from bot.cli import check, lab
from bot.domain.errors import Reason, Refused, UsageError
from bot.prints import envelope
from bot.sandbox import wire
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed, Sandbox
from bot.settings import Settings
from bot.tools import prints
from bot.tools.shelf import ALL_TOOLS
from tests.harness.people import Telegram
from tests.pictures import made, photos
from tests.stories.test_cli import bot

BERLIN = {
    "name": "Wilhelmina Canary",
    "email": "canary@example.org",
    "shipping_address": {
        "country_code": "DE",
        "state": "",
        "city": "Canaryhausen",
        "street_line1": "Am Canarygraben 17",
        "street_line2": "",
        "post_code": "10999",
    },
}
ENVELOPE = "Wilhelmina Canary\nAm Canarygraben 17\n10999 Canaryhausen\nGERMANY\n"
LONGEST = "\U0001f426" * 400  # of the widest characters


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The lab's key file, and its public key, as the lab makes them."""
    path = tmp_path_factory.mktemp("lab") / "keys" / "lab.key"
    done = bot("lab", "keygen", "--key", str(path))
    assert done.returncode == 0, done.stderr
    line = done.stdout.splitlines()[0]
    assert line.startswith("PRINT_LAB_PUBLIC_KEY=age1")
    return path, line.partition("=")[2]


@pytest.fixture(scope="module")
def identity(keys: tuple[Path, str]) -> x25519.Identity:
    return lab.read_keys(keys[0])[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


async def _made(sandbox: Sandbox, slug: str, photo: bytes, chosen: Mapping[str, str]) -> tuple[bytes, Developed]:
    with MemoryFile() as memory:
        memory.write(photo)
        made = await sandbox.develop(ALL_TOOLS[slug], chosen, memory)
        with made.file:
            return made.file.read(0, made.file.size), made


def ordered(public: str, order: str = "ABCD2345", info: Mapping[str, Any] = BERLIN, **chosen: str) -> dict[str, str]:
    return {"order": order, "address": sealing.seal(info, public), "key": public, **chosen}


# The whole way


@pytest.mark.asyncio(loop_scope="module")
async def test_a_photo_arrives_in_the_labs_folder(sandbox: Sandbox, keys: tuple[Path, str], tmp_path: Path) -> None:
    key, public = keys
    chosen = ordered(public, cut="end", paper="matte", copies="3", shipping="letter")
    package, made = await _made(sandbox, "print", photos.encoded("astronaut", "PNG"), chosen)
    assert made.about == wire.About("PNG", "AGE", 1181, 1772, 1181, 1772, {})
    (tmp_path / "package.age").write_bytes(package)
    command = ("lab", "open", str(tmp_path / "package.age"), "--key", str(key), "--into", str(tmp_path / "orders"))
    done = await asyncio.to_thread(bot, *command)
    folder = tmp_path / "orders" / "ABCD2345"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"ABCD2345  10x15  3 x  matte  {folder}\n"
    assert sorted(each.name for each in folder.iterdir()) == ["address.txt", "order.json", "print.jpg"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / "address.txt").read_text("utf-8") == ENVELOPE
    told = {"order": "ABCD2345", "format": "10x15", "paper": "matte", "copies": 3, "shipping": "letter"}
    assert json.loads((folder / "order.json").read_text("utf-8")) == told
    outside = prints.drawn(made_source(), prints.Print("10x15", "fill", "end"))
    assert (folder / "print.jpg").read_bytes() == prints.encoded(outside)
    again = await asyncio.to_thread(bot, *command)
    assert again.returncode == 1
    assert "is not overwritten" in again.stderr
    assert len(again.stderr.splitlines()) == 1


def made_source() -> made.Source:
    return made.unlocked(photos.encoded("astronaut", "PNG"))


@pytest.mark.asyncio(loop_scope="module")
async def test_a_package_tells_nothing_without_the_key(
    sandbox: Sandbox, keys: tuple[Path, str], tmp_path: Path
) -> None:
    _, public = keys
    photo = photos.encoded("china", tagged=True)
    packages = [await _made(sandbox, "print", photo, ordered(public)) for _ in range(3)]
    file = prints.encoded(prints.drawn(made.unlocked(photo), prints.parse_print({})))
    for package, about in packages:
        for canary in (
            b"canary",
            b"Canary",
            b"ABCD2345",
            b"print.jpg",
            b"JFIF",
            file[:64],
            file[9000:9032],
            photo[-64:],
        ):
            assert canary not in package
        assert about.about == wire.About("JPEG", "AGE", 1181, 1772, 1181, 1772, {}), "it lies, and that is not told"
    stanzas = {package.split(b"\n")[1] for package, _ in packages}
    assert len(stanzas) == 3, "children of one zygote make keys of their own"
    stranger = tmp_path / "stranger.key"
    assert lab.keygen(stranger) == 0
    with pytest.raises(lab.NotOpened):
        lab.open_package(packages[0][0], *lab.read_keys(stranger))


def test_two_keys_open_what_was_sealed_while_one_took_the_others_place(tmp_path: Path) -> None:
    """The address when it was paid for, the package when it was sent."""
    old, new = tmp_path / "old.key", tmp_path / "new.key"
    for key in (old, new):
        assert lab.keygen(key) == 0
    before, now = (str(lab.read_keys(key)[0].to_public()) for key in (old, new))
    told = sealing.SealedOrder("ABCDEFGH", "10x15", "glossy", 1)
    package = sealing.pack(told, photos.encoded(), sealing.seal(BERLIN, before), now)
    with pytest.raises(lab.NotOpened):
        lab.open_package(package, *lab.read_keys(new))
    new.write_text(new.read_text() + old.read_text())
    assert lab.open_package(package, *lab.read_keys(new)).address == ENVELOPE


@pytest.mark.asyncio(loop_scope="module")
async def test_the_longest_address_in_the_widest_script_fits(sandbox: Sandbox, keys: tuple[Path, str]) -> None:
    info = {
        "name": LONGEST,
        "phone_number": LONGEST,
        "shipping_address": dict.fromkeys(BERLIN["shipping_address"], LONGEST),
    }
    chosen = ordered(keys[1], info=info, order="A" * 32, copies="50", paper="matte", shipping="x" * 200)
    package, _ = await _made(sandbox, "print", photos.encoded(), chosen)
    opened = lab.open_package(package, *lab.read_keys(keys[0]))
    assert (
        opened.address.count("\U0001f426") == 7 * sealing.LONGEST_LINE
    )  # a state that is called as its city is once there


@pytest.mark.asyncio(loop_scope="module")
async def test_a_job_that_goes_wrong_tells_no_address(sandbox: Sandbox, keys: tuple[Path, str]) -> None:
    chosen = ordered(keys[1])
    for photo in (photos.encoded()[:5000], b"no photo", made.encoded(photos.cat().resize((9, 6)), "PNG")):
        with pytest.raises(Refused) as refused:
            await _made(sandbox, "print", photo, chosen)
        told = f"{refused.value!r} {refused.value.values} {refused.value.__cause__!r}"
        assert chosen["address"][40:80] not in told
    with pytest.raises(Refused) as crashed:
        await _made(sandbox, "print", photos.encoded(), {**chosen, "copies": "none"})
    assert crashed.value.key == "error-crashed"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_photo_that_takes_over_its_decoder_orders_no_more_copies(
    keys: tuple[Path, str], tmp_path: Path
) -> None:
    """Its package is no picture to be sealed; the real one is made where no photo is decoded."""
    sandbox = Sandbox(zygote=("tests.harness.hostile", str(tmp_path)))
    try:
        with pytest.raises(Refused) as refused:
            await _made(sandbox, "print", photos.encoded(), ordered(keys[1], copies="1"))
    finally:
        sandbox.close()
    assert refused.value.reason is Reason.NOT_A_PHOTO


@pytest.mark.asyncio(loop_scope="module")
async def test_a_proof_comes_out_of_the_jail(sandbox: Sandbox) -> None:
    for chosen, size in ({"cut": "start"}, (1280, 854)), ({"fit": "whole"}, (1280, 890)):
        data, made = await _made(sandbox, "print-look", photos.encoded(), chosen)
        assert made.about.untrusted_report == {"dpi": 108, "cut": 0, "coarse": True}
        assert photos.opened(data).size == size


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": ""},
        {"address": ""},
        {"key": ""},
        {"key": "age1nothing"},
        {"copies": "0"},
        {"copies": "51"},
        {"copies": "²"},
        {"paper": "silk"},
        {"format": "9x13"},
        {"colour": "red"},
    ],
)
def test_what_a_print_does_not_know_is_wrong_usage(keys: tuple[Path, str], wrong: dict[str, str]) -> None:
    good = {"order": "ABCD2345", "address": "sealed", "key": keys[1]}
    assert prints.parse(good).told == sealing.SealedOrder("ABCD2345", "10x15", "glossy", 1)
    with pytest.raises(UsageError):
        prints.parse(good | wrong)


# The address


def _unsealed(text: str, identity: x25519.Identity) -> dict[str, str]:
    opened: dict[str, str] = json.loads(pyrage.decrypt(text.encode(), [identity]))
    return opened


def test_an_address_is_sealed_without_its_mail(keys: tuple[Path, str], identity: x25519.Identity) -> None:
    text = sealing.seal(BERLIN, keys[1])
    assert text.startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert "anary" not in text
    filled = {name: line for name, line in BERLIN["shipping_address"].items() if line}  # type: ignore[attr-defined]
    assert _unsealed(text, identity) == {"name": BERLIN["name"], **filled}


def test_the_length_of_an_address_cannot_be_seen(keys: tuple[Path, str], identity: x25519.Identity) -> None:
    """What age itself adds differs from time to time: decoys."""
    short = {"name": "Bo", "shipping_address": {"country_code": "DE", "city": "Au"}}
    lengths = {len(pyrage.decrypt(sealing.seal(info, keys[1]).encode(), [identity])) for info in (short, BERLIN, {})}
    assert lengths == {512}


_strange = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=12),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.dictionaries(st.sampled_from(["name", "phone_number", "email"]), _strange | st.just("\ud800")),
    st.dictionaries(st.sampled_from([*BERLIN["shipping_address"]]), _strange) | _strange,
)
@settings(max_examples=60, deadline=None)
def test_no_content_is_too_strange_to_be_sealed(
    keys: tuple[Path, str], identity: x25519.Identity, info: dict[str, Any], shipping: Any
) -> None:
    text = sealing.seal({**info, "shipping_address": shipping}, keys[1])
    lines = envelope.lines(_unsealed(text, identity))
    assert all(each.isprintable() or each in "\n\u200c\u200d" for each in lines)


@pytest.mark.parametrize(
    ("info", "lines"),
    [
        ({"country_code": "us", "city": "Springfield", "state": "IL", "post_code": "62701"},
         ["Springfield IL 62701", "UNITED STATES OF AMERICA"]),
        ({"country_code": "GB", "city": "London", "state": "London", "post_code": "NW1 6XE"},
         ["London", "NW1 6XE", "UNITED KINGDOM"]),
        ({"country_code": "AT", "city": "Graz", "state": "Steiermark", "post_code": "8010"},
         ["8010 Graz", "Steiermark", "AUSTRIA"]),
        ({"country_code": "XK", "city": "Prishtina", "phone_number": "+383 1"}, ["Prishtina", "XK", "", "Tel. +383 1"]),
        ({"name": "A\x1b[2J\n\u202eB", "street_line1": "\t"}, ["A [2J B"]),
        ({"name": "می\u200cخواهم"}, ["می\u200cخواهم"]),
    ],
)  # fmt: skip
def test_an_address_reads_as_on_an_envelope(info: dict[str, str], lines: list[str]) -> None:
    assert envelope.lines(info).splitlines() == lines


# The lab's commands


def test_a_key_is_for_its_owner_alone_and_never_overwritten(
    keys: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    key, public = keys
    before = key.read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert before.splitlines()[0] == f"# public key: {public}", "as age-keygen writes it"
    assert lab.keygen(key) == 1
    assert key.read_text() == before
    told = capsys.readouterr()
    assert "is not overwritten" in told.err
    assert "AGE-SECRET-KEY" not in told.out + told.err


@pytest.fixture
def package(keys: tuple[Path, str]) -> bytes:
    return sealing.pack(
        sealing.SealedOrder("ABCD2345", "10x15", "glossy", 2), JPEG, sealing.seal(BERLIN, keys[1]), keys[1]
    )


JPEG = photos.jpeg(photos.cat())


def test_each_file_is_opened_or_said_why_not(
    keys: tuple[Path, str], package: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def opened(*names: str, key: Path = keys[0]) -> tuple[int, list[str], list[str]]:
        status = lab.open_files([tmp_path / name for name in names], key, tmp_path / "into")
        told = capsys.readouterr()
        return status, told.out.splitlines(), told.err.splitlines()

    lab.keygen(tmp_path / "other.key")
    capsys.readouterr()
    (tmp_path / "good.age").write_bytes(package)
    (tmp_path / "short.age").write_bytes(package[:-30])
    (tmp_path / "large.age").write_bytes(package + bytes(sealing.LARGEST_PACKAGE))
    (tmp_path / "empty.age").write_bytes(b"")
    (tmp_path / "text.key").write_text("no key")
    for key in ("text.key", "nowhere.key"):
        status, out, err = opened("good.age", key=tmp_path / key)
        assert (status, out, len(err)) == (2, [], 1)
    status, out, err = opened("good.age", key=tmp_path / "other.key")
    assert (status, out, len(err)) == (3, [], 1)
    assert "for another key" in err[0]
    assert not (tmp_path / "into").exists()
    status, out, err = opened("short.age", "large.age", "empty.age", "nowhere.age", "good.age")
    assert (status, len(out), len(err)) == (3, 1, 4), "one that fails keeps no other"
    assert "damaged" in err[0]
    assert "larger" in err[1]
    assert [each.name for each in (tmp_path / "into").iterdir()] == ["ABCD2345"]
    assert opened("nowhere.age")[0] == opened(".")[0] == 2


def test_a_folder_that_cannot_be_filled_is_not_left_behind(
    identity: x25519.Identity, package: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        lab._write(lab.open_package(package, identity), tmp_path)
    assert list(tmp_path.iterdir()) == []


# What is sealed by somebody else

Members = list[tuple[str, bytes]]


def zipped(members: Members, how: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, how)
    return out.getvalue()


@pytest.fixture
def honest(keys: tuple[Path, str], package: bytes, identity: x25519.Identity) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(package, [identity]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _sealed(plain: bytes, keys: tuple[Path, str]) -> bytes:
    sealed: bytes = pyrage.encrypt(plain, [x25519.Recipient.from_str(keys[1])])
    return sealed


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing may be when the test ends, and none beside it."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    yield inner
    assert [each.name for each in tmp_path.rglob("*")] == ["a", "b"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "names",
    [
        ["../print.jpg", "order.json", "address.age"],
        ["/tmp/print.jpg", "order.json", "address.age"],
        ["order.json", "print.jpg", "address.age", "more"],
        ["order.json", "print.jpg", "print.jpg", "address.age"],
        ["order.json", "print.jpg", "print.jpg"],
        ["order.json", "print.jpg/", "address.age"],
        ["order.json", "print.jpg"],
        [],
    ],
)
def test_names_of_its_own_are_not_unpacked(
    keys: tuple[Path, str], identity: x25519.Identity, honest: dict[str, bytes], watched: Path, names: list[str]
) -> None:
    members = [(name, honest.get(name.strip("./").rpartition("/")[2], b"x")) for name in names]
    with pytest.raises(lab.NotOpened):
        lab._write(lab.open_package(_sealed(zipped(members), keys), identity), watched)


@pytest.mark.parametrize(
    "told",
    [
        *({"order": number} for number in ("../up", "..", ".", "", "a/b", "-rf", "A" * 33, "A\n", "é", None, 7, ["A"])),
        *({"copies": copies} for copies in (0, -1, 1000, 1.5, True, "3", None)),
        {"format": "10x15\x1b[2J"},
        {"paper": ""},
        {"paper": {"a": 1}},
    ],
)
def test_an_order_that_makes_no_sense_is_not_written(
    keys: tuple[Path, str], identity: x25519.Identity, honest: dict[str, bytes], watched: Path, told: dict[str, Any]
) -> None:
    order = json.dumps(json.loads(honest["order.json"]) | told).encode()
    with pytest.raises(lab.NotOpened):
        lab._write(
            lab.open_package(_sealed(zipped([*(honest | {"order.json": order}).items()]), keys), identity), watched
        )


def test_nothing_in_it_is_larger_than_it_may_be(
    keys: tuple[Path, str], identity: x25519.Identity, honest: dict[str, bytes], watched: Path
) -> None:
    bomb = honest | {"print.jpg": b"\xff\xd8\xff" + bytes(200 << 20)}
    for members, how in (
        (bomb, zipfile.ZIP_DEFLATED),
        (honest | {"order.json": honest["order.json"] + b" " * 5000}, zipfile.ZIP_STORED),
        (honest | {"order.json": b"[" * 4000}, zipfile.ZIP_STORED),
        (honest | {"address.age": bytes(40_000)}, zipfile.ZIP_STORED),
        (honest, zipfile.ZIP_BZIP2),
    ):
        sealed = _sealed(zipped([*members.items()], how), keys)
        assert len(sealed) < 1 << 20
        with pytest.raises(lab.NotOpened):
            lab._write(lab.open_package(sealed, identity), watched)


def test_a_part_that_is_something_else_is_refused(
    keys: tuple[Path, str], identity: x25519.Identity, honest: dict[str, bytes], watched: Path
) -> None:
    stranger = sealing.new_key()[1]
    for change in (
        {"print.jpg": b"MZ an executable"},
        {"print.jpg": b""},
        {"address.age": b"Wilhelmina, in the open"},
        {"address.age": sealing.seal(BERLIN, stranger).encode()},
        {"address.age": _sealed(b"[1, 2]", keys)},
        {"address.age": _sealed(b"\xff", keys)},
        {"order.json": b"[]"},
        {"order.json": b'{"order": NaN}'},
    ):
        with pytest.raises(lab.NotOpened):
            lab._write(lab.open_package(_sealed(zipped([*(honest | change).items()]), keys), identity), watched)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_broken_archive_is_refused_or_right(
    keys: tuple[Path, str], identity: x25519.Identity, data: st.DataObject
) -> None:
    small = {"order.json": b'{"order": "A", "format": "a", "paper": "b", "copies": 1}', "print.jpg": b"\xff\xd8\xff"}
    plain = bytearray(zipped([*small.items(), ("address.age", b"nothing")]))
    for _ in range(data.draw(st.integers(1, 4))):
        plain[data.draw(st.integers(0, len(plain) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(plain), data.draw(st.integers(0, len(plain)))]))
    with pytest.raises(lab.NotOpened):  # for its address is not sealed
        lab.open_package(_sealed(bytes(plain[:cut]), keys), identity)


# What check says


def test_check_looks_at_what_prints_need(telegram: Telegram, keys: tuple[Path, str]) -> None:
    olga = telegram.person("Olga")
    olga.writes("/start")
    there = telegram.group("Lab", olga).id
    all_of_it: dict[str, Any] = {
        "stripe_provider_token": "123:TEST:one",
        "stripe_api_key": "sk_test_one",
        "print_lab_chat_id": there,
        "print_lab_public_key": keys[1],
        "stripe_webhook_secret": "whsec_of_the_tests",
    }

    def told(**about: Any) -> str:
        reach = {"bot_token": telegram.token, "bot_api_url": telegram.url, "stripe_api_url": f"{telegram.url}/stripe"}
        return asyncio.run(check._prints(Settings(_env_file=None, **reach, **about)))

    assert "nobody is offered" in told()
    assert "is there" in told(**all_of_it)
    assert "is there" in told(**all_of_it | {"print_lab_chat_id": olga.id})
    with pytest.raises(check._Risky, match="make it an administrator"):
        told(**all_of_it | {"print_lab_chat_id": telegram.group("Lab", olga, bot="member").id})
    with pytest.raises(check._Risky, match=r"until STRIPE_API_KEY, PRINT_LAB_PUBLIC_KEY is set"):
        told(**all_of_it | {"stripe_api_key": None, "print_lab_public_key": None})
    with pytest.raises(check._Risky, match="STRIPE_WEBHOOK_SECRET is unset"):
        told(**all_of_it | {"stripe_webhook_secret": None})
    with pytest.raises(check._Broken, match="not in"):
        told(**all_of_it | {"print_lab_chat_id": -1001234567890})
    for mixed in ({"stripe_provider_token": "123:LIVE:one"}, {"stripe_api_key": "rk_live_one"}):
        with pytest.raises(check._Broken, match="real money"):
            told(**all_of_it | mixed)
    with pytest.raises(check._Broken, match="STRIPE_API_KEY right"):
        told(**all_of_it | {"stripe_api_key": "sk_test_/nonsense"})
    with pytest.raises(ValueError, match="PRINT_LAB_PUBLIC_KEY is mistyped"):
        told(**all_of_it | {"print_lab_public_key": keys[1][:-1] + ("q" if keys[1][-1] != "q" else "p")})


def test_the_standard_tool_opens_it_where_it_is_there(keys: tuple[Path, str], package: bytes, tmp_path: Path) -> None:
    (tmp_path / "package.age").write_bytes(package)
    command = ["age", "--decrypt", "--identity", str(keys[0]), str(tmp_path / "package.age")]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20)
    except FileNotFoundError:
        pytest.skip("age is not installed")
    assert zipfile.ZipFile(io.BytesIO(done.stdout)).testzip() is None
