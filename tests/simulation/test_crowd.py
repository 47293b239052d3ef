"""A hundred people at once with the largest pictures there may be, both networks loaded: the promise holds for each."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.playground import memory_scan
from tests.conftest import agreed
from tests.harness.darkroom import children, needs_root, running
from tests.harness.people import Person, Telegram
from tests.pictures import photos

pytestmark = pytest.mark.prove

_SIZE = (8656, 5776)  # just below 50 megapixels
_COLOURS = ((200, 40, 40), (40, 160, 40), (40, 40, 200), (200, 180, 30), (150, 40, 180))
_WAYS = ("2048", "#ffffff", "Enhance")  # resized, cut out, enhanced
_LONG = 900  # seconds, for all of them
_BOT_MB = 300  # that the bot itself may grow to, whatever passes through it


@needs_root
def test_a_hundred_people_with_fifty_megapixels_each(telegram: Telegram, tmp_path: Path) -> None:
    pictures = [_picture(colour) for colour in _COLOURS]
    with running(telegram, tmp_path / "bot", FREE_CREDITS="100") as bot:
        people = [agreed(telegram, f"P{number}") for number in range(100)]
        for number, person in enumerate(people):
            _asks(person, pictures[number % len(pictures)], _WAYS[number % len(_WAYS)])
        for number, person in enumerate(people):
            result = person.gets_document(timeout=_LONG).bytes
            with Image.open(io.BytesIO(result)) as image:
                assert image.size == _SIZE or max(image.size) == 2048
                if _WAYS[number % len(_WAYS)] != "#ffffff":  # where the band may be cut away
                    _is_theirs(image, number % len(_COLOURS))
        flat = memory_scan.windows(
            *(photos.jpeg(Image.new("RGB", _SIZE, colour)) for colour in _COLOURS)
        )  # anybody has that
        secrets = {str(number): memory_scan.windows(picture, unlike=flat) for number, picture in enumerate(pictures)}
        family = {"bot": bot.pid, **{f"zygote {number}": pid for number, pid in enumerate(bot.zygotes())}}
        found = {name: sum(memory_scan.count_bytes(pid, secrets).values()) for name, pid in family.items()}
        peak = int(Path(f"/proc/{bot.pid}/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024
        left = {pid: len(children(pid)) for pid in bot.zygotes()}
        print(f"bytes left: {found}; the bot's peak: {peak} MB; children: {left}")
        assert set(found.values()) == {0}
        assert max(left.values()) <= 1  # the spare
        assert peak < _BOT_MB


def _picture(colour: tuple[int, int, int]) -> bytes:
    """A photo with a band that tells whose it is."""
    image = photos.large().resize(_SIZE)
    image.paste(colour, (0, 0, _SIZE[0], 600))
    return photos.jpeg(image)


def _asks(person: Person, picture: bytes, way: str) -> None:
    sent = person.sends_file(picture, "large.jpg")
    if way != "Enhance":
        person.replies_to(sent, way)
        return
    person.sees("What shall I do")
    person.taps("Enhance")
    person.taps("Medium")


def _is_theirs(image: Image.Image, number: int) -> None:
    """The band's colour is nearer to their own than to anybody else's."""
    band = image.convert("RGB").resize((64, 64)).getpixel((32, 2))
    distances = [sum(abs(a - b) for a, b in zip(band, colour, strict=True)) for colour in _COLOURS]
    assert distances.index(min(distances)) == number
