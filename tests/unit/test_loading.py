"""Nothing loads inside the lock: what the zygote has not is not to be had there."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.errors import Failed, Reason, Refused
from bot.ops.error_reports import kind_of
from bot.sandbox import loading
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Sandbox
from bot.tools.shelf import SHELF
from tests.harness import hostile
from tests.pictures import made, outside, tagged
from tests.pictures.kinds import kinds
from tests.unit.test_outside import BROWSER, VIPS

_TEXT = "Fähre über den Fluß"
_WORK = """
import pathlib, sys
from bot.sandbox import child, zygote
from bot.tools.shelf import SHELF
zygote.rehearse()
had = set(sys.modules)
mapped = {line.split()[-1] for line in open("/proc/self/maps") if "/" in line}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    for tool in SHELF.values():
        if tool.slug != "cutout":  # which needs its networks, and opens photos as enhance does
            try:
                tool.run(zygote._Rehearsal(path.read_bytes()), tool.parse({}))
            except child.Refused:
                pass
more = {line.split()[-1] for line in open("/proc/self/maps") if "/" in line} - mapped
print(*sorted(set(sys.modules) - had | more), sep="\\n", end="")
"""


def in_utf16() -> dict[str, bytes]:
    """Windows' tags and a comment in UTF-16, in either byte order, in every format that holds EXIF."""
    files = {}
    for name, order, code in (("little", "<", "utf-16-le"), ("big", ">", "utf-16-be")):
        texts = {0x9C9B: _TEXT.encode("utf-16-le"), 0x9286: b"UNICODE\0" + _TEXT.encode(code)}
        exif = outside.exif_of_texts(texts, order)
        files |= {
            f"{name}.jpg": outside.jpeg(segments=outside.app1(exif)),
            f"{name}.png": outside.png(before=outside.chunk(b"eXIf", exif)),
            f"{name}.webp": made.encoded(outside.scene(), "WEBP", exif=exif),
            f"{name}.heic": outside.heic(exif=exif),
            f"{name}.avif": outside.avif(exif=exif),
            f"{name}.tiff": made.encoded(outside.scene(), "TIFF", exif=exif),
        }
    return files


def test_real_work_on_all_sorts_of_files_loads_nothing_that_the_zygote_had_not(tmp_path: Path) -> None:
    tagged.make(tmp_path)
    for name, data in {**kinds(), **in_utf16(), **BROWSER, **VIPS}.items():
        (tmp_path / name).write_bytes(data)
    assert len(list(tmp_path.iterdir())) > 120
    work = subprocess.run(
        [sys.executable, "-c", _WORK, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    assert work.stdout == ""


async def test_texts_in_utf16_are_read_inside_the_lock() -> None:
    sandbox = Sandbox()
    try:
        for name, data in in_utf16().items():
            photo = MemoryFile()
            photo.write(data)
            with photo, await sandbox.develop(SHELF["clean"], {}, photo) as result:
                assert result.about.untrusted_report["description"] == _TEXT, name
    finally:
        sandbox.close()


@pytest.mark.parametrize(
    ("act", "reason", "name"),
    [("need_a_codec", Reason.CODEC_MISSING, "utf_7"), ("need_a_module", Reason.MODULE_MISSING, "wave")],
)
async def test_what_did_not_load_reaches_operators_by_its_name(
    tmp_path: Path, act: str, reason: Reason, name: str
) -> None:
    sandbox = Sandbox(zygote=("tests.harness.hostile", str(tmp_path)))
    photo = MemoryFile()
    photo.write(made.encoded(outside.scene(), "PNG"))
    try:
        with photo, pytest.raises(Failed) as failed:
            await sandbox.develop(hostile.tool(), {"act": act}, photo)
    finally:
        sandbox.close()
    assert failed.value.reason is reason
    assert kind_of(failed.value).kind == f"{reason.key} {name}"


def test_a_missing_module_is_not_taken_for_a_broken_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (ImportError("no", name="wave"), LookupError("unknown encoding: utf-7")):
        monkeypatch.setattr("bot.tools.decode._load", lambda *_, error=error: (_ for _ in ()).throw(error))
        with pytest.raises(type(error)):
            SHELF["resize"].run(made.unlocked(outside.png()), SHELF["resize"].parse({}))
    monkeypatch.setattr("bot.tools.decode._load", lambda *_: {}["no such key"])
    with pytest.raises(Refused):
        SHELF["resize"].run(made.unlocked(outside.png()), SHELF["resize"].parse({}))


def test_only_names_of_pythons_and_of_our_libraries_can_be_told() -> None:
    assert loading.name_of(loading.failed(LookupError("unknown encoding: UTF-16-LE"))) == "something"
    assert loading.name_of(loading.failed(LookupError("unknown encoding: utf-16-le"))) == "utf_16_le"
    assert loading.name_of(loading.failed(ImportError("x", name="PIL.MpoImagePlugin"))) == "PIL"
    assert loading.name_of(loading.failed(ImportError("x", name="margarete"))) == "something"
    for detail in (-1, 10**9):
        assert loading.name_of(Failed(Reason.CODEC_MISSING, detail)) == "something"
    assert loading.name_of(Failed(Reason.CRASHED)) == ""
