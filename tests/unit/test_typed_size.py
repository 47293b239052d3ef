"""Sizes as people write them are understood; whatever else they write is not taken for one."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.errors import UsageError
from bot.domain.settings_codec import packed, unpacked
from bot.tools import resize
from bot.tools.typed_size import typed
from handlers.callbacks import Apply

MEANT = {  # settings -> how people write them, between bars
    "longest=1200": "1200 | 1200px | 1200 px. | 1200 pixels | 1200 Pixel | 1.200 px | 1,200 px | 1’200 px | 1 200"
    "| 1.200 | 1\u00a0200\u202fpx | １２００ ｐｘ | ١٢٠٠ | max 1200 | max. 1200 px | höchstens 1200 px | under 1200 px"
    "| (1200 px) | 1200 пикселей | “1200” | auf 1200 px | 1200 px\u200b | 1200 px max.",
    "longest=800": "800 px lang | 800 px long | longest side 800 | längste Seite: 800 px | Laengste Kante 800"
    "| resize to 800 px | size: 800 | about 800 px",
    "width=800": "800px breit | 800 px wide | width 800 | width: 800 px | Breite 800 | 800 breit",
    "height=600;under_kb=300": "600 px hoch, 300 KB | height 600, max 300 KB | Höhe: 600 px, höchstens 300 KB",
    "longest=12": "12 | 12. | 012",
    "longest=1234567": "1.234.567 px | 1 234 567 px",
    "percent=50": "50% | 50 % | 50\u202f% | 50 percent | 50 per cent | 50 Prozent | 50,0 % | ５０％ | auf 50%",
    "width=1200;height=800": "1200x800 | 1200x800px | 1200 x 800 px | 1200px x 800px | 1200×800 | 1200 * 800"
    "| 1200 х 800 | 1200х800 | 1200 by 800 | 1200 mal 800 Pixel | 1.200 x 800 | 1200X800 (Cyrillic x) | ≤ 1200 × 800",
    "width=1920;height=1080": "1920 х 1080 (Cyrillic x)",
    "percent=100;under_kb=300": "300 KB | 300kb | 300 kB | 300k | 300 K | 300 KiB | 300 ko | 300 Ko | 300 КБ | 300 кб"
    "| 300 Кбайт | 300 КB | 300 kilobytes | 300000 bytes | 300.000 B | 300\u00a0KB | 0.3 MB | 0,3 MB | 0.300 MB"
    "| 300,7 KB | under 300 KB | unter 300 KB | max 300kb | Max. 300 KB | höchstens 300 KB | hoechstens 300 KB"
    "| at most 300 KB | weniger als 300 KB | less than 300 KB | <300 KB | < 300 kb | <= 300 KB | ≤ 300 KB | ≤300KB"
    "| 300 KB max. | 300 KB or less | up to 300 KB | bis 300 KB | bis zu 300 KB",
    "percent=100;under_kb=500": ".5 MB | ,5 MB | max .5 MB | (,5 MB) | ½ MB | ca. 500 KB | about 500 KB | etwa 500 KB",
    "percent=100;under_kb=1500": "1.5 MB | 1,5 MB | 1,5mb | 1.5 Mo | 1,5 МБ | 1.500 KB | 1,500 KB | 1 500 KB | 1.500 MB"
    "| 1,50 MiB | max. 1,5 MB | 1500 KB | 1.500,9 KB | 1,500.9 KB | 1½ MB",
    "percent=100;under_kb=2000": "not more than 2 MB | no larger than 2 MB | nicht größer als 2 MB | Max: 2 MB"
    "| Max size: 2 MB | max. Dateigröße 2 MB | no bigger than 2 MB"
    "| 2 MB | 2M | <= 2 MB | 2 megabytes | weniger als 2 MB!",
    "percent=100;format=jpeg": "jpg | JPEG | .jpg | JPEG-Format | im JPG-Format | as jpg | als JPG. | in jpeg",
    "percent=100;format=png": "png | .png | als PNG | to png | zu PNG | convert to png | PNG format",
    "percent=100;format=webp": "webp | as webp | WebP!",
    "percent=100;format=avif": "avif | als AVIF",
    "percent=100;under_kb=300;format=jpeg": "jpg 300 KB | 300 KB jpg | jpg, unter 300 KB | max 300k als jpg",
    "longest=800;format=webp": "webp 800 | 800 webp | 800 px as webp | WebP, 800 px",
    "width=800;height=600;under_kb=200;format=png": "800x600 png 200 KB | png 800 × 600, max. 200 KB",
    "longest=1200;under_kb=300": "1200 px, unter 300 KB | 1200 and 300 KB | 1200 px under 300 KB",
    "percent=50;format=jpeg": "50% jpg | jpeg, 50 %",
}


@pytest.mark.parametrize(
    ("settings", "text"), [(settings, text) for settings, texts in MEANT.items() for text in texts.split("|")]
)
def test_a_size_is_understood_as_people_write_it(settings: str, text: str) -> None:
    assert typed(text) == settings


def test_a_button_has_room_for_all_that_can_be_typed() -> None:
    largest = "width=20000;height=20000;under_kb=20000;format=jpeg;fit=crop"
    assert len(Apply("resize", packed(unpacked(largest))).pack().encode()) <= 64
    for settings in [*MEANT, largest]:  # as buttons have carried them so far
        assert unpacked(packed(unpacked(settings))) == unpacked(settings)
        assert unpacked(settings) == dict(part.split("=") for part in settings.split(";"))


NO_SIZE = (
    " | hello | I have 2 photos | 2 photos | Ich habe 3 Bilder | prettier please | thanks, 10/10 | <3 | max | under | x"
    "| % | KB | -5 | 1200-800 | 1200x | x800 | 10 x 15 cm | 1080p | 1st | 12 MP | min 300 KB | > 300 KB | over 1200 px"
    "| 1.2.3 | 1200 800 | 12 00 | 1.5.2024 | ½ | 10:30 | png jpg | 50% 1200 | 300 KB 2 MB | gif | light blue | #ffcc00"
    "| 300 kbit | jpg300 | и | 10 g | 2 m | 5 kilo | mit 5 | bis 5 | 5 to | 1, 5 MB | 1 ,5 MB | 1 . 5 MB | 50 jpg | .5"
    "| wide | width | 1200x800 wide | width 300 KB | 16:9 | lang 5"
)
SMALLER = "20 % kleiner | 20 % weniger | 30% less | 30% smaller | 30% under | 500 KB weniger"  # by so much, or to it
DOUBTFUL = (
    SMALLER + "| under 500 | unter 500 | < 500 | less than 500 | 4k | 8K"
)  # pixels or bytes: better asked than misread


@pytest.mark.parametrize("text", [*NO_SIZE.split("|"), *DOUBTFUL.split("|")])
def test_what_is_no_size_is_not_taken_for_one(text: str) -> None:
    assert typed(text) is None


OUT_OF_RANGE = (
    "0 | 0 px | 20001 | 1.5 px | 0% | 401 % | 12,5 % | 0x0 | 30000 x 20 | 8000x8000 | 4 KB | 999 bytes | 21 MB"
)
OUT_OF_RANGE += "| 1 GB | 100m | 10 GB | 500 bytes | 1 000 MB | 1 200 300 KB"


@pytest.mark.parametrize(
    "text", [*OUT_OF_RANGE.split("|"), "9" * 4000, "9" * 4000 + " KB", "1." + "1" * 4000 + " %"], ids=range(22)
)
def test_a_number_out_of_range_is_refused_in_words(text: str) -> None:
    settings = typed(text)
    assert settings
    with pytest.raises(UsageError):
        resize.parse(unpacked(settings))


PARTS = "1|200|1.200|1,5|,|.| |x|×|<|(|)|(a)|KB|MB|%|px|max|jpg"


@given(st.text() | st.lists(st.sampled_from(PARTS.split("|")), max_size=12).map("".join))
@example("1" * 4096)
@example("1 x " * 1024)
def test_no_text_is_too_much(text: str) -> None:
    if settings := typed(text):
        with suppress(UsageError):
            resize.parse(unpacked(settings))
