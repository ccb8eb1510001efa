"""What SendPulse asks for is copied with one click in either admin, and fetched from the address beside it."""

import json

import pytest
import requests
from playwright.sync_api import expect

from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, deep, home, opens

REFUSES = "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')) }"
FAILS = "() => { document.execCommand = () => false }"


def pasted(merchant: Merchant) -> str:
    """What the clipboard holds."""
    field = merchant.app.get_by_role("textbox", name="Event URL", exact=True)
    field.fill("")
    field.focus()
    merchant.page.keyboard.press("Control+V")
    return str(field.input_value())


def comes(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    opens(merchant, deep(host, home(sandbox, host), "/events/order_paid"))


@pytest.mark.parametrize("host", HOSTS)
def test_a_sample_is_copied_and_the_same_is_fetched(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    comes(merchant, sandbox, host)
    merchant.app.get_by_text("JSON sample", exact=True).click()

    merchant.clicks_on("button", "Copy JSON sample")
    expect(merchant.app.get_by_role("button", name="Copied")).to_be_visible()
    sample = pasted(merchant)
    merchant.clicks_on("button", "Copy the address of the sample")
    expect(merchant.app.locator("#copied")).to_have_text("Copied")
    address = pasted(merchant)

    assert json.loads(sample)["event_name"] == "order_paid"
    assert json.loads(sample) == requests.get(address, timeout=5).json()


@pytest.mark.parametrize("host", HOSTS)
def test_a_name_is_copied_where_the_admin_keeps_the_clipboard_to_itself(
    merchant: Merchant, sandbox: RunningSandbox, host: str
) -> None:
    comes(merchant, sandbox, host)
    merchant.document.evaluate(REFUSES)
    merchant.app.get_by_text("Table of variables").click()

    merchant.clicks_on("button", "Copy order_number")
    expect(merchant.app.locator("#copied")).to_have_text("Copied")

    assert pasted(merchant) == "order_number"


def test_what_cannot_be_copied_is_marked_for_the_keyboard(merchant: Merchant, sandbox: RunningSandbox) -> None:
    comes(merchant, sandbox, "shopify")
    merchant.document.evaluate(REFUSES)
    merchant.document.evaluate(FAILS)

    merchant.clicks_on("button", "Copy the address of the sample")
    expect(merchant.app.locator("#copied")).to_have_text("Selected. Now press Ctrl+C or ⌘C")

    marked = merchant.document.evaluate("getSelection().toString()")
    assert "/sample/order_paid-" in marked
