"""Takes the pictures in docs/pictures, of a sandbox that runs: python -m tests.support.journeys.pictures [its first port]."""

import re
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from plugin.sandbox.places import Places
from tests.support.browsing import started_browser
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.running import CHECKOUT
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, deep, home, opens, paths, puts_guide_away, stories
from tests.support.journeys.traffic import every_state, fires

FOLDER: Final = CHECKOUT / "docs" / "pictures"
DARK: Final = ("", "/events/cart_abandoned", "/setup?step=connect")
NARROW: Final = ("", "/events", "/languages")
WIDE, NARROW_WIDTH, HEIGHT, TALL = 1280, 320, 720, 1240
LONG: Final = re.compile(r"(/deliveries/\d+)?")  #: the pages whose point is further down: the overview, and a story
BUYERS: Final = ("emily", "joao", "ines", "amelie", "olena")  #: with those of every state, one of each kind of language


def named(host: str, path: str, more: str = "") -> Path:
    words = re.sub(r"/deliveries/\d+", "delivery", path).replace("?step=", "-").replace("cart_abandoned", "one")
    return FOLDER / f"{host}-{words.strip('/').replace('/', '-') or 'overview'}{more}.png"


def take(merchant: Merchant, host: str, address: str, path: str, more: str = "") -> None:
    """One page as the window shows it."""
    width = (merchant.page.viewport_size or {"width": WIDE})["width"]
    merchant.page.set_viewport_size({"width": width, "height": TALL if LONG.fullmatch(path) else HEIGHT})
    opens(merchant, deep(host, address, path))
    merchant.page.screenshot(path=named(host, path, more), animations="disabled")


def take_all(browser: Browser, sandbox: RunningSandbox, host: str) -> None:
    """Every page of the app in this admin."""
    address = home(sandbox, host)
    with visiting(browser, width=WIDE, height=HEIGHT) as merchant:
        puts_guide_away(merchant, address)
        [delivered, *_others] = stories(merchant, host, address)
        for path in (*paths(host), delivered):
            take(merchant, host, address, path)
        merchant.chooses("Theme", "dark", inside=merchant.page)
        for path in DARK:
            take(merchant, host, address, path, "-dark")
    with visiting(browser, width=NARROW_WIDTH, height=HEIGHT) as merchant:
        for path in NARROW:
            take(merchant, host, address, path, "-narrow")


def take_sandbox(browser: Browser, sandbox: RunningSandbox) -> None:
    """The page that lets things happen."""
    with visiting(browser, width=1120, height=760) as merchant:
        merchant.opens(sandbox.places.page)
        merchant.page.wait_for_load_state("networkidle")
        merchant.page.screenshot(path=FOLDER / "sandbox.png", animations="disabled")


def happens(sandbox: RunningSandbox, host: str) -> None:
    """An hour of a small store."""
    every_state(sandbox, host)
    for buyer in BUYERS:
        fires(sandbox, host, buyer=buyer, event="order_created")
        fires(sandbox, host, buyer=buyer)


def main(port: int) -> None:
    FOLDER.mkdir(exist_ok=True)
    sandbox = RunningSandbox(places=Places(host="127.0.0.1", port=port))
    with started_browser() as browser:
        for host in HOSTS:
            happens(sandbox, host)
            take_all(browser, sandbox, host)
        take_sandbox(browser, sandbox)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
