"""`make picture`: the README's picture, a real chat in the playground, photographed by a real browser."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.stories.test_playground_supervisor import playing

OUT = Path(__file__).parents[1] / "pictures" / "chat.png"
_CHROMIUM = Path("/usr/bin/chromium")
_QUIET = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
_SIZE = {"width": 1280, "height": 800}
_COLOURS = 256  # a palette: a fraction of the bytes


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's, or where there is none Playwright's own; without a window and without calls home."""
    with sync_playwright() as playwright:
        path = _CHROMIUM if _CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *_QUIET])
        yield browser
        browser.close()


def main() -> int:
    with playing() as playground, chromium() as browser:
        page = browser.new_page(viewport=_SIZE, color_scheme="dark", device_scale_factor=1.5)
        page.goto(f"{playground.url}/")
        page.get_by_role("textbox", name="Message").fill("/start")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="I agree").click()
        page.get_by_role("button", name="Attach").click()
        page.get_by_role("menuitem", name="coffee").click()
        for label in ("Enhance", "High", "Behind the scenes", "Search the bot's memory"):
            page.get_by_role("button", name=label).click()
        page.get_by_text("found in the control").wait_for()
        page.get_by_text("coffee-enhance.jpg").click()  # so that nothing is chosen
        taken = Image.open(io.BytesIO(page.screenshot()))
    taken.convert("RGB").quantize(_COLOURS, dither=Image.Dither.FLOYDSTEINBERG).save(OUT, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
