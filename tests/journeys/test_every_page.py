"""A share of `make looks`: each page in both admins, in one theme at one width, by Tab; soon there, still, keeping nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import pytest
from playwright.sync_api import Browser

from tests.support.journeys.layout import crooked
from tests.support.journeys.looks import NARROWEST, TABBED, THEMES, WIDTHS, seen, tabbed_at
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.states import MISTAKES, set_up, untouched
from tests.support.journeys.tour import HOSTS, deep, home, installs_shopify, opens, paths, settles
from tests.support.journeys.traffic import every_state

MOST_SECONDS = 1.5
# Where a page is looked at: of three after another each is in another theme and at another width.
SHARE = [(THEMES[(place + turn) % 3], WIDTHS[place]) for turn, place in product(range(3), range(3))]

# Tells each page's own script apart that asks for a place to keep something, whether the browser grants it or not.
WATCHED = """
window.keeping = [];
const PLACES = ["localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore"].map((name) => [window, name]);
for (const [holder, name] of [...PLACES, [Document.prototype, "cookie"]]) {
  const found = Object.getOwnPropertyDescriptor(holder, name);
  const noted = (does) => does && function (...given) { window.keeping.push(name); return does.apply(this, given); };
  if (found) Object.defineProperty(holder, name, { ...found, get: noted(found.get), set: noted(found.set) });
}
"""


@contextmanager
def watching(browser: Browser) -> Iterator[Merchant]:
    """A merchant whose browser notes what keeps something; not an answer may hand it a cookie."""
    handed: list[str] = []
    with visiting(browser) as merchant:
        merchant.page.add_init_script(WATCHED)
        merchant.page.on("response", lambda answer: handed.append(answer.url) if "set-cookie" in answer.headers else None)
        yield merchant
        assert merchant.page.context.cookies() == []
    assert handed == []


def findings(merchant: Merchant, number: int) -> list[str]:
    """What is wrong with the page, the walk's so manieth: in one theme at one width, or by Tab."""
    theme, width = SHARE[number % len(SHARE)]
    found = [f"keeps something by {name}" for name in merchant.document.evaluate("window.keeping")]
    found += seen(merchant, theme, width)
    if number % 2:
        _, missed = tabbed_at(merchant, *TABBED[number // 2 % 2])
        found += missed
    merchant.resizes(NARROWEST)
    found += crooked(merchant.document, NARROWEST)
    merchant.resizes(1280)
    return found


def loads(merchant: Merchant, address: str) -> list[str]:
    """Open it as somebody whose browser keeps nothing of it yet; what is slow or jumps."""
    # Other tests keep the machine busy: a page that is late once is looked at again, a slow one is slow twice.
    for _ in range(2):
        merchant.forgets()
        opens(merchant, address)
        measured = merchant.measures()
        print(f"\n{address}: {measured}", end="")
        if measured.cls or measured.lcp_seconds < MOST_SECONDS:
            break
    return [str(measured)] if measured.lcp_seconds >= MOST_SECONDS or measured.cls else []


@pytest.mark.parametrize("host", HOSTS)
def test_every_page_is_sound_with_what_a_merchant_may_do_wrong(browser: Browser, sandbox: RunningSandbox, host: str) -> None:
    every_state(sandbox, host)
    found: dict[str, list[str]] = {}
    late: list[str] = []
    every_other = slice(HOSTS.index(host), None, len(HOSTS))  # the pages are the same in both admins
    with watching(browser) as merchant:
        address = home(sandbox, host)
        states = set_up(merchant, host, address, goes=lambda who, where: late.extend(loads(who, where)), share=every_other)
        for number, state in enumerate(states):
            found[state] = findings(merchant, number)
        assert merchant.page.evaluate("window.keeping"), "the admin around it keeps its switches, and is seen to"

    assert set(MISTAKES) <= set(paths(host))
    assert late == []
    assert {page: said for page, said in found.items() if said} == {}


def test_every_page_is_sound_before_anything_is_set_up(browser: Browser, sandbox: RunningSandbox) -> None:
    with watching(browser) as merchant:
        states = untouched(merchant, "shopify", installs_shopify(sandbox, "untouched"))
        found = {state: findings(merchant, number) for number, state in enumerate(states, start=1)}

    assert {page: said for page, said in found.items() if said} == {}


@pytest.mark.parametrize("locale", ["pl", "ar-XB"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_narrow_page_fits_in_a_language_of_long_words_or_from_right_to_left(
    browser: Browser, sandbox: RunningSandbox, host: str, locale: str
) -> None:
    with visiting(browser, width=320) as merchant:
        opens(merchant, deep(host, home(sandbox, host), "/languages"))
        merchant.chooses("Language", locale, inside=merchant.page)
        merchant.app.locator(f"html[lang={locale}]").wait_for()
        settles(merchant)

        assert crooked(merchant.document, 320) == []
