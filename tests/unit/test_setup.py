"""`make` looks for its tools before anything else: it brings what is missing where nobody has to be asked, or stops."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.darkroom import ROOT

TOOLS = ("exiftool", "strace", "chromium", "libatomic", "age", "openssl", "fc-list")
PACKAGES = "libimage-exiftool-perl strace chromium libatomic1 age openssl fonts-noto-color-emoji"
_SHELL = ("sh", "bash", "make", "awk", "grep", "tail", "cp")


class Machine:
    """A bare one: a PATH with a shell and Python, and what a test adds; on it this project, not yet set up."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.programs, self.asked = folder / "tree", folder / "programs", folder / "asked"
        self.release = folder / "os-release"
        self.is_a("debian")
        self.programs.mkdir()
        for name in _SHELL:
            (self.programs / name).symlink_to(shutil.which(name) or name)
        self.has_python()
        self.is_user(0)
        shutil.copytree(ROOT / ".ci", self.tree / ".ci")
        shutil.copy(ROOT / "Makefile", self.tree)
        for name in ("requirements.txt", "requirements-test.txt"):  # of which nothing is to be had
            (self.tree / name).write_text("", "utf-8")

    def has(self, name: str, script: str = "echo here") -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        path.chmod(0o755)

    def has_python(self, lacks: str = "nothing") -> None:
        looks = f'case "$*" in *{lacks}*) exit 1 ;; *libatomic*) exec libatomic ;; esac'
        self.has("python3", f'{looks}; exec {sys.executable} "$@"')

    def has_apt(self, *brings: str) -> None:
        """It writes down what it is asked, and brings these programs."""
        self.has("here")
        copies = [f'cp "{self.programs}/here" "{self.programs}/{name}"' for name in brings]
        self.has("apt-get", "\n".join([f'echo "$@" >>"{self.asked}"', '[ "$1" = install ] || exit 0', *copies]))

    def is_user(self, number: int) -> None:
        self.has("id", f"echo {number}")

    def is_a(self, system: str) -> None:
        self.release.write_text(f"ID={system}\n", "utf-8")

    def make(self, target: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.programs), "OS_RELEASE": str(self.release)}
        done = subprocess.run(["make", target], cwd=self.tree, env=environment, capture_output=True, text=True)
        assert "virtual environment" not in done.stdout  # nothing else was begun
        return done

    def calls(self) -> list[str]:
        return self.asked.read_text("utf-8").splitlines() if self.asked.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_where_all_is_there_it_says_nothing(machine: Machine) -> None:
    for name in TOOLS:
        machine.has(name)
    machine.has_apt()
    done = machine.make("tools-test")
    assert (done.returncode, done.stdout, done.stderr, machine.calls()) == (0, "", "", [])


@pytest.mark.parametrize("who", ["root", "sudo"])
def test_where_nobody_has_to_be_asked_it_brings_what_is_missing(machine: Machine, who: str) -> None:
    machine.has("strace")
    machine.has_apt(*TOOLS)
    if who == "sudo":
        machine.is_user(1000)
        machine.has("sudo", '[ "$1" = -n ] && shift; "$@"')
    done = machine.make("tools-test")
    assert done.returncode == 0, done.stderr
    wanted = PACKAGES.replace("strace ", "")
    assert done.stdout.splitlines()[0] == "Setting up: exiftool, from Debian (libimage-exiftool-perl)"
    assert len(done.stdout.splitlines()) == len(wanted.split())
    assert machine.calls() == ["update -qq", f"install -y -qq --no-install-recommends {wanted}"]


@pytest.mark.parametrize("sudo", ["", "a password is required"])
@pytest.mark.parametrize("target", ["test", "fast", "setup", "prove"])
def test_else_it_names_one_command_and_stops_before_anything_runs(machine: Machine, target: str, sudo: str) -> None:
    machine.is_user(1000)
    machine.has_apt(*TOOLS)
    if sudo:
        machine.has("sudo", f"echo {sudo} >&2; exit 1")
    done = machine.make(target)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing: exiftool strace chromium libatomic age openssl emoji." in done.stderr
    assert f"sudo apt-get install -y -qq --no-install-recommends {PACKAGES}\n" in done.stderr
    assert machine.calls() == []


def test_what_apt_cannot_bring_is_told_with_what_it_said(machine: Machine) -> None:
    machine.has("apt-get", "echo E: Unable to locate package; exit 100")
    done = machine.make("test")
    assert done.returncode == 2
    assert "E: Unable to locate package" in done.stderr
    assert f"  apt-get update -qq; apt-get install -y -qq --no-install-recommends {PACKAGES}\n" in done.stderr


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        (
            "dnf",
            "sudo dnf install -y perl-Image-ExifTool strace chromium libatomic age openssl "
            "google-noto-color-emoji-fonts",
        ),
        ("pacman", "sudo pacman -S --needed perl-image-exiftool strace chromium gcc-libs age openssl noto-fonts-emoji"),
        ("pkg", "(your system's package manager, for these: exiftool strace chromium libatomic age openssl emoji)"),
    ],
)
def test_other_systems_have_their_command_named(machine: Machine, manager: str, command: str) -> None:
    machine.is_user(1000)
    machine.is_a("other")
    machine.has(manager)
    done = machine.make("test")
    assert done.returncode == 2
    assert f"\n  {command}\n" in done.stderr


def test_ubuntu_gets_the_libraries_of_the_browser_that_playwright_brings(machine: Machine) -> None:
    machine.is_a("ubuntu")
    machine.has_apt(*TOOLS)
    machine.has("dpkg", f'grep -q libgbm1 "{machine.asked}"')
    assert machine.make("tools-test").returncode == 0
    assert "libgbm1" in machine.calls()[1]
    assert "chromium" not in machine.calls()[1]


@pytest.mark.parametrize("target", ["run", "test"])
def test_a_python_that_cannot_make_environments_is_told(machine: Machine, target: str) -> None:
    """As Debian's, where python3-venv is a package of its own."""
    machine.is_user(1000)
    machine.has_python(lacks="ensurepip")
    machine.has_apt()
    done = machine.make(target)
    assert done.returncode == 2
    assert f"python{sys.version_info.major}.{sys.version_info.minor}-venv" in done.stderr


@pytest.mark.parametrize("script", ["exit 1", "echo 3.10; exit 1"])
def test_a_python_that_is_too_old_is_told(machine: Machine, script: str) -> None:
    machine.has("python3", script)
    done = machine.make("run")
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
