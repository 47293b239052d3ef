"""`make prove CORPUS=folder`: every tool over every file of a folder, through the jail, and what came of it in a table.

Whatever a file holds, a tool makes a result of it or refuses it for a reason: it never fails. What `clean` makes has
no tag left, by exiftool's account, and shows the same picture, by Pillow's. The exit status is 1 where that is not so.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from bot.domain.errors import Failed, Refused
from bot.domain.values import MIB, SUFFIXES, Tool
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed, Sandbox
from bot.settings import Settings
from bot.tools.shelf import SHELF
from tests.harness import likeness
from tests.unit.test_clean import left_tags

ZYGOTE = ("tests.harness.likeness",)
_BATCH = 100  # files whose clean results lie on the disk together, for exiftool to read at one start


@dataclass
class Row:
    """What became of one tool's jobs. Extremes and faults are told with the file's name."""

    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "-")  # CPU seconds: how busy the machine is does not count
    fattest: tuple[int, str] = (0, "-")  # KiB
    tagged: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    alike: int = 0


@dataclass
class Corpus:
    """A run over files of one folder: a row a tool, and with `log` a line of JSON a verdict."""

    folder: Path
    files: list[Path]
    tools: list[Tool]
    settings: Settings
    sandbox: Sandbox
    log: TextIO | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    seen: int = 0

    async def run(self) -> None:
        self.rows = {tool.slug: Row() for tool in self.tools}
        await self.sandbox.start()
        for start in range(0, len(self.files), _BATCH):
            with tempfile.TemporaryDirectory() as held:
                numbers = iter(range(start, min(start + _BATCH, len(self.files))))
                await asyncio.gather(*(self._work(numbers, Path(held)) for _ in range(self.settings.workers)))
                await asyncio.to_thread(self._look_for_tags, Path(held))
        print(file=sys.stderr)

    async def _work(self, numbers: Iterator[int], held: Path) -> None:
        """Take one file after the other; each is read once for all tools."""
        most = self.settings.max_input_mb * MIB
        for number in numbers:
            with MemoryFile() as photo:
                if self.files[number].stat().st_size <= most:
                    photo.write(self.files[number].read_bytes())
                    photo.rewind()
                else:
                    photo.truncate(most + 1)  # zeros that cost nothing; the gate looks at the size first
                for tool in self.tools:
                    await self._job(tool, number, photo, held)
            self.seen += 1
            faults = sum(len(row.failed + row.tagged + row.differing) for row in self.rows.values())
            print(f"\r{self.seen} of {len(self.files)} files, {faults} faults ", end="", file=sys.stderr, flush=True)

    async def _job(self, tool: Tool, number: int, photo: MemoryFile, held: Path) -> None:
        row, name = self.rows[tool.slug], self._name(number)
        try:
            made = await self.sandbox.develop(tool, {}, photo)
        except Failed as failed:
            row.failed.append(f"{name}: {failed.reason.name}")
            self._note(name, tool.slug, "failed", reason=failed.reason.name)
        except Refused as refused:
            row.refused[refused.reason.name] += 1
            self._note(name, tool.slug, "refused", reason=refused.reason.name)
        else:
            with made:
                row.done += 1
                row.slowest = max(row.slowest, (made.cpu_seconds, name))
                row.fattest = max(row.fattest, (made.peak_kib, name))
                about = made.about
                self._note(name, tool.slug, "done", into=about.format, cpu=made.cpu_seconds, kib=made.peak_kib)
                if tool.slug == "clean":
                    (held / f"{number}.{SUFFIXES[about.format]}").write_bytes(made.file.read(0, made.file.size))
                    await self._compare(name, photo, made)

    async def _compare(self, name: str, photo: MemoryFile, made: Developed) -> None:
        row, rewritten = self.rows["clean"], str(made.about.untrusted_report.get("rewritten", ""))
        try:
            with await self.sandbox.develop(
                likeness.TOOL, {"rewritten": rewritten}, photo, background_photo=made.file
            ) as comparison:
                verdict = comparison.about.untrusted_report
        except Refused as error:  # of a result by the gate, too
            verdict = {"differs": f"cannot be compared: {error.reason.name}"}
        row.alike += "off" in verdict
        if "differs" in verdict:
            row.differing.append(f"{name}: {verdict['differs']}")
        self._note(name, "clean", "compared", **verdict)

    def _look_for_tags(self, held: Path) -> None:
        results = sorted(held.iterdir())
        told = left_tags(held) if results else {}
        for result in results:
            if tags := told.get(result.name, {"exiftool says nothing of it"}):
                name = self._name(int(result.stem))
                self.rows["clean"].tagged.append(f"{name}: {', '.join(sorted(tags))}")
                self._note(name, "clean", "tagged", tags=sorted(tags))

    def _name(self, number: int) -> str:
        return str(self.files[number].relative_to(self.folder))

    def _note(self, name: str, tool: str, verdict: str, **more: object) -> None:
        if self.log:
            print(json.dumps({"file": name, "tool": tool, "verdict": verdict, **more}), file=self.log, flush=True)


def table(rows: dict[str, Row]) -> str:
    """Figures first, then every reason to refuse, then every fault."""
    lines = [f"{'':8}{'done':>7}{'refused':>9}{'failed':>8}"]
    for slug, row in rows.items():
        lines.append(f"{slug:8}{row.done:7}{row.refused.total():9}{len(row.failed):8}")
    for slug, row in rows.items():
        lines.append(f"\n{slug}")
        lines.append(f"  slowest: {row.slowest[0]:.2f} s, {row.slowest[1]}")
        lines.append(f"  fattest: {row.fattest[0] >> 10} MB, {row.fattest[1]}")
        lines += [f"  refused: {number} {reason}" for reason, number in row.refused.most_common()]
        if slug == "clean":
            lines.append(f"  tags left in {len(row.tagged)} of {row.done} results")
            not_compared = row.done - row.alike - len(row.differing)
            lines.append(f"  pictures: {row.alike} alike, {len(row.differing)} differ, {not_compared} not compared")
        lines += [f"  FAILED   {each}" for each in row.failed]
        lines += [f"  TAGS     {each}" for each in row.tagged]
        lines += [f"  DIFFERS  {each}" for each in row.differing]
    return "\n".join(lines)


def is_green(rows: dict[str, Row]) -> bool:
    return not any(row.failed or row.tagged or row.differing for row in rows.values())


def _files(folder: Path, sample: int | None) -> list[Path]:
    """Every regular file, or so many of them, the same ones each time."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(random.Random(0).sample(files, sample)) if sample and sample < len(files) else files


def _tools(slugs: str) -> list[Tool]:
    if unknown := set(slugs.split(",")) - set(SHELF):
        raise argparse.ArgumentTypeError(f"no such tool: {', '.join(unknown)}; there are {', '.join(SHELF)}")
    return [SHELF[slug] for slug in slugs.split(",")]


async def _run(given: argparse.Namespace, files: list[Path], zygote: tuple[str, ...]) -> dict[str, Row]:
    settings = Settings()
    tools = [
        replace(tool, limits=tool.limits.within(settings.max_input_mb, settings.max_megapixels)) for tool in given.tools
    ]
    weights = settings.models_dir if any(tool.heavy for tool in tools) else None
    sandbox = Sandbox(settings.jail_accept_missing, weights, zygote)
    corpus = Corpus(given.folder, files, tools, settings, sandbox, given.log)
    try:
        await corpus.run()
    finally:
        sandbox.close()
    return corpus.rows


def main(arguments: list[str] | None = None, zygote: tuple[str, ...] = ZYGOTE) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.harness.corpus")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tools", type=_tools, default=list(SHELF.values()), help="some of them, as in clean,resize")
    parser.add_argument("--sample", type=int, help="so many files instead of all")
    parser.add_argument("--log", type=argparse.FileType("w"), help="where to write every verdict, a line of JSON each")
    given = parser.parse_args(arguments)
    if not (files := _files(given.folder, given.sample)):
        parser.error(f"no file is in {given.folder}")
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # names of files are any bytes
    rows = asyncio.run(_run(given, files, zygote))
    print(table(rows))
    return 0 if is_green(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
