"""Back and Forward: one step is one press, and what is shown is what the address says."""

import pytest

from tests.support.browsing import wait_until
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, deep, home, is_at, opens, settles, turns_to

PAGES = {"Events": "/events", "Languages": "/languages", "Settings": "/settings"}
STEPS = (*(*PAGES,) * 3, "Events")
SHOWN = "(heading) => document.querySelector('h1')?.textContent.trim() === heading"


def shows(merchant: Merchant, host: str, name: str) -> None:
    """The page, under its own address, and no other a moment later."""
    is_at(merchant, host, PAGES[name])
    wait_until(merchant.document, SHOWN, name)
    settles(merchant)
    is_at(merchant, host, PAGES[name])


@pytest.mark.parametrize("host", HOSTS)
def test_ten_steps_are_ten_presses_of_back_and_of_forward(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    opens(merchant, deep(host, home(sandbox, host), "/settings"))
    count = int(merchant.page.evaluate("history.length"))
    for name in STEPS:
        turns_to(merchant, host, name)
        shows(merchant, host, name)

    assert merchant.page.evaluate("history.length") == count + len(STEPS)
    for name in (*reversed(STEPS[:-1]), "Settings"):
        merchant.page.evaluate("history.back()")
        shows(merchant, host, name)
    for name in STEPS:
        merchant.page.evaluate("history.forward()")
        shows(merchant, host, name)


def test_the_pretend_dashboard_adds_entries_of_its_own_as_the_real_one(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/settings"))
    tells = "(route) => parent.postMessage({ type: 'updateRouting', payload: { newRoute: route, actionId: route } }, '*')"
    turns_to(merchant, "saleor", "Events")
    shows(merchant, "saleor", "Events")
    merchant.document.evaluate("() => { window.first = true; }")
    before = int(merchant.page.evaluate("history.length"))
    for route in ("/events", "/events", "/languages"):
        merchant.document.evaluate(tells, route)
    merchant.page.wait_for_url("**/languages")
    assert merchant.page.evaluate("history.length") == before + 2

    merchant.page.evaluate("history.back()")

    merchant.page.wait_for_url("**/events")
    wait_until(merchant.document, "() => !window.first")
