"""The lock holds: every attack is stopped in a real child; and each would have worked without the lock."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox import jail
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import MissingLayer, Sandbox
from tests.harness import hostile
from tests.harness.attacks import ATTACKS, PRIVILEGED
from tests.harness.darkroom import ROOT
from tests.pictures.photos import encoded

_LANDLOCK_CREATE = 444
_PRCTL = {"x86_64": 157, "aarch64": 167}[os.uname().machine]
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Open to everybody, so that no attack fails for want of rights alone."""
    made = Path(f"/dev/shm/darkroom-attacks-{os.getpid()}")
    made.mkdir()
    made.chmod(0o777)
    yield made
    for each in made.iterdir():
        each.rmdir() if each.is_dir() and not each.is_symlink() else each.unlink()
    made.rmdir()


async def _attacked(folder: Path, *arguments: str) -> dict[str, object]:
    """Every attack in a child of its own: the error that stopped it, or "" where nothing did."""
    sandbox = Sandbox(zygote=("tests.harness.hostile", *arguments, str(folder)))
    try:
        return {name: (await _act(sandbox, act="attack", name=name))["stopped-by"] for name in ATTACKS}
    finally:
        sandbox.close()


async def _act(sandbox: Sandbox, **settings: str) -> dict[str, object]:
    with MemoryFile() as photo:
        photo.write(encoded())
        made = await sandbox.develop(hostile.tool(), settings, photo)
        made.file.close()
        return dict(made.about.untrusted_report)


@pytest.mark.parametrize("user", ["", "--ordinary"], ids=["as it is started", "as an ordinary user"])
async def test_every_attack_is_stopped(folder: Path, user: str) -> None:
    outcomes = await _attacked(folder, *filter(None, [user]))
    assert [name for name, stopped_by in outcomes.items() if not stopped_by] == []


async def test_seccomp_alone_stops_everything(folder: Path) -> None:
    """Landlock is there for the day when it does not."""
    assert all((await _attacked(folder, "--without", "landlock")).values())


async def test_landlock_and_the_limits_alone_keep_files_and_sockets_out_of_reach(folder: Path) -> None:
    outcomes = await _attacked(folder, "--without", "seccomp")
    through = {name for name, stopped_by in outcomes.items() if not stopped_by}
    assert through >= {"executable_memory", "outlive_the_parent"}  # so these are seccomp's alone
    assert through.isdisjoint({"fork", "fork_by_the_newest_call", "start_a_thread"})
    assert through.isdisjoint({"create_a_file", "read_passwords", "connect", "send_a_datagram"})
    if os.geteuid() == 0:  # then the child is another user than its parent
        assert "signal_the_parent" not in through


def test_without_a_lock_every_attack_goes_through(folder: Path) -> None:
    """The control: an attack that fails by itself proves nothing."""
    command = [sys.executable, "-m", "tests.harness.attacks", str(folder)]
    outcomes = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    assert {name for name, stopped_by in outcomes.items() if stopped_by} <= PRIVILEGED
    assert outcomes.keys() == ATTACKS.keys()


async def test_the_photo_is_lent_to_be_read_only(folder: Path) -> None:
    """Its descriptor would be open for writing otherwise, and the map could be made writable."""
    sandbox = Sandbox(zygote=("tests.harness.hostile", str(folder)))
    try:
        with MemoryFile() as photo:
            photo.write(encoded())
            with await sandbox.develop(hostile.tool(), {"act": "overwrite"}, photo) as made:
                assert made.about.untrusted_report == {"stopped-by": "PermissionError"}
            assert photo.read(0, photo.size) == encoded()
            photo.rewind()
            photo.write(bytes(photo.size))  # it is ours as before
            assert photo.read(0, 4) == bytes(4)
    finally:
        sandbox.close()


def test_seccomp_alone_lets_nothing_be_started() -> None:
    """In every child a limit refuses it, too; here there is none."""
    names = ["fork", "fork_by_the_newest_call", "spawn", "start_a_thread"]
    play = (
        "from bot.sandbox import jail; from tests.harness import attacks; jail.lock_syscalls();"
        f"print([attacks.outcome(name, None) for name in {names}])"
    )
    told = subprocess.run([sys.executable, "-c", play], cwd=ROOT, env=_ENVIRONMENT, capture_output=True, text=True)
    assert (told.stdout, told.stderr) == (f"{['PermissionError'] * 3 + ['OSError']}\n", "")


def test_the_limits_of_a_child_are_small() -> None:
    """Those that the kernel counts nowhere else: what a stack, a descriptor or a process costs it."""
    play = (
        "import json, resource; from bot.sandbox import jail; jail.limit(1 << 30, 7);"
        "names = 'STACK', 'NOFILE', 'NPROC', 'CORE', 'CPU', 'AS', 'FSIZE';"
        "print(json.dumps({name: resource.getrlimit(getattr(resource, f'RLIMIT_{name}')) for name in names}))"
    )
    told = subprocess.run([sys.executable, "-c", play], cwd=ROOT, env=_ENVIRONMENT, capture_output=True, check=True)
    assert json.loads(told.stdout) == {
        "STACK": [4 << 20, 4 << 20],
        "NOFILE": [0, 0],
        "NPROC": [0, 0],
        "CORE": [0, 0],
        "CPU": [7, 8],
        "AS": [1 << 30, 1 << 30],
        "FSIZE": [0, 0],
    }


@pytest.mark.parametrize(
    "command",
    ["develop clean in out", "backup file", "restore file", "key rotate", "lab open file"],
)
def test_no_command_leaves_a_core_dump(command: str) -> None:
    """Nor one that is piped to a program, which the limit alone does not keep from it: prctl(2), core(5)."""
    play = (
        "import ctypes, resource, sys; from bot import __main__ as bot;"
        "most = resource.getrlimit(resource.RLIMIT_CORE)[1]; resource.setrlimit(resource.RLIMIT_CORE, (most, most));"
        "tell = lambda *_: print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0));"
        "bot._develop = bot._back_up = bot._restore = bot._rotate = bot._lab_open = tell;"
        "bot.main(sys.argv[1:])"
    )
    told = subprocess.run(
        [sys.executable, "-c", play, *command.split()], cwd=ROOT, env=_ENVIRONMENT, capture_output=True, text=True
    )
    assert (told.stdout, told.stderr) == ("(0, 0) 0\n", "")


# A kernel without a layer


def _on_a_lesser_kernel(numbers: list[int], *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot COMMAND` where these system calls do not exist."""
    play = (
        "import runpy, sys; from bot.sandbox.pool import jail;"
        f"jail.refuse_syscalls({numbers}, {errno.ENOSYS}); sys.argv[0] = 'bot';"
        "runpy.run_module('bot', run_name='__main__', alter_sys=True)"
    )
    return subprocess.run(
        [sys.executable, "-c", play, *command],
        cwd=ROOT,
        env=_ENVIRONMENT | settings,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("layer", "number"), [("landlock", _LANDLOCK_CREATE), ("seccomp", _PRCTL)])
def test_a_kernel_without_a_layer_is_refused_by_name(layer: str, number: int, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded())
    checked = _on_a_lesser_kernel([number], "check", DATABASE_PATH=str(tmp_path / "db"))
    assert checked.returncode == 1
    assert f"missing  jail: this kernel lacks {layer};" in checked.stdout
    assert f"JAIL_ACCEPT_MISSING={layer}" in checked.stdout
    developed = _on_a_lesser_kernel([number], "develop", "clean", str(photo), str(tmp_path / "out.jpg"))
    assert developed.returncode == 1
    assert f"lacks {layer}" in developed.stderr


def test_a_lost_layer_that_was_accepted_is_no_obstacle(tmp_path: Path) -> None:
    photo, out = tmp_path / "photo.jpg", tmp_path / "out.jpg"
    photo.write_bytes(encoded())
    command = ("develop", "clean", str(photo), str(out))
    developed = _on_a_lesser_kernel([_LANDLOCK_CREATE], *command, JAIL_ACCEPT_MISSING="landlock")
    assert (developed.returncode, developed.stderr) == (0, "")
    assert out.stat().st_size > 10_000


def test_accepting_one_layer_accepts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jail, "missing", lambda: {"landlock", "seccomp"})
    with pytest.raises(MissingLayer) as refused:
        Sandbox(frozenset({"landlock"}))
    assert refused.value.layers == {"seccomp"}


def test_both_tables_of_system_calls_allow_the_same() -> None:
    """arm64 has no hardware here; its table at least names what the tested one names."""
    x86, arm = jail._ALLOWED_X86_64, jail._ALLOWED_ARM64
    assert {name.replace("ppoll", "poll") for name in arm} == x86.keys()
    for table in (x86, arm):
        assert len(set(table.values())) == len(table)
    for arch, table in (("x86_64", x86), ("aarch64", arm)):
        of = jail._ARCHITECTURES[arch]
        assert of.allowed is table
        assert not {of.mmap, of.mprotect} & set(table.values())
