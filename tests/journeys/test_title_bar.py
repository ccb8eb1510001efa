"""Shopify's own title bar names each page and leads back; inside the frame its heading is for whoever does not see."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browsing import framed
from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, home, is_at, opens, settles

IS_SEEN = "(element) => element.getBoundingClientRect().width > 1"
WRONG = {
    "no title": "document.querySelector('s-page').setAttribute('heading', ' ')",
    "unknown child": "document.querySelector('s-page').append(document.createElement('p'))",
    "unknown slot": (
        "document.querySelector('s-page').append(Object.assign(document.createElement('s-link'), { slot: 'breadcrumbs' }))"
    ),
}


def test_the_admin_names_the_page_and_leads_back(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/events/order_paid"))
    bar = merchant.page.locator(".title")
    expect(bar.get_by_role("heading")).to_have_text("Order paid")
    expect(merchant.app.get_by_role("heading", level=1)).to_have_count(1)
    assert not merchant.app.get_by_role("heading", level=1).evaluate(IS_SEEN)
    expect(merchant.app.locator(".head .back")).to_be_hidden()
    assert axe(merchant.document) == []

    bar.get_by_role("button", name="All events").click()

    is_at(merchant, "shopify", "/events")
    expect(bar.get_by_role("heading")).to_have_text("Events")
    expect(bar.get_by_role("button")).to_have_count(0)


def test_saleors_pages_keep_their_own_heading(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/events/order_paid"))
    settles(merchant)

    assert merchant.app.get_by_role("heading", level=1).evaluate(IS_SEEN)
    expect(merchant.app.get_by_role("link", name="All events")).to_be_visible()


@pytest.mark.parametrize("wrong", WRONG)
def test_app_bridge_refuses_a_title_bar_that_is_none(browser: Browser, sandbox: RunningSandbox, wrong: str) -> None:
    with pytest.raises(AssertionError, match="App Bridge"), visiting(browser) as merchant:
        opens(merchant, deep("shopify", home(sandbox, "shopify"), "/events"))
        framed(merchant.page).evaluate(WRONG[wrong])
        settles(merchant)
        merchant.page.wait_for_timeout(300)
