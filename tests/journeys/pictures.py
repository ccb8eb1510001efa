"""Takes the pictures in docs/pictures, of a sandbox that runs: python -m tests.journeys.pictures [its first port]."""

import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from plugin.sandbox.places import Places
from tests.browsing import started_browser
from tests.journeys.merchant import visiting
from tests.journeys.running import CHECKOUT
from tests.journeys.sandbox import RunningSandbox
from tests.journeys.tour import HOSTS, deep, home, opens, paths

FOLDER: Final = CHECKOUT / "docs" / "pictures"
DARK: Final = ("/events/cart_abandoned", "/setup?step=connect")
NARROW: Final = ("/events", "/languages")


def named(host: str, path: str, more: str = "") -> Path:
    words = path.replace("?step=", "-").replace("cart_abandoned", "one").strip("/").replace("/", "-") or "first"
    return FOLDER / f"{host}-{words}{more}.png"


def take(browser: Browser, sandbox: RunningSandbox, host: str, path: str, *, theme: str = "light", width: int = 1280) -> None:
    """One page as the window shows it."""
    with visiting(browser, width=width, height=900) as merchant:
        opens(merchant, deep(host, home(sandbox, host), path))
        merchant.chooses("Theme", theme, inside=merchant.page)
        more = "-dark" if theme == "dark" else "-narrow" if width < 640 else ""
        merchant.page.screenshot(path=named(host, path, more), animations="disabled")


def main(port: int) -> None:
    FOLDER.mkdir(exist_ok=True)
    sandbox = RunningSandbox(places=Places(host="127.0.0.1", port=port))
    with started_browser() as browser:
        for host in HOSTS:
            for path in paths(host):
                take(browser, sandbox, host, path)
            for path in DARK:
                take(browser, sandbox, host, path, theme="dark")
            for path in NARROW:
                take(browser, sandbox, host, path, width=320)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
