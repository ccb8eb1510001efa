"""What a merchant must allow first is asked for where it is wanted."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, installs_shopify, opens


def names_two_languages(merchant: Merchant) -> None:
    merchant.writes("Default flow, English", "101")
    merchant.writes(re.compile(r"^Language, row \d+$"), "pl")
    merchant.writes(re.compile(r"^Default flow, row \d+$"), "102")
    merchant.clicks_on("button", "Save")
    merchant.reads("Saved.")


@pytest.mark.parametrize(
    ("path", "button", "before"),
    [
        ("/events/order_delivered", "Allow access to fulfillments", None),
        ("/languages", "Allow access to translations", names_two_languages),
    ],
    ids=["an event", "languages"],
)
def test_a_scope_is_allowed_on_the_page_that_needs_it(
    merchant: Merchant, sandbox: RunningSandbox, path: str, button: str, before: Callable[[Merchant], None] | None
) -> None:
    page = deep("shopify", installs_shopify(sandbox, f"allowing{path.replace('/', '-').replace('_', '-')}"), path)
    if before:
        opens(merchant, page)
        before(merchant)
    opens(merchant, page)
    assert axe(merchant.document) == []

    merchant.clicks_on("button", button)

    expect(merchant.app.get_by_text(re.compile("Allowed. This takes effect"))).to_be_visible()
    # The app hears of it by a webhook of its own, and asks no more.
    asking = merchant.app.get_by_role("button", name=button)
    expect(asking).to_be_disabled()
    for _ in range(20):
        opens(merchant, page)
        if not asking.count():
            return
        merchant.page.wait_for_timeout(500)
    raise AssertionError("the page asks for what was allowed")
