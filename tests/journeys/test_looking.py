"""The looks find what they look for: a page that was sound until something was put wrong."""

from playwright.sync_api import Browser

from tests.support.journeys.layout import crooked
from tests.support.journeys.looks import seen
from tests.support.journeys.merchant import visiting
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tabbing import tabbed
from tests.support.journeys.tour import deep, home, opens

COVER = """() => Object.assign(document.body.appendChild(document.createElement("div")).style,
  { position: "fixed", inset: "30% 0 0 0", background: "white" })"""
STYLE = """([selector, style]) => Object.assign(document.querySelector(selector).style, style)"""


def test_each_fault_of_a_page_is_found(browser: Browser, sandbox: RunningSandbox) -> None:
    with visiting(browser) as merchant:
        opens(merchant, deep("saleor", home(sandbox, "saleor"), "/settings/customers"))
        count, found = tabbed(merchant)
        assert (count > 10, found, seen(merchant, "dark", 360)) == (True, [], [])

        merchant.resizes(1280)
        merchant.document.evaluate(STYLE, ["form .help, form p, .card p", {"width": "60px"}])
        merchant.document.evaluate(STYLE, ["input[name=phone]", {"outline": "none"}])
        merchant.document.evaluate(STYLE, ["main a", {"outlineColor": "transparent"}])
        assert any(said.startswith("squashed: ") for said in crooked(merchant.document, 1280))
        merchant.document.evaluate(COVER)
        _, found = tabbed(merchant)

    assert {said.partition(":")[0].partition(" of ")[0] for said in found} >= {"covered", "no outline", "outline"}
