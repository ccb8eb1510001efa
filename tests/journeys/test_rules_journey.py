"""A merchant writes rules on the Languages page, in either admin: by name, in order, with a way back until they are saved."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.support.journeys.looks import glance
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, deep, home, opens, settles
from tests.support.journeys.traffic import fires


def adds(merchant: Merchant, number: int, country: str, gives: str) -> None:
    """Add a rule for a country, as the last one."""
    merchant.clicks_on("button", "Add a rule")
    rule = merchant.app.get_by_role("group", name=f"Rule {number}", exact=True)
    expect(rule.get_by_label("Channel")).to_be_focused()
    rule.get_by_label("Country").select_option(label=country)
    rule.get_by_label("Then use").select_option(label=gives)


def presses(merchant: Merchant, button: str, number: int) -> None:
    """One of the buttons of a rule."""
    merchant.clicks_on("button", re.compile(f"^{button} ?: rule {number}$"))


@pytest.mark.parametrize("host", HOSTS)
def test_rules_are_written_moved_removed_and_taken_back(browser: Browser, sandbox: RunningSandbox, host: str) -> None:
    fires(sandbox, host, buyer="zofia")
    with visiting(browser) as merchant:
        opens(merchant, deep(host, home(sandbox, host), "/languages"))
        adds(merchant, 1, "Poland", "Polish (pl)")
        merchant.clicks_on("button", "Add a rule")
        expect(merchant.app.get_by_role("group", name="Rule 2")).to_be_visible()
        looked = glance if host == "shopify" else lambda _: []  # the pages are the same, and looking takes long
        found = looked(merchant)
        merchant.clicks_on("button", "Save")
        merchant.reads("Saved.")
        adds(merchant, 2, "Brazil", "Another flow")
        merchant.app.locator("#rule-flow-1").fill("the one of Brazil")
        merchant.clicks_on("button", "Save")
        expect(merchant.app.locator("#rule-flow-1-error")).to_be_visible()
        settles(merchant)
        found += looked(merchant)
        merchant.app.locator("#rule-flow-1").fill("505")

        presses(merchant, "Up", 2)
        expect(merchant.app.locator("#rule-country-0")).to_have_value("BR")
        presses(merchant, "Remove", 2)
        merchant.reads("Removed when you save.")
        settles(merchant)
        found += looked(merchant)
        presses(merchant, "Undo", 2)
        expect(merchant.app.locator("#rule-country-1")).to_have_value("PL")
        merchant.clicks_on("button", "Save")
        merchant.reads("Saved.")
        settles(merchant)

        expect(merchant.app.locator("#rule-gives-0")).to_have_value("flow:505")
        expect(merchant.app.locator("#rule-gives-1")).to_have_value("locale:pl")
        expect(merchant.app.locator(".rules")).to_contain_text("in the last 30 days")
        for _ in range(2):
            presses(merchant, "Remove", 1)
            merchant.reads("Removed when you save.")
            merchant.clicks_on("button", "Save")
            merchant.reads("Saved.")
        assert found == []
