"""Takes the pictures for the stores' listings: the app alone, without an admin around it, of a sandbox that runs.

python -m tests.support.journeys.listing [its first port] writes docs/listing/NUMBER-PAGE.png, 1600 by 900 pixels.
"""

import sys
from typing import Final

from plugin.sandbox.places import Places
from tests.support.browsing import started_browser
from tests.support.journeys.merchant import visiting
from tests.support.journeys.pictures import happens
from tests.support.journeys.running import CHECKOUT
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, home, opens, puts_guide_away, settles

FOLDER: Final = CHECKOUT / "docs" / "listing"
WIDTH, HEIGHT = 1600, 900
HOST: Final = "shopify"
PAGES: Final = (
    ("home", ""), ("languages", "/languages"), ("event-log", "/deliveries"), ("events", "/events"),
)  # fmt: skip
# The pretend admin is not shown: the app's frame fills the window.
FILLS: Final = "frame => frame.style.cssText = 'position: fixed; inset: 0; inline-size: 100%; block-size: 100%; z-index: 9'"


def main(port: int) -> None:
    sandbox = RunningSandbox(places=Places(host="127.0.0.1", port=port))
    happens(sandbox, HOST)
    with started_browser() as browser, visiting(browser, width=WIDTH, height=HEIGHT) as merchant:
        address = home(sandbox, HOST)
        puts_guide_away(merchant, address)
        for number, (name, path) in enumerate(PAGES, start=1):
            opens(merchant, deep(HOST, address, path))
            merchant.page.locator("iframe").first.evaluate(FILLS)
            settles(merchant)
            merchant.page.screenshot(path=FOLDER / f"{number}-{name}.png", animations="disabled")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
