"""Photos as others write them: what a browser, libvips or libheif show, and what we open, in every format.

`pytest -s` prints the table: each file, who is asked, and the mean and largest difference of 8-bit sRGB and alpha.
"""

import base64
import io
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import pyvips
import tifffile
from PIL import Image

from bot.domain.errors import Reason, Refused
from bot.tools import colour, picture, profiles
from bot.tools.metadata import jpeg
from bot.tools.shelf import SHELF
from tests.harness.picture import chromium
from tests.pictures import made, outside
from tests.pictures.outside import SIZE, app1, avif, chrm, chunk, cicp, dcf, exif, gama, heic, png, scene

Pixels = npt.NDArray[np.int64]
RED = Image.new("RGB", SIZE, (250, 0, 0))
_ADOBES = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)


def _half_clear() -> Image.Image:
    image = scene().convert("RGBA")
    image.putalpha(128)
    return image


def _clear_grey(depth: int) -> bytes:
    values = np.asarray(scene().convert("L")).astype(int) * ((1 << depth) - 1) // 255
    return png(values, before=chunk(b"tRNS", int(values[8, 40]).to_bytes(2, "big")), kind=0, depth=depth)


def _clear_colour(depth: int) -> bytes:
    """With a neighbour of the clear colour that differs from it in the last bit only."""
    values = np.asarray(scene()).astype(int) * (257 if depth == 16 else 1)
    key = values[8, 40].copy()
    values[:, 90:] = key + 1
    return png(values, before=chunk(b"tRNS", b"".join(int(part).to_bytes(2, "big") for part in key)), depth=depth)


def _inks() -> bytes:
    return outside.jpeg(scene().convert("CMYK"))


P3 = made.profile(made.DISPLAY_P3)


def _claiming(directory: bytes) -> bytes:
    """20 entries where there is one."""
    return directory[:9] + b"\x14" + directory[10:]


def _late_profile() -> bytes:
    data = outside.jpeg()
    at = data.index(b"\xff\xc4")
    return data[:at] + b"".join(jpeg.profile_segments(P3)) + data[at:]


def _unannounced_profile() -> bytes:
    data = bytearray(made.encoded(scene(), "WEBP", icc_profile=P3, lossless=True))
    data[20] &= ~0x20
    return bytes(data)


def _tiff(pixels: npt.NDArray[Any], **options: Any) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, pixels, **options)
    return out.getvalue()


DEEP = np.asarray(scene()).astype(np.uint16) * 257
_ICCP = chunk(b"iCCP", b"x\0\0" + zlib.compress(P3))
GREY = np.asarray(scene().convert("L"))

BROWSER = {
    "png checksum of a text": png(before=chunk(b"tEXt", b"a\0b", wrong=True)),
    "png checksum of gAMA": png(before=chunk(b"gAMA", (100_000).to_bytes(4, "big"), wrong=True)),
    "png checksum of tRNS": png(before=chunk(b"tRNS", bytes(6), wrong=True)),
    "png without IEND": png(end=b""),
    "png with half an IEND": png(end=b"\0\0\0\0IE"),
    "png cut in a text": png(end=b"\0\0\0\x50tEXtabc"),
    "png with a broken text": png(before=chunk(b"zTXt", b"a\0\0rubbish") + chunk(b"iTXt", b"b")),
    "png cICP P3": png(before=cicp(12, 13)),
    "png cICP linear": png(before=cicp(1, 8)),
    "png cICP before iCCP": png(before=cicp(1, 13) + _ICCP),
    "png cICP P3, grey": png(GREY, before=cicp(12, 8), kind=0),
    "png iCCP before gAMA": png(before=_ICCP + gama(1)),
    "png gAMA 1": png(before=gama(1)),
    "png gAMA 0.55": png(before=gama(0.55)),
    "png gAMA of sRGB": png(before=gama(0.45455)),
    "png gAMA 0": png(before=gama(0)),
    "png gAMA and cHRM": png(before=gama(0.45455) + chrm(*_ADOBES)),
    "png cHRM alone": png(before=chrm(*_ADOBES)),
    "png sRGB before gAMA": png(before=chunk(b"sRGB", b"\0") + gama(1)),
    "png gAMA 1, grey": png(GREY, before=gama(1), kind=0),
    "png gAMA 1, 16 bits": png(np.asarray(scene()).astype(int) * 257, before=gama(1), depth=16),
    **{f"png clear grey of {depth} bits": _clear_grey(depth) for depth in (1, 2, 4, 8, 16)},
    **{f"png clear colour of {depth} bits": _clear_colour(depth) for depth in (8, 16)},
    "png orientation": png(before=chunk(b"eXIf", exif(6))),
    "png orientation in a text": png(before=outside.imagemagicks_exif(6)),
    "png orientation behind the picture": png(after=chunk(b"eXIf", exif(6))),
    "apng behind a cover": outside.apng_behind_a_cover(RED, scene(), RED),
    "jpeg inks": _inks(),
    "jpeg inks without Adobe's marker": outside.without_adobe(_inks()),
    "jpeg orientation": outside.jpeg(segments=app1(exif(6))),
    "jpeg orientation behind an odd byte": outside.jpeg(segments=app1(exif(6), b"Exif\0\xff")),
    "jpeg zeros for an end": outside.jpeg()[:-2] + bytes(100),
    "jpeg progressive without an end": outside.jpeg(progressive=True)[:-2],
    "avif": avif(),
    "avif nclx P3": outside.with_nclx(avif(), 12, 13),
    "avif nclx BT.709": outside.with_nclx(avif(), 1, 1),
    "avif nclx BT.2020": outside.with_nclx(avif(), 9, 14),
    "avif nclx linear": outside.with_nclx(avif(), 1, 8),
    "avif orientation": avif(exif=exif(6)),
    "png tRNS of a wrong size": png(before=chunk(b"tRNS", b"\0\1")),
    "png two gAMA": png(before=gama(1) + gama(0.3)),
    "png gAMA behind the picture": png(after=gama(1)),
    "png gAMA beside a broken iCCP": png(before=chunk(b"iCCP", b"x\0\0rubbish") + gama(1)),
    "png gAMA beside an iCCP of something else": png(
        before=chunk(b"iCCP", b"x\0\0" + zlib.compress(b"rubbish" * 40)) + gama(1)
    ),
    "png gAMA beside a cICP that says nothing": png(before=cicp(2, 2) + gama(1)),
    "png cICP of narrow range": png(before=chunk(b"cICP", bytes([12, 13, 0, 0]))),
    "png orientation in a directory that claims more": png(before=chunk(b"eXIf", _claiming(exif(6)))),
    "jpeg orientation in a directory that claims more": outside.jpeg(segments=app1(_claiming(exif(6)))),
    "jpeg orientation behind the picture": outside.jpeg()[:-2] + app1(exif(6)) + b"\xff\xd9",
    "jpeg segment of no length": outside.jpeg(segments=b"\xff\xe3\0\0"),
    "jpeg profile behind the frame's header": _late_profile(),
    "webp profile that the header does not announce": _unannounced_profile(),
    "bmp with a profile": outside.bmp_with_profile(P3),
    "gif smaller than its screen": outside.gif_on_a_larger_screen(),
    "avif and then a line": avif() + b"\n" * 9,
    "avif and then anything": avif() + b"x" * 8,
    "avif two ipma": outside.with_two_ipma(avif(_half_clear())),
}
VIPS = {
    "tiff white is 0, 16 bits": _tiff(65535 - DEEP[..., 0], photometric="miniswhite"),
    "tiff of a reduced picture alone": _tiff(np.asarray(scene()), photometric="rgb", subfiletype=1),
    "png checksum of the header": png(wrong_header=True),
    "png checksum of a palette": png(
        np.tile(np.arange(4), (8, 2)), chunk(b"PLTE", bytes(range(20, 32)), wrong=True), kind=3
    ),
    "jpeg without an end": outside.jpeg()[:-2],
    "jpeg with half an end": outside.jpeg()[:-1],
    "jpeg without an end, grey": outside.jpeg(scene().convert("L"))[:-2],
    "avif clap": outside.with_clap(avif(), 48, 32, 8, -4),
    "avif clap, odd": outside.with_clap(avif(), 47, 31, 8.5, -4.5),
    "avif clap and turn": outside.with_clap(avif(exif=exif(6)), 48, 32, 8, -4),
    "avif clap, alpha": outside.with_clap(avif(_half_clear()), 48, 32, 8, -4),
    "avif two ipma for one item": outside.with_two_ipma(avif(), same_item=True),
}


def seen(data: bytes) -> Pixels:
    """What we open, as H×W×4 of 8-bit sRGB and alpha; nothing where it is clear."""
    image = picture.open_upright(made.unlocked(data))
    opaque = image.convert(image.mode.rstrip("A"))
    opaque.info = image.info
    shown = profiles.to_srgb(opaque).convert("RGBA")
    if picture.has_alpha(image):
        shown.putalpha(image.getchannel("A"))
    return _visible(np.asarray(shown).astype(int))


def _visible(pixels: Pixels) -> Pixels:
    return pixels * (pixels[..., 3:] > 0)


@pytest.fixture(scope="module")
def browsers() -> dict[str, Pixels]:
    """What Chromium shows."""
    script = """files => Promise.all(files.map(async file => {
        const image = new Image()
        image.src = 'data:;base64,' + file
        await image.decode()
        const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
        const paper = canvas.getContext('2d')
        paper.drawImage(image, 0, 0)
        return [canvas.height, canvas.width, ...paper.getImageData(0, 0, canvas.width, canvas.height).data]
    }))"""
    with chromium() as browser:
        shown = browser.new_page().evaluate(script, [base64.b64encode(data).decode() for data in BROWSER.values()])
    return {
        name: _visible(np.array(rest).reshape(height, width, 4))
        for name, (height, width, *rest) in zip(BROWSER, shown, strict=True)
    }


def _by_vips(data: bytes) -> Pixels:
    image: Any = pyvips.Image.new_from_buffer(data, "").autorot()
    image = image.colourspace("srgb")
    return _visible((image if image.hasalpha() else image.addalpha()).numpy().astype(int))


def _close(name: str, who: str, ours: Pixels, theirs: Pixels) -> bool:
    if ours.shape != theirs.shape:
        print(f"{name:40} {who:9} {ours.shape} is not {theirs.shape}")
        return False
    difference = np.abs(ours - theirs)
    print(f"{name:40} {who:9} {difference.mean():5.2f} {difference.max():4}")
    return bool(difference.mean() < 1 and difference.max() <= 2)


@pytest.mark.parametrize("name", BROWSER)
def test_we_show_what_a_browser_shows(name: str, browsers: dict[str, Pixels]) -> None:
    assert _close(name, "Chromium", seen(BROWSER[name]), browsers[name])


@pytest.mark.parametrize("name", VIPS)
def test_we_show_what_libvips_shows(name: str) -> None:
    assert _close(name, "libvips", seen(VIPS[name]), _by_vips(VIPS[name]))


def test_a_heic_is_cropped_and_its_colours_told_by_numbers_count() -> None:
    whole = picture.open_upright(made.unlocked(heic()))
    cropped = picture.open_upright(made.unlocked(outside.with_clap(heic(), 48, 32, 8, -4)))
    assert np.array_equal(np.asarray(cropped), np.asarray(whole.crop((32, 12, 80, 44))))
    wide = picture.open_upright(made.unlocked(outside.with_nclx(heic(), 12, 13)))
    assert wide.info["icc_profile"] == colour.profile(colour.of_code_points(12, 13), grey=False)
    assert picture.open_upright(made.unlocked(heic(icc_profile=P3))).info["icc_profile"] == P3


@pytest.mark.parametrize("data", [_inks()[:-2], outside.without_adobe(_inks())[:-2]])
def test_inks_without_an_end(data: bytes) -> None:
    assert np.array_equal(seen(data), seen(_inks()))


@pytest.mark.parametrize("cut", [40, 400])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_that_ends_in_its_picture_is_broken(mode: str, cut: int) -> None:
    with pytest.raises(Refused) as refused:
        seen(outside.jpeg(scene().convert(mode))[:-cut])
    assert refused.value.reason is Reason.BROKEN


@pytest.mark.parametrize("told", [dcf(0xFFFF), dcf(2, b""), dcf(2)])
@pytest.mark.parametrize("slug", ["", "clean", "resize", "enhance"])
def test_adobe_rgb_is_known_by_exifs_word_and_stays_in_every_tool(slug: str, told: bytes) -> None:
    wide = Image.fromarray(np.asarray(made.converted(made.patches(), made.profile(made.ADOBE_RGB, 2.19921875))))
    assert made.colour_distance(made.patches(), wide) > 2, "the control"
    photo = made.unlocked(outside.jpeg(wide, app1(told)))
    if slug == "enhance":  # which changes colours: the profile must be there
        shown = made.opened(bytes(b"".join(SHELF[slug].run(photo, SHELF[slug].parse({})).data)))
        assert shown.info["icc_profile"] == colour.profile(colour.ADOBE_RGB, grey=False)
        return
    result = SHELF[slug].run(photo, SHELF[slug].parse({})).data if slug else [bytes(photo.data)]
    shown = picture.open_upright(made.unlocked(b"".join(result)))
    assert made.colour_distance(made.patches(), shown) < 1


@pytest.mark.parametrize("told", [dcf(0xFFFF, b""), dcf(0xFFFF, b"R98\0"), dcf(1), exif(1), b"MM", b""])
def test_other_words_of_exif_are_not_adobe_rgb(told: bytes) -> None:
    photo = outside.jpeg(segments=app1(told))
    assert picture.open_upright(made.unlocked(photo)).info == {}
    assert b"ICC_PROFILE" not in b"".join(jpeg.strip(memoryview(photo)).pieces)


def test_a_profile_counts_more_than_exifs_word() -> None:
    photo = made.unlocked(outside.jpeg(segments=app1(dcf(0xFFFF)), icc_profile=P3))
    assert picture.open_upright(photo).info["icc_profile"] == P3
    assert b"".join(jpeg.strip(photo.data).pieces).count(b"ICC_PROFILE") == 1


# -- HDR --


def _as_hdr(light: float, hdr: str) -> npt.NDArray[np.uint8]:
    """The scene, its white `light` times diffuse white, in 8 bits of PQ or HLG; by the inverse of BT.2100's tables."""
    srgb = np.asarray(scene()) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4) * light
    if hdr == "pq":
        power = (linear * 203 / 10_000) ** (1305 / 8192)
        stored = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** (2523 / 32)
    else:
        lit = (linear * 203 / 1000) ** (1 / 1.2)
        bright = 0.17883277 * np.log(np.maximum(12 * lit - 0.28466892, 1e-9)) + 0.55991073
        stored = np.where(lit <= 1 / 12, (3 * lit) ** 0.5, bright)
    return np.round(np.clip(stored, 0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize(("hdr", "transfer"), [("pq", 16), ("hlg", 18)])
@pytest.mark.parametrize("kind", ["png", "avif", "heic"])
def test_sdr_that_was_stored_as_hdr_comes_out_as_it_was_and_it_is_said(kind: str, hdr: str, transfer: int) -> None:
    stored = _as_hdr(1, hdr)
    if kind == "png":
        data = png(stored, before=cicp(1, transfer))
    else:
        data = outside.with_nclx((avif if kind == "avif" else heic)(Image.fromarray(stored)), 1, transfer)
    difference = np.abs(seen(data)[..., :3] - np.asarray(scene()))
    assert difference.mean() < 2
    for slug in ("clean", "resize", "enhance"):
        if (kind, slug) != ("png", "clean"):  # which does not touch the pixels
            settings = {"longest": "48"} if slug == "resize" else {}
            made_of = SHELF[slug].run(made.unlocked(data), SHELF[slug].parse(settings))
            assert made_of.report["from-hdr"] is True


def test_lights_are_rolled_off_and_never_cut() -> None:
    for hdr in ("pq", "hlg"):
        curve = colour.tone_curve(hdr, 255).astype(int)
        assert np.all(np.diff(curve) >= 0)
        assert curve[-1] == 255
        assert 225 < curve[148 if hdr == "pq" else 191] < 250, "diffuse white stays light, with room above it"
    bright = seen(png(_as_hdr(4, "pq"), before=cicp(1, 16)))[..., :3]
    assert len(np.unique(bright[..., 1])) > 12, "four times too bright, and yet the fields differ"
    assert np.abs(np.sort(bright[8, ::16].mean(1)) - bright[8, ::16].mean(1)).max() == 0, "the greys keep their order"


# -- what cannot be opened --


@pytest.mark.parametrize("slug", ["resize", "clean", "enhance"])
@pytest.mark.parametrize("data", [outside.float_tiff(), outside.bmp_444()], ids=["float TIFF", "BMP 4-4-4"])
def test_what_is_not_supported_is_called_so(data: bytes, slug: str) -> None:
    with pytest.raises(Refused) as refused:
        SHELF[slug].run(made.unlocked(data), SHELF[slug].parse({}))
    assert refused.value.reason is Reason.UNSUPPORTED


LONG = png(np.zeros((3, 70_000), np.uint8), kind=0)


@pytest.mark.parametrize(("kind", "most"), [("jpeg", 65_500), ("webp", 16_383), ("avif", 32_768)])
def test_a_side_longer_than_its_format_takes_is_refused_in_words(kind: str, most: int) -> None:
    with pytest.raises(Refused) as refused:
        SHELF["resize"].run(made.unlocked(LONG), SHELF["resize"].parse({"percent": "100", "format": kind}))
    assert (refused.value.reason, refused.value.detail) == (Reason.SIDE_TOO_LONG, most)
    for pixels in (np.zeros((1, most + 1), np.uint8), np.zeros((most + 1, 1, 4), np.uint8)):
        with pytest.raises(Refused):
            picture.encode_pixels(pixels, b"", kind.upper())


def test_the_longest_side_that_a_format_takes_is_one_that_can_be_opened() -> None:
    for kind, most in picture.LONGEST_SIDE.items():
        assert made.opened(picture.encode_pixels(np.zeros((1, most), np.uint8), b"", kind)).width == most


@pytest.mark.parametrize(
    "data",
    [
        _tiff(DEEP.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate"),
        heic().replace(b"hvc1", b"unci"),
        heic().replace(b"hvc1", b"vvc1"),
    ],
    ids=["16 bits in planes", "unpacked", "VVC"],
)
def test_what_our_decoders_read_wrongly_or_not_at_all_is_called_unsupported(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        seen(data)
    assert refused.value.reason is Reason.UNSUPPORTED


def test_a_heic_may_have_something_behind_it() -> None:
    assert np.array_equal(seen(heic() + b"x" * 8), seen(heic()))


def test_colours_stay_where_the_format_holds_no_profile() -> None:
    wide = made.converted(made.patches(), P3)
    clear = wide.convert("RGBA")
    clear.info = wide.info
    for image in (wide, clear):
        for kind in ("BMP", "GIF"):
            again = made.opened(picture.encode(image, kind)).convert("RGB")
            assert made.colour_distance(made.patches(), again) < (1.5 if kind == "BMP" else 4)


@pytest.mark.parametrize("name", sorted(BROWSER.keys() | VIPS.keys()))
def test_what_is_cleaned_shows_what_it_showed(name: str) -> None:
    data = (BROWSER | VIPS)[name]
    cleaned = b"".join(SHELF["clean"].run(made.unlocked(data), None).data)
    difference = np.abs(seen(cleaned) - seen(data))
    lossy = name.startswith("avif")
    assert difference.mean() < (5 if lossy else 0.2)


def test_a_tiff_packed_in_an_unknown_way_is_called_unsupported() -> None:
    packed = pyvips.Image.new_from_array(np.asarray(scene())).write_to_buffer(".tif", compression="webp")
    with pytest.raises(Refused) as refused:
        seen(packed)
    assert refused.value.reason is Reason.UNSUPPORTED


# -- what is damaged, but not in what is shown --


@pytest.mark.parametrize("following", [8, 1 << 30], ids=["a circle", "beyond the end"])
def test_of_a_tiff_only_the_first_page_must_be_sound(following: int) -> None:
    data = bytearray(made.encoded(scene(), "TIFF"))
    link = 8 + 2 + 12 * int.from_bytes(data[8:10], "little")
    data[link : link + 4] = following.to_bytes(4, "little")
    assert np.array_equal(seen(bytes(data)), seen(png()))


def test_what_a_damaged_tag_claims_is_no_metadata() -> None:
    data = bytearray(made.encoded(scene(), "TIFF", software="a program with a name"))
    tag = data.index(b"\x31\x01\x02\x00", 8)
    data[tag + 4 : tag + 8] = (100 << 20).to_bytes(4, "little")
    assert seen(bytes(data)).shape == (64, 96, 4)


@pytest.mark.parametrize("profile", [b"x\0\0LEAKME", b"x\0\1" + zlib.compress(P3) + b"LEAKME", b"LEAKME"])
def test_a_profile_that_nobody_can_read_does_not_hide_the_picture_nor_stay(profile: bytes) -> None:
    data = png(before=chunk(b"iCCP", profile))
    assert np.array_equal(seen(data), seen(png()))
    assert b"LEAKME" not in b"".join(SHELF["clean"].run(made.unlocked(data), None).data)


def test_of_two_profiles_the_first_counts_and_the_second_goes() -> None:
    data = png(before=_ICCP + chunk(b"iCCP", b"LEAKME\0\0" + zlib.compress(made.profile(made.ADOBE_RGB))))
    assert picture.open_upright(made.unlocked(data)).info["icc_profile"] == P3
    assert b"LEAKME" not in b"".join(SHELF["clean"].run(made.unlocked(data), None).data)


def test_what_is_cleaned_of_wrong_checksums_opens_everywhere() -> None:
    for data in (
        BROWSER["png checksum of a text"],
        VIPS["png checksum of the header"],
        VIPS["png checksum of a palette"],
    ):
        cleaned = b"".join(SHELF["clean"].run(made.unlocked(data), None).data)
        assert np.array_equal(np.asarray(made.opened(cleaned).convert("RGBA")), seen(data))
