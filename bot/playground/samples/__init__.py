"""Three sample photos. README.md beside them gives their sources and changes."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.playground.pictures import size_of

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    name: str
    label: str
    credit: str

    @property
    def path(self) -> Path:
        return _FOLDER / self.name

    def description(self) -> dict[str, Any]:
        """The sample as the page shows it."""
        width, height = size_of(self.path)
        return {**asdict(self), "width": width, "height": height, "bytes": self.path.stat().st_size}


SAMPLES = {
    sample.name: sample
    for sample in (
        Sample(
            "cat.jpg",
            "A cat, with the place it lives in its EXIF",
            "Chelsea, by Stefan van der Walt, CC0. The metadata is invented.",
        ),
        Sample(
            "coffee.jpg",
            "A cup of coffee in bad light, for Enhance",
            "By Rachel Michetti, CC0. Darkened and tinted for this page; the metadata is invented.",
        ),
        Sample(
            "astronaut.jpg",
            "A portrait, with camera and author in its EXIF",
            "Eileen Collins, by NASA, public domain. The metadata is invented.",
        ),
    )
}


async def list_samples(_: web.Request) -> web.Response:
    return web.json_response([sample.description() for sample in SAMPLES.values()])


async def send_sample(request: web.Request) -> web.FileResponse:
    sample = SAMPLES.get(request.match_info["name"])
    if sample is None:
        raise web.HTTPNotFound
    headers = {"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff"}
    return web.FileResponse(sample.path, headers=headers)


def add_routes(app: web.Application) -> None:
    app.router.add_get("/house/samples", list_samples)
    app.router.add_get("/house/samples/{name}", send_sample)
