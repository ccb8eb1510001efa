"""Where there is no page, the admin's menu and a way Home are still there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browsing import quiet_page
from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import USUAL_COMPLAINTS, Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, chooses_page, deep, entry, home, opens, turns_to

GONE = "/deliveries/987654321"


@pytest.fixture
def merchant(browser: Browser) -> Iterator[Merchant]:
    """Whose browser is told that something is missing."""
    with browser.new_context() as context, quiet_page(context, allowed=(*USUAL_COMPLAINTS, "status of 404")) as page:
        yield Merchant(page)


def goes_home(merchant: Merchant) -> None:
    merchant.clicks_on("link", "Go to Home")
    expect(merchant.app.locator("#astray")).to_have_count(0)
    expect(merchant.app.locator("#trouble")).to_be_hidden()
    expect(merchant.app.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.parametrize("host", HOSTS)
def test_a_wrong_address_keeps_the_menu_and_offers_a_way_home(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    address = home(sandbox, host)
    opens(merchant, deep(host, address, "/nothing"))
    merchant.sees("heading", "Page not found")
    assert axe(merchant.document) == []
    turns_to(merchant, host, "Events")
    merchant.sees("heading", "Events")

    opens(merchant, deep(host, address, GONE))
    merchant.sees("heading", "Page not found")
    goes_home(merchant)

    chooses_page(merchant, f"{entry(host)}{GONE}")
    expect(merchant.app.get_by_role("alert")).to_contain_text("This page no longer exists.")
    assert axe(merchant.document) == []
    goes_home(merchant)
