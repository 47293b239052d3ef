"""Settings as a button carries them: `key=value`, joined by `;`; width and height together are `800x600`."""

import re
from collections.abc import Mapping

_BOX = re.compile(r"(\d+)x(\d+)")


def packed(settings: Mapping[str, str]) -> str:
    rest = dict(settings)
    box = [f"{rest.pop('width')}x{rest.pop('height')}"] if rest.keys() >= {"width", "height"} else []
    return ";".join([*box, *(f"{name}={value}" for name, value in rest.items())])


def unpacked(text: str) -> dict[str, str]:
    settings: dict[str, str] = {}
    for part in text.split(";"):
        if "=" in part:
            name, settings[name] = part.split("=", 1)
        elif box := _BOX.fullmatch(part):
            settings["width"], settings["height"] = box.groups()
    return settings
