"""`resize` makes exactly the size that was asked, clean and sharp, and a file under the limit that was asked."""

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from bot.domain.errors import Reason, Refused, UsageError
from bot.domain.values import Limits, Outcome
from bot.tools import byte_limit, picture, resize
from bot.tools.resample import resample
from tests.pictures import made, photos


def resized(image: Image.Image, kind: str = "JPEG", **settings: object) -> Outcome:
    typed = resize.parse({key: str(value) for key, value in settings.items()})
    return resize.TOOL.run(made.source(image, kind), typed)


def shown(outcome: Outcome) -> Image.Image:
    image = made.opened(b"".join(outcome.data))
    assert (image.format, image.size) == (outcome.format, (outcome.width, outcome.height))
    return image


def similarity(one: Image.Image, other: Image.Image) -> float:
    return float(structural_similarity(*(np.asarray(image.convert("L")) for image in (one, other))))


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, (640, 427)),
        ({"longest": 300}, (300, 200)),
        ({"longest": 301}, (301, 201)),
        ({"width": 100}, (100, 67)),
        ({"height": 100}, (150, 100)),
        ({"width": 123, "height": 321}, (123, 82)),
        ({"width": 321, "height": 123, "fit": "inside"}, (184, 123)),
        ({"width": 123, "height": 321, "fit": "crop"}, (123, 321)),
        ({"width": 123, "height": 321, "fit": "stretch"}, (123, 321)),
        ({"width": 800, "height": 600}, (640, 427)),
        ({"width": 800, "height": 600, "fit": "crop"}, (800, 600)),
        ({"percent": 50}, (320, 214)),
        ({"percent": 1}, (6, 4)),
        ({"percent": 200}, (1280, 854)),
        ({"width": 1000}, (1000, 667)),
        ({"longest": 1}, (1, 1)),
        ({"about": 333}, (320, 214)),
        ({"about": 500}, (500, 334)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_size_is_exactly_what_was_asked(kind: str, settings: dict[str, object], size: tuple[int, int]) -> None:
    outcome = resized(photos.china(), kind, **settings)
    expected = size if kind == "JPEG" or settings.get("about") != 333 else (333, 222)
    assert shown(outcome).size == expected
    assert (outcome.source_width, outcome.source_height) == (640, 427)


@pytest.mark.parametrize("size", [(300, 100), (100, 300), (300, 200), (900, 300), (300, 900), (427, 427), (1, 1)])
def test_a_crop_is_the_middle_undistorted(size: tuple[int, int]) -> None:
    outcome = resized(photos.china(), "PNG", width=size[0], height=size[1], fit="crop")
    across, down = min(640, 427 * size[0] / size[1]), min(427, 640 * size[1] / size[0])
    middle = (320 - across / 2, 213.5 - down / 2, 320 + across / 2, 213.5 + down / 2)
    expected = photos.china().resize(size, Image.Resampling.LANCZOS, box=middle)
    assert np.abs(np.asarray(shown(outcome)).astype(int) - np.asarray(expected)).mean() < 9
    assert ("enlarged" in outcome.report) == (size[0] > 640 or size[1] > 427)


def test_a_turned_photo_is_measured_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = made.source(photos.china(), "JPEG", exif=exif)
    outcome = resize.TOOL.run(source, resize.parse({"width": "200"}))
    assert (outcome.width, outcome.height) == (200, 300)
    assert (outcome.source_width, outcome.source_height) == (427, 640)
    assert similarity(shown(outcome), photos.china().rotate(-90, expand=True).resize((200, 300))) > 0.9


@pytest.mark.parametrize("part", [0.93, 0.8, 0.7, 0.6, 0.5, 0.42, 0.3, 0.21, 0.1])
@pytest.mark.parametrize("name", ["china", "astronaut"])
def test_reductions_look_like_the_reference(name: str, part: float) -> None:
    photo = {"china": photos.china, "astronaut": photos.astronaut}[name]()
    size = (round(photo.width * part), round(photo.height * part))
    reference = photo.resize(size, Image.Resampling.LANCZOS)
    assert similarity(Image.fromarray(resample(np.asarray(photo), size)), reference) > 0.975


@pytest.mark.parametrize("size", [(2003, 1337), (2000, 1336), (1337, 2001)])
@pytest.mark.parametrize("part", [0.93, 0.7, 0.51, 0.42, 0.3, 0.1])
def test_decoding_smaller_costs_no_quality(size: tuple[int, int], part: float) -> None:
    both = np.hstack([np.asarray(photos.astronaut())[:427], np.asarray(photos.china())])
    photo = Image.fromarray(np.tile(both, (5, 2, 1))[: size[1], : size[0]])
    wanted = (round(size[0] * part), round(size[1] * part))
    reference = photo.resize(wanted, Image.Resampling.LANCZOS)
    read = picture.read(made.source(photo, "JPEG", quality=95), lambda size: wanted)
    assert similarity(Image.fromarray(read.pixels), reference) > 0.955


def test_enlargements_look_like_the_reference() -> None:
    photo = photos.astronaut()
    reference = photo.resize((900, 900), Image.Resampling.LANCZOS)
    assert similarity(Image.fromarray(resample(np.asarray(photo), (900, 900))), reference) > 0.99


@pytest.mark.parametrize("width", [3000, 1024, 777, 300, 100, 33])
def test_nothing_shifts(width: int) -> None:
    ramp = np.linspace(20, 235, 2048).round().astype(np.uint8)[None].repeat(64, 0)
    at = (np.arange(width) + 0.5) / width * 2048 - 0.5
    expected = 20 + at * 215 / 2047
    inner = slice(width // 20, width - width // 20)
    assert np.abs(resample(ramp, (width, 32))[16] - expected)[inner].max() < 1.2
    assert abs((resample(ramp, (width, 32))[16] - expected)[inner].mean()) < 0.15


@pytest.mark.parametrize("side", [50, 64, 90, 150, 300])
def test_an_edge_does_not_ring(side: int) -> None:
    edge = np.full((200, 200), 60, np.uint8)
    edge[:, 100:] = 190
    result = resample(edge, (side, side)).astype(int)
    assert result.min() > 60 - 18
    assert result.max() < 190 + 18


def test_fine_stripes_become_grey_and_not_a_pattern() -> None:
    stripes = np.zeros((600, 600), np.uint8)
    stripes[:, ::2] = 255
    for side in (410, 290, 190, 70):
        result = resample(stripes, (side, side))[20:-20, 20:-20] if side > 100 else resample(stripes, (side, side))
        assert abs(result.mean() - 127.5) < 3
        assert result.std() < {410: 75}.get(side, 20), side


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_alpha_stays_and_nothing_bleeds_out_of_it(kind: str) -> None:
    clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    clear.paste((250, 250, 250, 255), (50, 50, 150, 150))
    image = shown(resized(clear, "PNG", width=70, format=kind.lower()))
    red, _, _, alpha = np.moveaxis(np.asarray(image), 2, 0)
    assert (alpha[0, 0], alpha[35, 35]) == (0, 255)
    assert red[alpha > 40].min() > 225, "a dark halo"


def test_formats_stay_or_become_what_was_asked() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"):
        assert shown(resized(photos.astronaut(), kind, longest=64)).format == kind
    assert shown(resized(photos.astronaut(), "HEIF", longest=64)).format == "JPEG"
    for kind in ("jpeg", "png", "webp", "avif"):
        assert shown(resized(photos.astronaut(), "BMP", longest=64, format=kind)).format == kind.upper()


def test_the_report_says_what_a_person_would_not_expect() -> None:
    photo = photos.astronaut()
    clear = photo.resize((64, 64)).convert("RGBA")
    opaque = clear.copy()
    clear.putalpha(128)
    assert resized(photo, longest=300).report == {}
    assert resized(photo, longest=3000).report == {"not-enlarged": True, "untouched": True}
    assert resized(photo, width=600, height=700).report == {"not-enlarged": True, "untouched": True}
    assert resized(photo, width=512, height=700).report == {"untouched": True}
    assert resized(photo, width=600, height=300).report == {}
    assert resized(photo, percent=120).report == {"enlarged": True}
    assert resized(clear, "PNG", longest=32, format="jpeg").report == {"flattened": True}
    assert resized(opaque, "PNG", longest=32, format="jpeg").report == {}
    moving = made.encoded(photo, "GIF", save_all=True, append_images=[photo.rotate(90)])
    outcome = resize.TOOL.run(made.source(moving, "GIF"), resize.parse({"longest": "64"}))
    assert outcome.report == {"first-only": True}


def test_profiles_come_along() -> None:
    icc = made.profile(made.DISPLAY_P3)
    wide = made.converted(made.patches(), icc)
    outcome = resize.TOOL.run(made.source(wide, "JPEG", quality=95, icc_profile=icc), resize.parse({"percent": "50"}))
    image = shown(outcome)
    assert image.info["icc_profile"] == icc
    assert made.colour_distance(made.patches().resize(image.size), image) < 1.5


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"size": "3"}, "no-such-setting"),
        ({"longest": "0"}, "setting-range"),
        ({"longest": "20001"}, "setting-range"),
        ({"longest": "-5"}, "setting-range"),
        ({"longest": "1e3"}, "setting-range"),
        ({"longest": ""}, "setting-range"),
        ({"longest": "9" * 5000}, "setting-range"),
        ({"percent": "401"}, "setting-range"),
        ({"under_kb": "4"}, "setting-range"),
        ({"under_kb": "20001"}, "setting-range"),
        ({"format": "gif"}, "setting-choice"),
        ({"longest": "5", "percent": "5"}, "settings-conflict"),
        ({"longest": "5", "width": "5"}, "settings-conflict"),
        ({"percent": "5", "width": "5", "height": "5"}, "settings-conflict"),
        ({"width": "20000", "height": "2501"}, "setting-too-many-pixels"),
        ({"width": "5", "height": "5", "fit": "squeeze"}, "setting-choice"),
        ({"width": "5", "fit": "crop"}, "setting-missing"),
        ({"longest": "5", "fit": "crop"}, "setting-missing"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings: dict[str, str], key: str) -> None:
    with pytest.raises(UsageError) as usage:
        resize.parse(settings)
    assert usage.value.key == f"error-{key}"


def test_settings_are_read() -> None:
    assert resize.parse({}) == resize.Settings(longest=2048)
    assert resize.parse({"under_kb": "200"}) == resize.Settings(longest=2048, under_kb=200)
    assert resize.parse({"width": "3", "height": "4", "format": "WebP"}) == resize.Settings(
        width=3, height=4, format="WEBP"
    )
    assert resize.PRESETS[0][0].settings == "longest=2048"
    for preset in (preset for row in resize.PRESETS for preset in row):
        assert len(preset.settings) <= 40
        resize.parse(dict(pair.split("=") for pair in preset.settings.split(";")))


def test_results_beyond_50_megapixels_are_refused() -> None:
    for settings in ({"percent": 400}, {"width": 20000}):
        with pytest.raises(Refused) as refused:
            resized(Image.new("L", (4000, 2000)), **settings)
        assert refused.value.reason is Reason.RESULT_TOO_MANY_PIXELS
    with pytest.raises(Refused):
        resized(Image.new("L", (200, 10)), width=20000, format="webp")


class Counted:
    """The encoder, and how often it made a whole file: tiles and blanks are far smaller."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[tuple[int, int]] = []
        monkeypatch.setattr(byte_limit, "encode", self)

    def __call__(self, image: Image.Image, *args: object, **options: object) -> bytes:
        self.sizes.append(image.size)
        return picture.encode(image, *args, **options)  # type: ignore[arg-type]

    def whole(self, size: tuple[int, int]) -> int:
        return sum(width * height * 2 > size[0] * size[1] for width, height in self.sizes)


PHOTOS = {
    "astronaut": photos.astronaut,
    "china": lambda: photos.china().resize((1280, 854), Image.Resampling.LANCZOS),
    "grey": lambda: photos.china().convert("L"),
}
UNDER = [(kind, name, kb) for kind in ("JPEG", "WEBP", "AVIF") for name in PHOTOS for kb in (8, 25, 60, 150)]


@pytest.mark.parametrize(("kind", "name", "kb"), UNDER)
def test_under_n_kb_is_met_nearly_in_full(kind: str, name: str, kb: int, monkeypatch: pytest.MonkeyPatch) -> None:
    image, counted = PHOTOS[name](), Counted(monkeypatch)
    if len(byte_limit.encode_at(image, kind, 1)) > kb * 1000:
        with pytest.raises(Refused):
            byte_limit.encode_within(image, kind, kb * 1000, may_shrink=False)
        return
    counted.sizes.clear()
    fitted = byte_limit.encode_within(image, kind, kb * 1000, may_shrink=False)
    assert len(fitted.data) <= kb * 1000
    assert counted.whole(image.size) <= 3
    assert made.opened(fitted.data).size == image.size
    if len(fitted.data) < 0.95 * kb * 1000 and fitted.quality < 95:
        assert kind == "AVIF", "only AVIF has no quality in between"
        assert len(byte_limit.encode_at(image, kind, fitted.quality + 1)) > 0.93 * kb * 1000


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "PNG", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("kb", [5, 30, 200])
def test_under_n_kb_shrinks_rather_than_smears(kind: str, kb: int) -> None:
    outcome = resized(photos.astronaut(), "PNG" if kind == "HEIF" else kind, percent=100, under_kb=kb)
    size = sum(map(len, outcome.data))
    assert size <= kb * 1000
    assert shown(outcome).format == kind
    assert ("shrunk" in outcome.report) == (outcome.width < 512)
    if kind in byte_limit.LOSSY and "untouched" not in outcome.report:
        assert int(outcome.report["quality"]) >= 28
    if "shrunk" in outcome.report:
        assert outcome.report["shrunk"] == f"{outcome.width} × {outcome.height}"
        assert size > 0.8 * kb * 1000


def test_exact_pixels_are_not_shrunk() -> None:
    outcome = resized(photos.astronaut(), width=400, height=300, fit="crop", under_kb=8)
    assert shown(outcome).size == (400, 300)
    assert sum(map(len, outcome.data)) <= 8000
    assert int(outcome.report["quality"]) < 35
    for kind in ("JPEG", "PNG"):
        with pytest.raises(Refused) as refused:
            resized(photos.astronaut(), kind, width=1500, height=1500, fit="crop", under_kb=5)
        assert refused.value.reason is Reason.TOO_SMALL_A_TARGET


def test_a_png_gives_up_colours_before_pixels() -> None:
    outcome = resized(photos.astronaut(), "PNG", percent=100, under_kb=250)
    assert outcome.report == {"colours": 256}
    assert shown(outcome).mode == "P"


def test_limits_are_the_sources_own() -> None:
    assert Limits().megapixels == resize.MEGAPIXELS
