"""Changing settings in an admin: kept, refused beside the field, saved over a dead token, never lost by a wrong click."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, home, installs_shopify, opens, settles


def test_what_is_saved_is_there_when_its_address_is_opened_again(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", installs_shopify(sandbox, "keeper"), "/settings"))
    merchant.writes("Time zone", "America/Sao_Paulo")
    merchant.clicks_on("button", "Save")
    merchant.reads("Saved.")

    merchant.page.reload()

    expect(merchant.app.get_by_label("Time zone")).to_have_value("America/Sao_Paulo")


def test_a_wrong_field_says_why_and_everything_typed_stays(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/events/order_paid"))
    wrong = merchant.app.get_by_label("Event URL", exact=True)
    merchant.writes("Event URL", "https://evil.example/events")
    merchant.clicks_on("radio", "One event for each product")
    merchant.clicks_on("button", "Save")

    expect(merchant.app.locator("#event_url-error")).to_contain_text("evil.example")
    expect(wrong).to_have_value("https://evil.example/events")
    expect(wrong).to_be_focused()
    expect(merchant.app.get_by_role("radio", name="One event for each product")).to_be_checked()


# Shopify's admin is asked for a token with every request; Saleor's dashboard hands over another when it has one.
@pytest.mark.parametrize(("host", "spoiled"), [("shopify", "**/pretend/tokens"), ("saleor", "**/pretend/token")])
def test_a_token_that_died_meanwhile_is_renewed_while_saving(
    merchant: Merchant, sandbox: RunningSandbox, host: str, spoiled: str
) -> None:
    opens(merchant, deep(host, home(sandbox, host), "/settings"))
    merchant.writes("Name", "Demo, renamed")
    refused: list[object] = []
    merchant.page.on("response", lambda answer: refused.append(answer) if answer.status == 401 else None)
    with merchant.page.expect_response(spoiled):
        merchant.clicks_on("button", "Spoil the next token", inside=merchant.page)
    merchant.clicks_on("button", "Save")

    merchant.reads("Saved.")
    assert len(refused) == 1
    expect(merchant.app.get_by_label("Name", exact=True)).to_have_value("Demo, renamed")


def test_who_leaves_with_something_unsaved_is_asked(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/settings"))
    merchant.writes("Time zone", "Asia/Tokyo")
    merchant.clicks_on("link", "Events")
    merchant.reads("Leave without saving them?")
    merchant.clicks_on("button", "Keep editing")
    expect(merchant.app.get_by_label("Time zone")).to_have_value("Asia/Tokyo")

    merchant.clicks_on("link", "Events")
    merchant.clicks_on("button", "Leave without saving")

    merchant.sees("heading", "Events")


def test_the_page_follows_the_admin_into_the_dark(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/events"))
    merchant.chooses("Theme", "dark", inside=merchant.page)

    expect(merchant.app.locator("body")).to_have_css("background-color", "rgb(23, 25, 28)")


def test_the_settings_can_be_taken_along_as_a_file(merchant: Merchant, sandbox: RunningSandbox, tmp_path: Path) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/settings/file"))
    settles(merchant)
    with merchant.page.expect_download() as coming:
        merchant.clicks_on("link", "Download the settings")

    coming.value.save_as(tmp_path / "settings.json")
    taken = json.loads((tmp_path / "settings.json").read_text())
    assert coming.value.suggested_filename == "sendpulse-settings.json"
    assert taken["flows"][0]["automation_id"] == 101
    assert "events.sendpulse.com" not in json.dumps(taken)


def test_the_sample_beside_the_form_follows_what_is_changed_in_it(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/events/order_paid"))
    sample, flat = merchant.app.locator("#sample [data-bytes]"), '"automation_id":101,"product_name":"Test product"'
    expect(sample).to_contain_text(flat)

    merchant.clicks_on("radio", re.compile("the list of products only"))
    expect(sample).not_to_contain_text(flat)
    expect(merchant.app.get_by_role("radio", name=re.compile("the list of products only"))).to_be_focused()
    merchant.clicks_on("button", "Discard")

    expect(sample).to_contain_text(flat)


def test_the_sample_takes_nobody_back_to_a_field_that_was_refused(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/events/order_paid"))
    merchant.writes("Event URL", "https://evil.example/events")
    merchant.clicks_on("button", "Save")
    expect(merchant.app.locator("#event_url-error")).to_be_visible()

    with merchant.page.expect_response("**/sample"):
        merchant.clicks_on("radio", re.compile("the list of products only"))
    settles(merchant)

    expect(merchant.app.get_by_role("radio", name=re.compile("the list of products only"))).to_be_focused()


def test_a_mistake_in_the_preview_is_told_beside_its_field_until_it_is_mended(
    merchant: Merchant, sandbox: RunningSandbox
) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/preview"))
    language = merchant.app.get_by_label("Buyer’s language", exact=True)
    beside = merchant.app.locator(".field").filter(has=language).locator("#locale-error")

    merchant.writes("Buyer’s language", "Klingon!")
    merchant.presses("Tab")

    expect(beside).to_contain_text("“Klingon!” is not a language we know.")
    expect(language).to_have_attribute("aria-invalid", "true")
    expect(language).to_have_accessible_description(re.compile("Klingon!"))
    merchant.writes("Buyer’s language", "pl")
    merchant.presses("Tab")
    expect(merchant.app.locator("#result")).to_contain_text("102")
    expect(beside).to_have_count(0)
    expect(language).not_to_have_attribute("aria-invalid", "true")
