"""The tree: who may import whom, how large things may be, and what lies where."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures import photos

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "handlers", "storage")

# what every conversation may use; all of it imports one way
_SHARED = ("context", "authority", "taps", "menu", "progress", "job", "address", "invoice", "wipe", "to_lab")

# part -> what of ours it may import; the longest matching part counts
MAY_IMPORT = {
    "bot": (),
    "bot.__main__": ("bot", "storage"),
    "bot.app": ("bot", "handlers", "storage"),
    "bot.cli.check": ("bot", "storage"),
    "bot.cli.develop": ("bot",),
    "bot.cli.play": ("bot.settings", "bot.playground.files"),
    "bot.botapi.client": ("bot.sealing", "bot.botapi.transport"),
    "bot.web": ("bot.app", "bot.payments.card_books", "bot.botapi.client", "bot.payments.gateways", "bot.settings"),
    "bot.settings": ("bot.sealing",),
    "bot.domain.model": (),
    "bot.domain.errors": (),
    "bot.sandbox.memfile": (),
    "bot.models": (),
    "bot.texts": ("bot.domain.model",),
    "bot.ops.logs": (),
    "bot.botapi.pacing": ("bot.botapi.transport",),
    "bot.botapi.transport": ("bot.domain.errors", "bot.sandbox.memfile"),
    "bot.photos.last_jobs": ("bot.domain.errors", "bot.ops.incidents", "bot.domain.model"),
    "bot.ops.metrics": ("bot.tools", "storage"),
    "bot.ops.incidents": (
        "bot.domain.errors",
        "bot.ops.metrics",
        "bot.domain.model",
        "bot.botapi.notices",
        "bot.sandbox.loading",
        "storage",
    ),
    "bot.photos.allowance": ("bot.domain.errors",),
    "bot.ops.usage": ("storage",),
    "bot.ops.ga4": ("storage",),
    "bot.ops.chart": (),
    "bot.botapi.updates": ("bot.botapi.client", "storage"),
    "bot.domain.zones": (),
    "bot.prints.prints.carriers": (),
    "bot.domain.packing": (),
    "bot.prints.prints": (
        "bot.prints.prints.carriers",
        "bot.domain.model",
        "bot.botapi.notices",
        "bot.domain.packing",
        "bot.texts",
        "bot.tools",
        "storage",
    ),
    "bot.payments.refunds": (
        "bot.payments.cards",
        "bot.photos.editing",
        "bot.payments.gateways",
        "bot.domain.model",
        "bot.botapi.notices",
        "bot.prints.prints",
        "bot.texts",
        "storage",
    ),
    "bot.jobs": ("bot.app", "storage"),
    "bot.domain.prices": (),
    "bot.sealing": (),
    "bot.prints.prints.envelope": ("bot.sealing",),
    "bot.cli.lab": ("bot.prints.prints.envelope", "bot.sealing"),
    "bot.botapi.notices": ("bot.domain.model", "bot.texts", "storage"),
    "bot.payments.gateways": ("bot.domain.model", "bot.domain.prices", "bot.texts"),
    "bot.payments.card_books": (
        "bot.payments.cards",
        "bot.payments.gateways",
        "bot.botapi.notices",
        "bot.payments.refunds",
        "bot.texts",
        "storage",
    ),
    "bot.payments.cards": ("bot.payments.gateways",),
    "bot.mail.mail": (),
    "bot.botapi.members": (),
    "bot.mail.mail.receipts": ("bot.domain.model", "bot.prints.prints", "bot.settings", "bot.texts", "storage"),
    "bot.mail.post": ("bot.mail.mail", "bot.botapi.notices", "bot.mail.mail.receipts", "storage"),
    "bot.payments.shop": (
        "bot.domain.model",
        "bot.domain.errors",
        "bot.domain.prices",
        "bot.prints.prints",
        "bot.payments.refunds",
        "bot.texts",
        "bot.domain.zones",
        "bot.botapi.notices",
        "bot.photos.editing",
        "bot.tools",
        "storage",
    ),
    "bot.support.support": ("bot.domain.model", "bot.prints.prints", "bot.texts", "storage"),
    "bot.support.topics": ("bot.botapi.notices", "bot.texts", "storage"),
    "bot.privacy.policy": ("bot.texts", "storage"),
    "bot.privacy.mydata": ("storage",),
    "bot.payments.reconcile": (
        "bot.domain.model",
        "bot.payments.gateways",
        "bot.botapi.notices",
        "bot.payments.refunds",
        "bot.payments.shop",
        "storage",
    ),
    "bot.photos.lanes": ("bot.domain.model",),
    "bot.photos.ahead": ("bot.sandbox.memfile", "bot.domain.model"),
    "bot.photos.editing": (
        "bot.photos.ahead",
        "bot.photos.allowance",
        "bot.domain.model",
        "bot.domain.errors",
        "bot.ops.incidents",
        "bot.photos.lanes",
        "bot.domain.prices",
        "bot.sandbox.pool",
        "bot.sandbox.memfile",
        "bot.ops.metrics",
        "storage",
    ),
    "bot.sandbox.pool": (
        "bot.domain.model",
        "bot.models",
        "bot.domain.errors",
        "bot.sealing",
        "bot.tools",
        "bot.sandbox.pool",
        "bot.sandbox.memfile",
    ),
    "bot.tools": ("bot.domain.model", "bot.domain.errors", "bot.tools"),
    "bot.tools.networks": ("bot.models", "bot.tools"),
    "bot.tools.prints": ("bot.domain.errors", "bot.domain.model", "bot.sealing", "bot.tools"),
    "bot.playground": ("bot.domain.model", "bot.playground"),
    "bot.playground.lab": ("bot.cli.lab", "bot.playground", "bot.sealing"),
    "bot.playground.process": ("bot.playground", "bot.sandbox.jail"),
    "handlers": ("bot", "storage", *(f"handlers.{part}" for part in _SHARED)),
    "handlers.album_job": (
        "bot",
        "storage",
        *(f"handlers.{part}" for part in ("context", "taps", "menu", "progress", "report", "job")),
    ),
    "handlers.job": (
        "bot",
        "storage",
        *(f"handlers.{part}" for part in ("context", "menu", "progress", "report", "to_lab")),
    ),
    "storage": ("bot.domain.model", "bot.domain.errors", "storage"),
}
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


def rule(module: str) -> tuple[str, ...]:
    parts = [part for part in MAY_IMPORT if within(module, part)]
    assert parts, f"{module} has no place in the layout"
    return MAY_IMPORT[max(parts, key=len)]


@pytest.mark.parametrize("module", modules())
def test_imports_point_one_way(module: str) -> None:
    ours = {name for name in imports(modules()[module]) if name.split(".")[0] in PACKAGES}
    allowed = rule(module)
    if module == "handlers":  # the routing table alone sees every conversation
        allowed += ("handlers",)
    if module in (
        "handlers.photo",
        "handlers.album",
        "handlers.shop",
        "handlers.wish",
        "handlers.mend",
        "handlers.prints",
    ):
        allowed += ("handlers.start",)  # a photo asks for consent where there is none
    if module == "handlers.photo":
        allowed += ("handlers.album",)  # consent may have been asked for under an album
    if module == "handlers.album":
        allowed += ("handlers.album_job",)
    wrong = {name for name in ours if not any(within(name, part) for part in allowed)}
    assert not wrong, f"{module} may not import {wrong}"


@pytest.mark.parametrize("module", modules())
def test_pixels_and_sql_stay_where_they_belong(module: str) -> None:
    strangers = {name.split(".")[0] for name in imports(modules()[module])}
    if not any(within(module, part) for part in ("bot.tools", "bot.sandbox.pool", "bot.playground", "bot.ops.chart")):
        assert not strangers & PIXELS
    if not within(module, "storage"):
        assert not strangers & SQL
    if not any(within(module, part) for part in ("handlers", "bot")):
        assert "telegram" not in strangers


def test_the_bots_own_process_never_decodes() -> None:
    """Only the child opens pictures: nothing that the bot's process runs calls a decoder."""
    for module, file in modules().items():
        if within(module, "bot.tools") or module in ("bot.sandbox.zygote", "bot.sandbox.child", "bot.sandbox.gate"):
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
    shelf = checkout / "bot" / "tools" / "__init__.py"
    text = shelf.read_text("utf-8").replace("import clean,", "import mirror, clean,")
    shelf.write_text(text.replace("cutout.TOOL)", "cutout.TOOL, mirror.TOOL)"), "utf-8")
    (checkout / ".models").symlink_to(ROOT / ".models")
    (tmp_path / "in.png").write_bytes(photos.encoded(kind="PNG"))
    command = [sys.executable, "-m", "bot", "develop", "mirror", str(tmp_path / "in.png"), str(tmp_path / "out.png")]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    flipped = photos.opened((tmp_path / "out.png").read_bytes())
    assert flipped.tobytes() == photos.china().transpose(0).tobytes()
