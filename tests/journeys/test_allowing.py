"""What a merchant must allow first is asked for where it is wanted."""

import re

from playwright.sync_api import expect

from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, installs_shopify, opens


def test_a_scope_is_allowed_on_the_page_of_the_event_that_needs_it(merchant: Merchant, sandbox: RunningSandbox) -> None:
    page = deep("shopify", installs_shopify(sandbox, "allowing"), "/events/order_delivered")
    opens(merchant, page)
    assert axe(merchant.document) == []

    merchant.clicks_on("button", "Allow access to fulfilments")

    expect(merchant.app.get_by_text(re.compile("Allowed: it takes effect"))).to_be_visible()
    # The app hears of it by a webhook of its own, and asks no more.
    expect(merchant.app.get_by_role("button", name="Allow access to fulfilments")).to_be_disabled()
    asking = merchant.app.get_by_role("button", name="Allow access to fulfilments")
    for _ in range(20):
        opens(merchant, page)
        if not asking.count():
            return
        merchant.page.wait_for_timeout(500)
    raise AssertionError("the page asks for what was allowed")
