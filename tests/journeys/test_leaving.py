"""What was typed is lost to nobody unasked, whichever way leads away from it; and Discard brings back what is stored."""

import re

import pytest
from playwright.sync_api import expect

from plugin.sandbox import demo
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import (
    HOSTS,
    chooses_page,
    deep,
    entry,
    home,
    installs_shopify,
    is_at,
    opens,
    settles,
    turns_to,
)

BACK = "history.back()"
TYPED = "Asia/Tokyo"


def begins(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    """From the events to the settings, where something is typed."""
    opens(merchant, deep(host, home(sandbox, host), "/events"))
    is_at(merchant, host, "/events")
    turns_to(merchant, host, "Settings")
    merchant.sees("heading", "Settings")
    is_at(merchant, host, "/settings")
    settles(merchant)
    merchant.writes("Time zone", TYPED)


def stays(merchant: Merchant, host: str) -> None:
    """Asked, says no: the address is what it was, and what was typed stands."""
    merchant.reads("Leave without saving them?")
    merchant.clicks_on("button", "Keep editing")
    is_at(merchant, host, "/settings")
    expect(merchant.app.get_by_label("Time zone")).to_have_value(TYPED)


def leaves(merchant: Merchant, host: str) -> None:
    """Asked, says yes: the events are shown, at their own address."""
    merchant.reads("Leave without saving them?")
    merchant.clicks_on("button", "Leave without saving")
    merchant.sees("heading", "Events")
    is_at(merchant, host, "/events")


@pytest.mark.parametrize("host", HOSTS)
def test_the_menu_asks_before_what_was_typed_is_left(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    begins(merchant, sandbox, host)

    turns_to(merchant, host, "Events")
    stays(merchant, host)
    turns_to(merchant, host, "Events")

    leaves(merchant, host)


@pytest.mark.parametrize("host", HOSTS)
def test_a_step_back_asks_before_what_was_typed_is_left(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    begins(merchant, sandbox, host)

    merchant.page.evaluate(BACK)
    stays(merchant, host)
    merchant.page.evaluate(BACK)

    leaves(merchant, host)


def test_a_step_back_while_it_is_asked_is_undone_with_the_first(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/deliveries"))
    turns_to(merchant, "shopify", "Events")
    merchant.sees("heading", "Events")
    turns_to(merchant, "shopify", "Settings")
    merchant.sees("heading", "Settings")
    settles(merchant)
    merchant.writes("Time zone", TYPED)
    merchant.page.evaluate(BACK)
    merchant.reads("Leave without saving them?")
    merchant.page.evaluate(BACK)
    is_at(merchant, "shopify", "/deliveries")

    stays(merchant, "shopify")


@pytest.mark.parametrize(
    ("path", "label", "ways"),
    [
        ("/setup?step=connect", "REST ID", [("button", "Hide setup guide"), ("link", "Choose events")]),
        ("/setup?step=languages", "Default flow, English", [("button", "Hide setup guide"), ("link", "Connect SendPulse")]),
        ("/settings/file", "Or paste its contents", [("link", "Store")]),
    ],
)
def test_other_forms_ask_too(
    merchant: Merchant, sandbox: RunningSandbox, path: str, label: str, ways: list[tuple[str, str]]
) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), path))
    merchant.writes(label, "what was typed")

    for role, name in ways:
        merchant.clicks_on(role, name)
        merchant.reads("Leave without saving them?")
        merchant.clicks_on("button", "Keep editing")

        expect(merchant.app.get_by_label(label, exact=True)).to_have_value("what was typed")


def test_a_rest_id_is_checked_in_the_first_step_and_kept_with_it(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, installs_shopify(sandbox, "resting"))
    merchant.writes("REST ID", demo.CLIENT_ID)
    merchant.clicks_on("button", "Check")
    expect(
        merchant.app.locator(".field").filter(has_text="Enter the secret, too: the ID works only together with it.")
    ).to_be_visible()
    merchant.writes("REST secret", demo.CLIENT_SECRET)
    merchant.clicks_on("button", "Check")
    expect(merchant.app.locator("#checked .banner.good")).to_be_visible()
    expect(merchant.app.get_by_label("REST ID", exact=True)).to_have_value(demo.CLIENT_ID)

    merchant.clicks_on("button", "Continue")

    merchant.sees("group", "Events to send")
    chooses_page(merchant, f"{entry('shopify')}/settings/account")
    expect(merchant.app.get_by_label("ID", exact=True)).to_have_value(demo.CLIENT_ID)


def test_discard_after_a_refusal_brings_back_what_is_stored(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/settings"))
    zone = merchant.app.get_by_label("Time zone")
    stored = zone.input_value()
    merchant.writes("Time zone", "Mars/Base")
    merchant.clicks_on("button", "Save")
    expect(merchant.app.locator("#timezone-error")).to_be_visible()

    merchant.clicks_on("button", "Discard")

    expect(zone).to_have_value(stored)
    expect(merchant.app.locator(".error")).to_have_count(0)
    expect(merchant.app.get_by_role("button", name="Discard")).to_be_hidden()


def test_discard_after_another_tab_saved_shows_what_it_saved(merchant: Merchant, sandbox: RunningSandbox) -> None:
    address = deep("shopify", installs_shopify(sandbox, "twice"), "/settings")
    opens(merchant, address)
    merchant.writes("Name", "Mine")
    other = Merchant(merchant.page.context.new_page())
    opens(other, address)
    other.writes("Name", "Theirs")
    other.clicks_on("button", "Save")
    other.reads("Saved.")
    merchant.clicks_on("button", "Save")
    merchant.reads("You changed this in another tab")

    merchant.clicks_on("button", "Discard")

    expect(merchant.app.get_by_label("Name", exact=True)).to_have_value("Theirs")
    expect(merchant.app.get_by_text("You changed this in another tab")).to_have_count(0)


def test_discard_takes_an_added_row_away_again(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/languages"))
    rows = merchant.app.get_by_label(re.compile(r"^Language, row \d+$"))
    expect(rows.first).to_be_visible()
    count = rows.count()
    merchant.clicks_on("button", "Add a language")
    expect(rows).to_have_count(count + 1)

    merchant.clicks_on("button", "Discard")

    expect(rows).to_have_count(count)
