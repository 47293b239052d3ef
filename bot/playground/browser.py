"""The chat page at /: files of `page/`, nothing from elsewhere."""

from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).parent / "page"
FILES = {"": "index.html", "app.js": "app.js", "style.css": "style.css"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


async def show(request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / FILES[request.match_info.get("file", "")], headers=HEADERS)


def add_routes(app: web.Application) -> None:
    app.router.add_get("/", show)
    app.router.add_get("/{file:app.js|style.css}", show)
