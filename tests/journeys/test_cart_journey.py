"""A cart in either admin: it waits, is bought, and the page says why nothing was sent; switching off says what waits."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.support.journeys.looks import glance
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, deep, home, opens, settles
from tests.support.journeys.traffic import fires

PAGE = "/events/cart_abandoned"
PRODUCTS = ("harbour-blanket", "walnut-clock")  #: of these carts only: what others buy is no order of theirs


def leaves_a_cart(sandbox: RunningSandbox, host: str, buyer: str) -> None:
    assert fires(sandbox, host, buyer=buyer, event="checkout_started", products=PRODUCTS).state == "timed"


def looks_at_carts(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    opens(merchant, deep(host, home(sandbox, host), PAGE))


def row(merchant: Merchant, table: str, buyer: str) -> Locator:
    return merchant.app.get_by_role("table", name=table).locator("tbody tr").filter(has_text=buyer)


@pytest.mark.parametrize("host", HOSTS)
def test_a_cart_is_seen_waiting_until_it_is_bought_which_says_why_nothing_was_sent(
    merchant: Merchant, sandbox: RunningSandbox, host: str
) -> None:
    leaves_a_cart(sandbox, host, "olena")
    leaves_a_cart(sandbox, host, "juergen")
    looks_at_carts(merchant, sandbox, host)
    expect(row(merchant, "Waiting carts", "o…@example.com")).to_contain_text("2 products")

    fires(sandbox, host, buyer="olena", event="order_created", products=PRODUCTS)
    looks_at_carts(merchant, sandbox, host)

    bought = row(merchant, "Latest carts whose wait ended", "o…@example.com")
    expect(bought).to_contain_text("The buyer ordered before this could be sent.")
    expect(row(merchant, "Waiting carts", "o…@example.com")).to_have_count(0)
    assert glance(merchant) == []
    bought.get_by_role("link").click()
    merchant.sees("heading", "Nothing was sent")


@pytest.mark.parametrize("host", HOSTS)
def test_switching_reminders_off_says_first_how_many_carts_wait(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    leaves_a_cart(sandbox, host, "juergen")
    looks_at_carts(merchant, sandbox, host)
    waiting = merchant.app.get_by_role("table", name="Waiting carts").locator("tbody tr").count()
    merchant.app.get_by_role("checkbox", name="Send this event to SendPulse").uncheck()
    merchant.clicks_on("button", "Save")

    merchant.reads("Not saved yet")
    asked = merchant.app.get_by_role("status").filter(has_text="Not saved yet")
    expect(asked).to_contain_text(
        f"{waiting} cart{'s are waiting for their' if waiting > 1 else ' is waiting for its'} reminder."
    )
    assert glance(merchant) == []
    merchant.clicks_on("button", "Discard")

    expect(merchant.app.get_by_role("checkbox", name="Send this event to SendPulse")).to_be_checked()


def test_the_newest_cart_shows_where_an_address_leads(merchant: Merchant, sandbox: RunningSandbox) -> None:
    leaves_a_cart(sandbox, "saleor", "juergen")
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/settings"))
    before = merchant.app.get_by_label("Address that opens a cart again").input_value()
    merchant.writes("Address that opens a cart again", "https://shop.example/{locale}/checkout?checkout={checkout}")
    merchant.clicks_on("button", "Save")

    merchant.reads("Saved.")
    link = merchant.app.get_by_role("link", name="(opens in a new tab)").first
    expect(link).to_have_attribute(
        "href", re.compile(r"^https://shop\.example/de[-_]DE/checkout\?checkout=Q2hlY2tvdXQ6", re.IGNORECASE)
    )
    expect(link).to_have_attribute("target", "_blank")
    merchant.reads("Your newest cart would get this link:")
    assert glance(merchant) == []
    merchant.writes("Address that opens a cart again", before)
    merchant.clicks_on("button", "Save")
    settles(merchant)
