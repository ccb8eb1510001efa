"""Draws the app's icon in the sizes the stores ask for: python -m tests.support.journeys.icon."""

from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tests.support.browsing import started_browser
from tests.support.journeys.running import CHECKOUT

DRAWN: Final = CHECKOUT / "plugin" / "static" / "brand" / "icon.svg"
# Saleor fetches a square PNG of at least 256 pixels; Shopify's listing is given one of 1200.
SIZES: Final = {DRAWN.with_suffix(".png"): 512, CHECKOUT / "docs" / "listing" / "icon-1200.png": 1200}


def draw(browser: Browser, path: Path, size: int) -> None:
    """The icon as a picture of so many pixels, see-through at its corners."""
    page = browser.new_page(viewport={"width": size, "height": size})
    page.set_content(f"<style>html, body {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>{DRAWN.read_text()}")
    page.screenshot(path=path, omit_background=True)
    page.close()


if __name__ == "__main__":
    with started_browser() as browser:
        for path, size in SIZES.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            draw(browser, path, size)
