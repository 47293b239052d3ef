"""The tree: who may import whom, how large things may be, and what lies where."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures import photos

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "handlers", "storage")

# The parts of the house from the roof to the ground. Imports, those for types too, point down, or stay in their part.
PARTS = (
    ("bot.__main__", "bot.cli"),
    ("bot.app",),
    ("bot.lifecycle",),
    ("bot.http_server", "bot.scheduler"),
    ("handlers",),
    ("bot.services",),
    ("bot.payments", "bot.mail", "bot.support"),
    ("bot.prints",),
    ("bot.photos", "bot.privacy"),
    ("bot.ops",),
    ("bot.botapi",),
    ("storage",),
    ("bot.playground",),
    ("bot.sandbox",),
    ("bot.tools",),
    ("bot.settings", "bot.texts", "bot.sealing", "bot.weights"),
    ("bot.domain",),
    ("bot",),
)
# The playground knows the bot only as a process and through HTTP; these of ours it uses itself.
OF_THE_PLAYGROUND = ("bot.playground", "bot.domain", "bot.sealing", "bot.sandbox.jail", "bot.cli.lab")
PIXELS = {"PIL", "cv2", "numpy", "pillow_heif", "simplejpeg", "pyvips"}
SQL = {"sqlite3", "sqlcipher3", "aiosqlite"}


def modules() -> dict[str, Path]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" if node.module in PACKAGES else node.module for alias in node.names}
    return found


def within(name: str, part: str) -> bool:
    return name == part or name.startswith(part + ".")


def part_of(module: str) -> int:
    """How far down it lies."""
    found = [(len(part), level) for level, parts in enumerate(PARTS) for part in parts if within(module, part)]
    return max(found)[1]


@pytest.mark.parametrize("module", modules())
def test_imports_point_down(module: str) -> None:
    ours = {name for name in imports(modules()[module]) if name.split(".")[0] in PACKAGES}
    if within(module, "bot.playground"):
        wrong = {name for name in ours if not any(within(name, part) for part in OF_THE_PLAYGROUND)}
    else:
        wrong = {name for name in ours if part_of(name) < part_of(module)}
    assert not wrong, f"{module} may not import {wrong}"


def test_no_imports_go_in_a_circle() -> None:
    """Not even those for types alone: each module can be understood with only what lies below it."""
    files = modules()
    arrows = {
        module: {name for name in _named(file) if name in files and name != module} for module, file in files.items()
    }
    done: set[str] = set()
    while free := {module for module, below in arrows.items() if module not in done and below <= done}:
        done |= free
    assert set(files) - done == set()


def _named(file: Path) -> set[str]:
    """Every module or name that a file imports, in full."""
    found = imports(file)
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("module", modules())
def test_pixels_and_sql_stay_where_they_belong(module: str) -> None:
    strangers = {name.split(".")[0] for name in imports(modules()[module])}
    if not any(within(module, part) for part in ("bot.tools", "bot.sandbox", "bot.playground", "bot.ops.chart")):
        assert not strangers & PIXELS
    if not within(module, "storage"):
        assert not strangers & SQL
    if not any(within(module, part) for part in ("handlers", "bot")):
        assert "telegram" not in strangers


def test_the_bots_own_process_never_decodes() -> None:
    """Only the child opens pictures: nothing that the bot's process runs calls a decoder."""
    for module, file in modules().items():
        if within(module, "bot.tools") or module in (
            "bot.sandbox.zygote",
            "bot.sandbox.child",
            "bot.sandbox.header_check",
        ):
            continue
        if not within(module, "bot.playground"):
            assert "Image.open" not in file.read_text("utf-8"), module


def test_the_top_level_holds_what_the_layout_names() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    top = {name.split("/")[0] for name in listed}
    named = {"bot", "handlers", "storage", "tests", "pyproject.toml", "README.md", "LICENSE", "Makefile"}
    assert {name for name in top - named if not name.startswith((".", "requirements"))} == set()


def test_no_address_of_a_registry_and_no_secret_is_in_the_locks() -> None:
    for lock in ROOT.glob("requirements*.txt"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        assert all("--hash=sha256:" in text.split(line)[1] for line in text.splitlines() if "==" in line)


def test_the_lock_of_what_npm_installs_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "tests" / "stripe" / "package-lock.json").read_text("utf-8"))
    packages = [about for name, about in lock["packages"].items() if name]
    assert packages
    assert not any("resolved" in about for about in packages)
    assert all(about["integrity"].startswith("sha512-") for about in packages)


def test_functions_are_short() -> None:
    lengths = []
    for module, file in modules().items():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = node.end_lineno - node.lineno + 1
                lengths.append(length)
                assert length <= 70, f"{module}.{node.name} has {length} lines"
    assert sorted(lengths)[len(lengths) // 2] <= 8


def test_a_new_tool_is_one_file_and_one_line(tmp_path: Path) -> None:
    """The README's recipe, done: the tool works through the jail."""
    readme = (ROOT / "README.md").read_text("utf-8")
    code = readme.split("```python\n", 1)[1].split("```", 1)[0]
    checkout = tmp_path / "tree"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, checkout / package)
    (checkout / "bot" / "tools" / "mirror.py").write_text(code, "utf-8")
    shelf = checkout / "bot" / "tools" / "shelf.py"
    text = shelf.read_text("utf-8").replace("import clean,", "import mirror, clean,")
    shelf.write_text(text.replace("cutout.TOOL)", "cutout.TOOL, mirror.TOOL)"), "utf-8")
    (checkout / ".models").symlink_to(ROOT / ".models")
    (tmp_path / "in.png").write_bytes(photos.encoded(kind="PNG"))
    command = [sys.executable, "-m", "bot", "develop", "mirror", str(tmp_path / "in.png"), str(tmp_path / "out.png")]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    flipped = photos.opened((tmp_path / "out.png").read_bytes())
    assert flipped.tobytes() == photos.china().transpose(0).tobytes()
