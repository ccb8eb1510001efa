"""The sandbox as a newcomer sees it: started by its command, clicked in a real browser."""

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browsing import quiet_page
from tests.support.journeys.sandbox import RunningSandbox


@pytest.fixture
def address(sandbox: RunningSandbox) -> str:
    return sandbox.places.page


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context, quiet_page(context) as opened:
        opened.goto(address)
        yield opened


def fire(page: Page, store: str, event: str, buyer: str) -> Locator:
    """Press Fire; the row that appears."""
    rows = page.locator("[data-trace]")  # the newest first, and no more than the page shows
    newest = (rows.first.get_attribute("data-trace") or "") if rows.count() else ""
    page.select_option("#store", store)
    page.select_option("#event", event)
    page.select_option("#buyer", buyer)
    page.click("#fire")
    expect(rows.first).to_have_attribute("data-trace", re.compile(rf"^(?!{newest}$)\d+$"), timeout=20_000)
    return rows.first


@pytest.mark.parametrize(
    ("store", "buyer", "flow", "word"),
    [("shopify", "zofia", "102", "Polski"), ("saleor", "juergen", "103", "Deutsch"), ("shopify", "joao", "104", "Português")],
    ids=["Polish Shopify order", "German Saleor order", "Brazilian Shopify order"],
)
def test_an_order_arrives_in_its_own_flow(page: Page, store: str, buyer: str, flow: str, word: str) -> None:
    row = fire(page, store, "order_paid", buyer)

    expect(row.locator('[data-cell="delivery"]')).to_contain_text("delivered", timeout=20_000)
    expect(row.locator('[data-cell="flow"]')).to_contain_text(flow)
    expect(row.locator('[data-cell="flow"]')).to_contain_text(word)
    expect(row.locator('[data-cell="mail"]')).to_contain_text(word)


def test_a_buyer_without_an_address_is_skipped_in_plain_words(page: Page) -> None:
    row = fire(page, "shopify", "order_created", "guest")

    expect(row.locator('[data-cell="delivery"]')).to_contain_text("skipped", timeout=20_000)
    expect(row.locator('[data-cell="delivery"]')).to_contain_text("no usable email address or phone")


def test_the_same_webhook_again_makes_no_second_mail(page: Page, address: str) -> None:
    row = fire(page, "shopify", "order_paid", "emily")
    expect(row.locator('[data-cell="delivery"]')).to_contain_text("delivered", timeout=20_000)
    before = _mails(address)

    page.get_by_role("button", name=re.compile("same webhook again")).click()
    expect(page.locator("[data-trace]").first).to_contain_text("nothing is done twice", timeout=20_000)

    assert _mails(address) == before


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_never_scrolls_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def _mails(address: str) -> int:
    """How many mails the pretend SendPulse would have sent by now."""
    host, _, port = address.rpartition(":")
    mails: list[object] = requests.get(f"{host}:{int(port) + 1}/pretend/mails", timeout=5).json()
    return len(mails)
