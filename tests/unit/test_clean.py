"""`clean` leaves no metadata, by exiftool's account, and every pixel where it was."""

import io
import json
import struct
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, ImageSequence

from bot.domain.errors import Refused, UsageError
from bot.domain.values import Limits, Outcome, Stage
from bot.sandbox import header_check
from bot.tools import clean
from tests.pictures import tagged

# What exiftool reports of the container and the pixels alone.
GROUPS = {"ExifTool", "System", "Composite", "APP14", "Adobe"}
GROUPS |= {"ICC-header", "ICC_Profile", "ICC-chrm", "ICC-view", "ICC-meas", "PNG-cICP"}
TAGS = {
    "File": "FileType FileTypeExtension MIMEType ExifByteOrder ImageWidth ImageHeight EncodingProcess BitsPerSample "
    "ColorComponents YCbCrSubSampling BMPVersion Planes BitDepth Compression ImageLength PixelsPerMeterX "
    "PixelsPerMeterY NumColors NumImportantColors",
    "JFIF": "JFIFVersion ResolutionUnit XResolution YResolution",
    "IFD0": "Orientation",
    "PNG": "ImageWidth ImageHeight BitDepth ColorType Compression Filter Interlace Palette Transparency Gamma "
    "SRGBRendering SignificantBits ProfileName AnimationFrames AnimationPlays "
    "WhitePointX WhitePointY RedX RedY GreenX GreenY BlueX BlueY",
    "RIFF": "ImageWidth ImageHeight VP8Version HorizontalScale VerticalScale WebP_Flags AlphaIsUsed BackgroundColor "
    "AnimationLoopCount FrameCount Duration AlphaPreprocessing AlphaFiltering AlphaCompression VP8L_Version",
    "GIF": "GIFVersion ImageWidth ImageHeight HasColorMap ColorResolutionDepth BitsPerPixel BackgroundColor "
    "AnimationIterations FrameCount Duration TransparentColor PixelAspectRatio",
}
TIFF_TAGS = (
    "ImageWidth ImageHeight BitsPerSample Compression PhotometricInterpretation StripOffsets SamplesPerPixel "
    "RowsPerStrip StripByteCounts PlanarConfiguration SubfileType Predictor SampleFormat ExtraSamples"
)
BOXES = {"QuickTime", "Meta"}  # the boxes' own fields; metadata in them has groups of its own


@dataclass
class Source:
    data: memoryview
    format: str
    limits: Limits = field(default_factory=Limits)

    def stage(self, stage: Stage) -> None: ...


def cleaned(data: bytes) -> Outcome:
    view = memoryview(data)
    return clean.TOOL.run(Source(view, header_check.check(view, Limits())), None)


def joined(outcome: Outcome) -> bytes:
    return b"".join(outcome.data)


def left_tags(folder: Path) -> dict[str, set[str]]:
    """File name → tags, by exiftool, that are neither the container's nor allowed."""
    command = ["exiftool", "-q", "-q", "-j", "-G1", "-a", "-u", "-n", "-ee", str(folder)]
    told = json.loads(subprocess.run(command, check=False, capture_output=True).stdout)  # an error is a tag, too
    return {Path(file["SourceFile"]).name: {tag for tag in file if not allowed(tag, file)} for file in told}


def allowed(tag: str, file: dict[str, Any]) -> bool:
    group, _, name = tag.rpartition(":")
    names = TAGS.get(group, "").split()
    if file.get("File:FileType") == "TIFF":
        names += TIFF_TAGS.split()
    if tag in ("ExifTool:Warning", "ExifTool:Error"):
        return bool(file[tag] == "JPEG format error")  # in the coded data: that is the picture's own
    return not group or group in GROUPS | BOXES or name in names


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return tagged.make(tmp_path_factory.mktemp("tagged"))


@pytest.fixture(scope="session")
def results(photos: dict[str, Path]) -> dict[str, Outcome]:
    return {name: cleaned(path.read_bytes()) for name, path in photos.items()}


def test_no_tag_is_left(photos: dict[str, Path], results: dict[str, Outcome], tmp_path: Path) -> None:
    for name, outcome in results.items():
        (tmp_path / name).write_bytes(joined(outcome))
        assert tagged.SECRET.encode() not in joined(outcome), name
    before, after = left_tags(photos["baseline.jpg"].parent), left_tags(tmp_path)
    assert all(len(tags) >= 5 for name, tags in before.items() if name != "photo.bmp"), "exiftool sees too little"
    assert after == {name: set() for name in photos}


def frames(data: bytes) -> Iterator[tuple[bytes, object, object]]:
    with Image.open(io.BytesIO(data)) as image:
        for frame in ImageSequence.Iterator(image):
            shown = frame.convert("RGBA") if frame.mode != "CMYK" else frame
            yield shown.tobytes(), frame.size, frame.info.get("duration")
            if image.format == "MPO":
                return


def test_pixels_profile_and_orientation_stay(photos: dict[str, Path], results: dict[str, Outcome]) -> None:
    for name, outcome in results.items():
        if "rewritten" in outcome.report:
            continue
        before, after = photos[name].read_bytes(), joined(outcome)
        assert list(frames(before)) == list(frames(after)), name
        with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(after)) as new:
            assert new.info.get("icc_profile") == old.info.get("icc_profile"), name
            assert new.info.get("loop") == old.info.get("loop"), name
            assert new.getexif().get(0x0112) == old.getexif().get(0x0112) == (None if new.format == "GIF" else 6), name
            assert ImageOps.exif_transpose(new).size == (outcome.width, outcome.height), name


def test_what_is_kept_is_not_copied(photos: dict[str, Path]) -> None:
    data = memoryview(photos["baseline.jpg"].read_bytes())
    views = [piece for piece in clean.TOOL.run(Source(data, "JPEG"), None).data if isinstance(piece, memoryview)]
    assert sum(map(len, views)) > 2000
    assert all(view.obj is data.obj for view in views)


def test_other_formats_are_written_anew_upright_and_say_so(results: dict[str, Outcome]) -> None:
    kinds = {"photo.heic": "JPEG", "photo.avif": "AVIF", "photo.tif": "TIFF", "photo.bmp": "BMP"}
    for name, kind in kinds.items():
        outcome = results[name]
        with Image.open(io.BytesIO(joined(outcome))) as image:
            assert (image.format, outcome.report["rewritten"]) == (kind, kind)
            # HEIF turns by boxes of its own and says to pass over EXIF's orientation.
            assert image.size == (outcome.width, outcome.height) == ((48, 64) if kind == "TIFF" else (64, 48))
            assert image.info.get("icc_profile") == (None if name == "photo.bmp" else tagged.ICC), name


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_survives(kind: str, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = turn, "Leica"
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(out, kind, exif=exif)
    outcome = cleaned(out.getvalue())
    with Image.open(io.BytesIO(joined(outcome))) as image:
        assert dict(image.getexif()) == ({} if turn == 1 else {0x0112: turn})
    assert (outcome.width, outcome.height) == ((20, 30) if turn >= 5 else (30, 20))
    if kind == "WEBP":
        assert bool(joined(outcome)[20] & 0x08) == (turn != 1), "VP8X's flag for EXIF"


def test_the_report_tells_what_was_in_a_jpeg(results: dict[str, Outcome]) -> None:
    report = dict(results["baseline.jpg"].report)
    sizes = {key: report.pop(key) for key in ("exif", "xmp", "iptc", "thumbnail", "trailing", "removed-bytes")}
    assert all(isinstance(size, int) and size > 0 for size in sizes.values())
    assert sizes["removed-bytes"] > sizes["exif"] + sizes["xmp"] + sizes["iptc"] + sizes["trailing"]
    assert report == {
        "camera": "Leica Camera AG LEICA Q2",
        "lens": "Summilux 1:1.7/28",
        "serial": True,
        "software": "Sneaky 3.1",
        "author": tagged.SECRET,
        "copyright": "nobody else's",
        "description": "The view from my flat",
        "taken": "2024-05-17 14:33:02 +02:00",
        "latitude": -48.85837,
        "longitude": -2.29448,
        "altitude": 35,
        "comment": "a second comment",
        "city": "Leipzig",
        "faces": 1,
        "c2pa": True,
        "extra-pictures": 1,
    }


def test_the_report_tells_of_every_format(results: dict[str, Outcome]) -> None:
    for name, outcome in results.items():
        if name == "photo.bmp":
            assert outcome.report == {"nothing": True, "rewritten": "BMP"}
            continue
        assert outcome.report["author"] == tagged.SECRET, name
        if outcome.format != "GIF":
            assert outcome.report["latitude"] == -48.85837, name
        if outcome.format in ("PNG", "WEBP") or name.endswith(".jpg"):
            assert outcome.report["c2pa"] is True, name


def test_cleaning_twice_finds_nothing(results: dict[str, Outcome]) -> None:
    for name, outcome in results.items():
        if "rewritten" not in outcome.report:
            again = cleaned(joined(outcome))
            assert again.report == {"nothing": True}, name
            assert joined(again) == joined(outcome), name


def test_there_is_nothing_to_set() -> None:
    assert clean.TOOL.parse({}) is None
    with pytest.raises(UsageError):
        clean.TOOL.parse({"quality": "3"})


def test_every_line_of_the_report_has_its_sentence(results: dict[str, Outcome]) -> None:
    keys = {key for outcome in results.values() for key in outcome.report} - {"latitude", "longitude"}
    for language in ("en", "de"):
        sentences = (Path(clean.__file__).parent.parent / "locales" / f"{language}.ftl").read_text()
        assert {key for key in keys if f"\nreport-{key} = " not in sentences} == set()


def test_a_jpeg_without_its_end_is_mended(photos: dict[str, Path]) -> None:
    whole = joined(cleaned(photos["progressive.jpg"].read_bytes()))
    assert joined(cleaned(whole[:-2])) == whole


SMALL = st.sampled_from(["baseline.jpg", "progressive.jpg", "colour.png", "palette.png", "lossy.webp", "moving.webp",
                         "moving.gif", "photo.tif", "photo.heic", "photo.avif"])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(name=SMALL, at=st.floats(0, 1), patch=st.binary(max_size=6), cut=st.floats(0, 1), cut_it=st.booleans())
def test_damaged_files_are_cleaned_or_refused(
    photos: dict[str, Path], name: str, at: float, patch: bytes, cut: float, cut_it: bool
) -> None:
    data = bytearray(photos[name].read_bytes())
    begin = int(at * len(data))
    data[begin : begin + len(patch)] = patch
    damaged = bytes(data[: int(cut * len(data))] if cut_it else data)
    try:
        outcome = cleaned(damaged)
    except Refused:
        return
    assert all(isinstance(value, str | int | float | bool) for value in outcome.report.values())
    assert all(value.isprintable() and len(value) <= 120 for value in outcome.report.values() if isinstance(value, str))
    if opens(damaged):
        assert opens(joined(outcome))


def opens(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                image.load()
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, struct.error):
        return False
    return True
