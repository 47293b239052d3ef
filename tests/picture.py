"""`make picture`: the README's picture, a real chat in the playground, photographed by a real browser."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.conftest import agreed
from tests.darkroom import running
from tests.people import Telegram, start_server
from tests.pictures import photos

OUT = Path(__file__).parent / "pictures" / "chat.png"
_CHROMIUM = "/usr/bin/chromium"
_QUIET = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def browser(width: int = 900, height: int = 1180) -> Iterator[Page]:
    """A page in Debian's chromium, without a window and without calls home."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", *_QUIET])
        yield chromium.new_page(viewport={"width": width, "height": height})
        chromium.close()


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        start_server() as url,
        Telegram(url) as telegram,
        running(telegram, Path(folder) / "bot"),
        browser() as page,
    ):
        anna = agreed(telegram, "Anna")
        anna.sends_file(photos.encoded(tagged=True), "holiday.jpg")
        anna.sees("What shall I do")
        anna.taps("Remove metadata")
        anna.gets_document()
        anna.taps("Another tool")
        anna.sees("What shall I do")
        page.goto(url)
        page.get_by_role("button", name="Enhance").wait_for()
        page.screenshot(path=OUT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
