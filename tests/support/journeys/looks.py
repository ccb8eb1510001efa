"""Looks at every page in every state, each theme and width, with axe and by Tab, and takes the contact sheets: make looks.

python -m tests.support.journeys.looks [shopify | saleor] ends with 1 where something is wrong, and says where.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Final

import requests
from playwright.sync_api import Browser

from tests.support.browsing import started_browser, wait_until
from tests.support.journeys.axe import axe
from tests.support.journeys.layout import crooked
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.running import until
from tests.support.journeys.sandbox import RunningSandbox, running_sandbox
from tests.support.journeys.sheets import take_sheets, wears
from tests.support.journeys.states import crowded, set_up, untouched
from tests.support.journeys.tabbing import tabbed
from tests.support.journeys.tour import HOSTS, home, installs_shopify, settles
from tests.support.journeys.traffic import PRODUCTS, trouble

THEMES: Final = ("light", "dark", "forced colors")
WIDTHS: Final = (360, 768, 1280)
TABBED: Final = (("light", 1280), ("dark", 360))  #: where a control is depends on the width, its outline on the theme
NARROWEST: Final = 320  #: WCAG 2.2, 1.4.10
ROWS: Final = 120  #: more than one page of the log


def puts_on(merchant: Merchant, theme: str) -> None:
    """A theme of the admin, or the system's own colors over the light one."""
    is_forced = theme == "forced colors"
    merchant.page.emulate_media(forced_colors="none")
    wears(merchant, "light" if is_forced else theme)
    if is_forced:
        merchant.page.emulate_media(forced_colors="active")
    wait_until(merchant.document, "(is) => matchMedia('(forced-colors: active)').matches === is", is_forced)


def seen(merchant: Merchant, theme: str, width: int) -> list[str]:
    """What axe says and what is laid out crookedly in this theme at this width."""
    puts_on(merchant, theme)
    merchant.resizes(width)
    inside: int = merchant.document.evaluate("innerWidth")
    return axe(merchant.document) + crooked(merchant.document, inside)


def glance(merchant: Merchant) -> list[str]:
    """The widest screen in the light, the narrowest in the dark; the page stands as before then."""
    return seen(merchant, "dark", 360) + seen(merchant, "light", 1280)


def tabbed_at(merchant: Merchant, theme: str, width: int) -> tuple[int, list[str]]:
    """How many controls Tab came to in this theme at this width, and what was wrong."""
    puts_on(merchant, theme)
    merchant.resizes(width)
    return tabbed(merchant)


def everything(merchant: Merchant) -> tuple[int, list[str]]:
    """All findings about the page that stands, with the theme and the width, and how many controls Tab came to."""
    found, count = [], 0
    for theme, width in product(THEMES, WIDTHS):
        found += [f"{theme}, {width} px: {finding}" for finding in seen(merchant, theme, width)]
    for theme, width in TABBED:
        reached, wrong = tabbed_at(merchant, theme, width)
        count += reached
        found += [f"Tab, {theme}, {width} px: {finding}" for finding in wrong]
    merchant.resizes(NARROWEST)
    found += [f"{NARROWEST} px: {finding}" for finding in crooked(merchant.document, NARROWEST)]
    puts_on(merchant, "light")
    merchant.resizes(1280)
    return count, found


def fills_log(sandbox: RunningSandbox, host: str) -> None:
    """So many orders, every second of which SendPulse refused."""
    wish = {"store": host, "event": "order_paid", "buyer": "zofia", "products": list(PRODUCTS)}
    for word in ("works", "refuses"):
        with trouble(sandbox, word):
            for _ in range(ROWS // 2):
                requests.post(f"{sandbox.places.page}/fire", json=wish, timeout=10).raise_for_status()
            until(lambda: all(trace["is_settled"] for trace in _traces(sandbox)), "all of them are settled", seconds=120)


def _traces(sandbox: RunningSandbox) -> list[dict[str, object]]:
    found: list[dict[str, object]] = requests.get(f"{sandbox.places.page}/state", timeout=5).json()["traces"]
    return found


def newcomer(merchant: Merchant, sandbox: RunningSandbox, host: str) -> str:
    """The address of the app where nothing of it is set up."""
    if host == "shopify":
        return installs_shopify(sandbox, "untouched")
    merchant.opens(sandbox.saleor_newcomer)
    merchant.clicks_on("link", "Install an app from its manifest", inside=merchant.page)
    merchant.clicks_on("button", "Install app", inside=merchant.page)
    merchant.app.get_by_role("heading", level=1).first.wait_for()
    settles(merchant)
    return merchant.page.url


def stands(merchant: Merchant, sandbox: RunningSandbox, host: str) -> Iterator[str]:
    """One page in one state after the other."""
    yield from untouched(merchant, host, newcomer(merchant, sandbox, host))
    yield from set_up(merchant, host, home(sandbox, host))
    fills_log(sandbox, host)
    yield from crowded(merchant, host, home(sandbox, host))


def walk(browser: Browser, sandbox: RunningSandbox, host: str) -> list[str]:
    """All findings of one admin."""
    found, states, controls, began = [], 0, 0, time.monotonic()
    with visiting(browser) as merchant:
        for state in stands(merchant, sandbox, host):
            reached, wrong = everything(merchant)
            states, controls = states + 1, controls + reached
            print(f"{host} {state or '/'}: {reached} controls, {len(wrong)} findings", flush=True)
            for finding in wrong:
                print(f"{host} {state or '/'}: {finding}", flush=True)
            found += wrong
    print(
        f"{host}: {states} pages and states, {len(THEMES) * len(WIDTHS)} looks at each, {controls} controls reached by Tab, "
        f"{len(found)} findings, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return found


def main(hosts: Sequence[str]) -> int:
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder, running_sandbox(Path(folder)) as sandbox, started_browser() as browser:
        for host in hosts:
            found += take_sheets(browser, sandbox, host)
            found += walk(browser, sandbox, host)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or HOSTS))
