"""What the playground's bot gets of the environment: nothing of a bot that serves people, which may be set up here."""

from collections.abc import Mapping

SETTINGS = ("JAIL_ACCEPT_MISSING", "LOG_LEVEL", "MEMORY_MB", "MODELS_DIR", "WORKERS")  # of this machine, not of a bot
_OF_THE_SYSTEM = ("GLIBC_TUNABLES", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR", "TZ")


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that the bot needs to run on this machine."""
    return {name: environment[name] for name in (*SETTINGS, *_OF_THE_SYSTEM) if name in environment}
