"""Serves the chat page at /, from the files of `page/` only."""

import re
from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).parent / "page"
FILES = {path.name: path for path in PAGE.iterdir()}
HEADERS = {
    # blob: shows files that a person has picked and not sent yet
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


async def show(request: web.Request) -> web.FileResponse:
    return web.FileResponse(FILES[request.match_info.get("file", "index.html")], headers=HEADERS)


def add_routes(app: web.Application) -> None:
    app.router.add_get("/", show)
    app.router.add_get(f"/{{file:{'|'.join(map(re.escape, FILES))}}}", show)
