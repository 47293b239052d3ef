"""The command line: `python -m bot COMMAND`. Without a command: `run` when BOT_TOKEN is set, else `playground`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pydantic import ValidationError

    from bot.settings import Settings

# What a command needs is imported by that command: the libraries take a second, and `run` starts itself anew first.

# Freed memory is overwritten and given back at once, so that no byte of a photo outlives its job in the bot's heap, and
# no name or word its person: so Python has no allocator of its own. Both work from the environment only: one re-exec.
_TUNABLES = "glibc.malloc.perturb=85:glibc.malloc.tcache_count=0"
_ENVIRONMENT = {
    "PYTHONMALLOC": "malloc",
    "PTB_TIMEDELTA": "1",  # durations as the next version of python-telegram-bot gives them, not its warnings
}

# For the playground alone, which searches the memory of the bot for photos: without root, it must be allowed to.
_READABLE = "--readable-memory"


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0 done, 1 failed, 2 wrong usage, 3 photo refused."""
    parsed = _parser().parse_args(arguments)
    if parsed.command is _run:
        _start_anew(parsed)
    from pydantic import ValidationError

    from bot.ops import logs
    from bot.sandbox import jail
    from bot.settings import Settings

    try:
        # The playground's bot takes nothing from the `.env` of one that serves people.
        settings = Settings(_env_file=None) if parsed.readable_memory else Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        print(_explain(error), file=sys.stderr)
        return 1
    logs.configure(settings.log_level)
    command: Callable[[Settings, argparse.Namespace], int] = parsed.command or (
        _run if settings.bot_token else _playground
    )
    if command is not _run:  # it decides for itself
        with contextlib.suppress(jail.JailError):  # of a kernel that lacks more than this; `check` says so
            jail.hide_memory()  # photos, keys and addresses pass through these commands: no core dump holds them
    return command(settings, parsed)


def _run(settings: Settings, parsed: argparse.Namespace) -> int:
    from bot.settings import is_this_machine

    readable: bool = parsed.readable_memory
    if readable and not is_this_machine(urlsplit(settings.bot_api_url).hostname):
        return _cannot_start(f"{_READABLE} is for the playground alone, and BOT_API_URL leads elsewhere")
    _start_anew(parsed)
    gc.disable()  # what is imported stays
    from telegram.error import InvalidToken, TelegramError

    from bot.app import serve
    from bot.domain.errors import Failed
    from bot.sandbox import jail
    from bot.sandbox.pool import MissingLayer
    from bot.weights import ModelError
    from storage.db import Error, reason_of
    from storage.keys import DatabaseError

    gc.freeze()
    gc.enable()
    if readable:
        jail.forbid_cores()
        print(f"{_READABLE}: photos in this bot's memory can be read by this user's other processes", file=sys.stderr)
    else:
        jail.hide_memory()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # distributions give 1024 unless one asks
    try:
        asyncio.run(serve(settings, readable))
    except (DatabaseError, MissingLayer, ModelError, ValueError) as error:
        return _cannot_start(str(error))
    except InvalidToken:
        return _cannot_start("Telegram does not know this BOT_TOKEN; ask @BotFather for /token")
    except Error as error:
        return _cannot_start(f"the database at {settings.database_path} fails ({reason_of(error)}): is its disk full?")
    except (Failed, TelegramError, OSError) as error:  # their texts may hold the token or an address
        return _cannot_start(f"{type(error).__name__}; `python -m bot check` says more")
    return 0


def _start_anew(parsed: argparse.Namespace) -> None:
    """Where the environment is not yet as the bot needs it."""
    if (environment := _environment()) != os.environ:
        readable = [_READABLE] if parsed.readable_memory else []
        os.execve(sys.executable, [sys.executable, "-m", "bot", "run", *readable], environment)  # noqa: S606


def _environment() -> dict[str, str]:
    """As the bot needs it; tunables that somebody set stay, and count where they come last."""
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    if _TUNABLES not in tunables:
        tunables = ":".join(filter(None, (tunables, _TUNABLES)))
    return {**os.environ, **_ENVIRONMENT, "GLIBC_TUNABLES": tunables}


def _cannot_start(why: str) -> int:
    print(f"Darkroom cannot start: {why}", file=sys.stderr)
    return 1


def _playground(settings: Settings, _: argparse.Namespace) -> int:
    from bot.cli import playground

    return playground.playground(settings)


def _check(settings: Settings, _: argparse.Namespace) -> int:
    from bot.cli import check

    return asyncio.run(check.check(settings))


def _models(settings: Settings, _: argparse.Namespace) -> int:
    from bot import weights

    return weights.fetch(settings.models_dir)


def _rotate(settings: Settings, _: argparse.Namespace) -> int:
    from storage import backup

    backup.rotate(settings.database_path, settings.database_key_file)
    print(f"the database has a new key, in {settings.database_key_file}: keep a copy of that elsewhere")
    print("backups made until now open with the old key only, and that is not here any more: make a new one now")
    return 0


def _back_up(settings: Settings, parsed: argparse.Namespace) -> int:
    from storage import backup

    backup.back_up(settings.database_path, settings.database_key_file, parsed.file)
    print(f"{parsed.file} opens with the key in {settings.database_key_file}: keep a copy of that elsewhere")
    return 0


def _restore(settings: Settings, parsed: argparse.Namespace) -> int:
    from storage import backup

    before, still_forgotten = backup.restore(settings.database_path, settings.database_key_file, parsed.file)
    print(f"{settings.database_path} is {parsed.file} now")
    if before:
        print(f"the one before is {before}: delete it when all is well, people who were forgotten may be in it")
    if not still_forgotten:
        print("no database before it could be read: who was forgotten after this backup was made is here again")
    return 0


def _at_rest(command: Callable[[Settings, argparse.Namespace], int]) -> Callable[[Settings, argparse.Namespace], int]:
    """The command; what stands in its way is said in a sentence."""

    def run(settings: Settings, parsed: argparse.Namespace) -> int:
        from storage.keys import DatabaseError

        try:
            return command(settings, parsed)
        except (DatabaseError, OSError) as error:
            print(f"Nothing was done: {error}", file=sys.stderr)
            return 1

    return run


def _develop(settings: Settings, parsed: argparse.Namespace) -> int:
    from bot.cli import develop

    return asyncio.run(develop.develop(settings, parsed.tool, parsed.photo, parsed.out, parsed.set, parsed.json))


def _lab_keygen(_: Settings, parsed: argparse.Namespace) -> int:
    from bot.cli import lab

    return lab.keygen(parsed.key.expanduser())


def _lab_open(_: Settings, parsed: argparse.Namespace) -> int:
    from bot.cli import lab

    return lab.open_files(parsed.files, parsed.key.expanduser(), parsed.into)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    parser.set_defaults(command=None, readable_memory=False)
    commands = parser.add_subparsers(metavar="COMMAND")
    run = commands.add_parser("run", help="serve Telegram")
    run.set_defaults(command=_run)
    run.add_argument(_READABLE, action="store_true", help=argparse.SUPPRESS)
    commands.add_parser("playground", help="a local Bot API, a chat page, and the bot against it").set_defaults(
        command=_playground
    )
    one = commands.add_parser("develop", help="one tool on one file, through the same jail")
    one.set_defaults(command=_develop)
    one.add_argument("tool", metavar="TOOL")
    one.add_argument("photo", metavar="IN", type=Path)
    one.add_argument("out", metavar="OUT", type=Path)
    one.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the tool")
    one.add_argument("--json", action="store_true", help="print what was done as one object")
    commands.add_parser("check", help="what is set up, what is missing, how to mend it").set_defaults(command=_check)
    key = commands.add_parser("key", help="the key of the database").add_subparsers(metavar="COMMAND", required=True)
    rotate = key.add_parser("rotate", help="encrypt the database with a new key; the bot must not run")
    rotate.set_defaults(command=_at_rest(_rotate))
    for name, work, what in (
        ("backup", _back_up, "an encrypted copy of the database; the bot may run"),
        ("restore", _restore, "put a backup in the database's place; the bot must not run"),
    ):
        command = commands.add_parser(name, help=what)
        command.set_defaults(command=_at_rest(work))
        command.add_argument("file", metavar="FILE", type=Path)
    _add_lab(commands.add_parser("lab", help="for the photo lab: its key, and the orders that are sealed for it"))
    commands.add_parser("models", help="fetch and verify the model weights").set_defaults(command=_models)
    return parser


def _add_lab(lab: argparse.ArgumentParser) -> None:
    commands = lab.add_subparsers(metavar="COMMAND", required=True)
    keygen = commands.add_parser("keygen", help="make the key that opens orders")
    keygen.set_defaults(command=_lab_keygen)
    opening = commands.add_parser("open", help="a folder an order: print.jpg, address.txt, order.json")
    opening.set_defaults(command=_lab_open)
    opening.add_argument("files", metavar="FILE", type=Path, nargs="+")
    opening.add_argument("--into", metavar="FOLDER", type=Path, default=Path(), help="where the folders go")
    for command in (keygen, opening):
        command.add_argument("--key", metavar="FILE", type=Path, default=Path("~/.config/darkroom/lab.key"))


def _explain(error: ValidationError) -> str:
    lines = [
        "  " + ": ".join([*(str(name).upper() for name in part["loc"]), part["msg"]])
        for part in error.errors(include_input=False)
    ]
    return "\n".join(["These settings do not work:", *lines, "See .env.example for all of them."])


if __name__ == "__main__":
    sys.exit(main())
