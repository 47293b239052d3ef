"""`python -m bot develop`: one tool on one file, through the same jail as a photo from the chat."""

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.domain.errors import DarkroomError, Failed, Reason, Refused, UsageError
from bot.domain.values import MIB, Tool
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed, MissingLayer, Sandbox
from bot.sandbox.wire import About
from bot.settings import Settings
from bot.texts import translator
from bot.tools.shelf import SHELF
from bot.weights import ModelError

_PIECE = 1 << 20
_FORMATS = {
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "jpe": "jpeg",
    "png": "png",
    "webp": "webp",
    "avif": "avif",
}  # can be asked for
_OTHERS = {"gif": "GIF", "tif": "TIFF", "tiff": "TIFF", "bmp": "BMP", "heic": "HEIF", "heif": "HEIF", "pdf": "PDF"}


async def develop(settings: Settings, slug: str, photo: Path, out: Path, pairs: list[str], as_json: bool) -> int:
    """Returns an exit status: 0 done, 2 wrong usage, 3 photo refused, 1 anything else."""
    started = time.monotonic()
    try:
        with MemoryFile() as memory, MemoryFile() as background_photo:
            _read(photo, memory, settings.max_input_mb)
            suffix = _FORMATS.get(out.suffix[1:].lower())
            made = await _develop(settings, slug, memory, background_photo, _settings(pairs), suffix)
        with made:
            if _OTHERS.get(out.suffix[1:].lower(), made.about.format) != made.about.format:
                raise UsageError("out-suffix", format=made.about.format)
            _write(made.file, out)
    except DarkroomError as error:
        print(translator("en")(error.key, **error.values), file=sys.stderr)
        return _status(error)
    except (OSError, MissingLayer, ModelError) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, FileNotFoundError | IsADirectoryError) else 1
    if as_json:
        print(
            json.dumps({"tool": slug, **_summary(made, photo, out), "ms": round((time.monotonic() - started) * 1000)})
        )
    return 0


def _status(error: DarkroomError) -> int:
    if isinstance(error, UsageError):
        return 2
    return 3 if isinstance(error, Refused) and not isinstance(error, Failed) else 1


def _settings(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise UsageError("setting-shape", setting=pair)
    return dict(pair.split("=", 1) for pair in pairs)


async def _develop(
    settings: Settings,
    slug: str,
    photo: MemoryFile,
    background_photo: MemoryFile,
    chosen: dict[str, str],
    suffix: str | None,
) -> Developed:
    """Run the tool; where it cannot choose the format that the suffix asks for, `resize` converts its result."""
    tool = SHELF.get(slug)
    if tool is None:
        raise UsageError("no-such-tool", tool=slug, tools=", ".join(SHELF))
    _read_second(tool, chosen, background_photo, settings.max_input_mb)
    tool.parse(chosen)
    if suffix and "format" not in chosen and _takes_format(tool, chosen):
        chosen = {**chosen, "format": suffix}
    sandbox = Sandbox(settings.jail_accept_missing, settings.models_dir if tool.heavy else None)
    try:
        made = await sandbox.develop(_bounded(tool, settings), chosen, photo, background_photo=background_photo)
        if suffix and "format" not in chosen and suffix.upper() != made.about.format:
            with made.file:
                convert = {"percent": "100", "format": suffix}
                converted = await sandbox.develop(_bounded(SHELF["resize"], settings), convert, made.file)
            made = replace(converted, about=replace(converted.about, **_kept(made.about)))
        return made
    finally:
        sandbox.close()


def _read_second(tool: Tool, chosen: dict[str, str], into: MemoryFile, most_mb: int) -> None:
    """Where a setting that may name a second photo does, its file; the tool then hears "photo"."""
    path = Path(chosen.get(tool.second, "")).expanduser()
    if tool.second and path.is_file():
        _read(path, into, most_mb)
        chosen[tool.second] = "photo"


def _takes_format(tool: Tool, chosen: dict[str, str]) -> bool:
    try:
        tool.parse({**chosen, "format": "same"})
    except UsageError:
        return False
    return True


def _kept(first: About) -> dict[str, Any]:
    """What the summary says of the photo itself, when a second job only converted the first one's result."""
    names = ("input_format", "source_width", "source_height", "untrusted_report")
    return {name: getattr(first, name) for name in names}


def _bounded(tool: Tool, settings: Settings) -> Tool:
    return replace(tool, limits=tool.limits.within(settings.max_input_mb, settings.max_megapixels))


def _summary(made: Developed, photo: Path, out: Path) -> dict[str, object]:
    about = made.about
    return {
        "in": {
            "format": about.input_format,
            "width": about.source_width,
            "height": about.source_height,
            "bytes": photo.stat().st_size,
        },
        "out": {"format": about.format, "width": about.width, "height": about.height, "bytes": out.stat().st_size},
        "report": about.untrusted_report,
    }


def _read(photo: Path, memory: MemoryFile, most_mb: int) -> None:
    with photo.open("rb") as file:
        if photo.stat().st_size > most_mb * MIB:
            raise Refused(Reason.TOO_MANY_BYTES, most_mb)
        while piece := file.read(_PIECE):
            memory.write(piece)


def _write(result: MemoryFile, out: Path) -> None:
    """Beside the target first, then in its place: a full disk leaves no half picture behind."""
    with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
        try:
            for offset in range(0, result.size, _PIECE):
                file.write(result.read(offset, _PIECE))
            file.flush()
            Path(file.name).chmod(0o644)
            Path(file.name).replace(out)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
