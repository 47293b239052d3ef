"""Settings as a button carries them: `key=value`, joined by `;`."""

from collections.abc import Mapping


def packed(settings: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in settings.items())


def unpacked(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split(";") if "=" in pair)
