"""`make prove CORPUS=folder` turns red for each fault that it looks for, and is green without one.

python -m tests.unit.test_corpus SOCKET MISSING WEIGHTS      the zygote with the faults, started by `Sandbox`
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from bot.domain.values import MIB, Outcome, Source
from bot.tools import picture
from bot.tools.shelf import ALL_TOOLS, SHELF
from tests.harness import corpus, likeness
from tests.pictures import photos


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Photos that will do, side by side and deeper down; no photo; and one that is too large."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Leica", 6
    (tmp_path / "deeper").mkdir()
    small = photos.cat().resize((90, 60))
    small.save(tmp_path / "good.jpg", exif=exif)
    small.save(tmp_path / "deeper" / "good.png", exif=exif)
    small.save(tmp_path / "deeper" / "good.avif", exif=exif, speed=10)
    (tmp_path / "notes").write_text("no photo")
    with (tmp_path / "large.jpg").open("wb") as large:
        large.truncate(20 * MIB + 1)
    return tmp_path


def lines(told: str) -> list[str]:
    return [" ".join(line.split()) for line in told.splitlines()]


def test_good_photos_and_bad_files_are_green(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert corpus.main([str(folder), "--tools", "clean,resize"]) == 0
    told = lines(capsys.readouterr().out)
    assert told[1:3] == ["clean 3 2 0", "resize 3 2 0"]
    assert told.count("refused: 1 NOT_A_PHOTO") == told.count("refused: 1 TOO_MANY_BYTES") == 2
    assert "tags left in 0 of 3 results" in told
    assert "pictures: 3 alike, 0 differ, 0 not compared" in told


def test_each_fault_is_red_and_has_its_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert corpus.main([str(folder), "--tools", "clean,resize"], zygote=("tests.unit.test_corpus",)) == 1
    told = lines(capsys.readouterr().out)
    assert told[1:3] == ["clean 3 2 0", "resize 2 2 1"]
    assert "FAILED deeper/good.png: CODEC_MISSING" in told
    assert "TAGS good.jpg: IFD0:Make" in told
    assert "DIFFERS deeper/good.png: stored pixels" in told
    assert any(line.startswith("DIFFERS deeper/good.avif: a part is off by") for line in told)
    assert not any(line.startswith("DIFFERS good.jpg") for line in told)


@pytest.mark.parametrize("fault", ["failed", "tagged", "differing"])
def test_one_fault_is_enough(fault: str) -> None:
    assert corpus.is_green({"clean": corpus.Row(done=1), "resize": corpus.Row(done=1)})
    assert not corpus.is_green({"clean": corpus.Row(done=1, **{fault: ["photo.jpg"]}), "resize": corpus.Row()})


def test_an_empty_folder_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        corpus.main([str(tmp_path)])


def leaking(source: Source, settings: Any) -> Outcome:
    """A clean that leaves a JPEG as it is, and mirrors the others without a word."""
    made = SHELF["clean"].run(source, settings)
    if source.format == "JPEG":
        return replace(made, data=[source.data])
    mirrored = ImageOps.mirror(likeness.seen(source).convert("RGBA"))
    return replace(made, data=[picture.encode(mirrored, source.format)])


def failing(source: Source, settings: Any) -> Outcome:
    if source.format == "PNG":
        raise LookupError("unknown encoding: utf-16")
    return SHELF["resize"].run(source, settings)


def _plant(slug: str, run: Callable[[Source, Any], Outcome]) -> None:
    ALL_TOOLS[slug] = replace(SHELF[slug], run=run)


if __name__ == "__main__":
    _plant("clean", leaking)
    _plant("resize", failing)
    likeness.main()
