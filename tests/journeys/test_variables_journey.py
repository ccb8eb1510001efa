"""A variable of the merchant's own, in either admin: a field of a real webhook is clicked, named, seen, and sent."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, deep, home, opens, received_for, settles
from tests.support.journeys.traffic import fires

# Objects to open on the way, the field, and what it says of a paid order.
FIELDS = {"shopify": ((), "financial_status", "paid"), "saleor": (("order",), "status", "UNFULFILLED")}


def begins(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    opens(merchant, deep(host, home(sandbox, host), "/settings/variables"))
    merchant.app.get_by_role("link", name="Add a variable").first.click()
    merchant.sees("heading", "Choose a field")
    merchant.chooses("From the latest event of this type", "order_paid")
    settles(merchant)
    merchant.reads("This is real data from your store.")


def last_of(sandbox: RunningSandbox, email: str) -> dict[str, object]:
    return dict(received_for(sandbox, email)[-1]["variables"])


@pytest.mark.parametrize("host", HOSTS)
def test_a_field_that_is_clicked_stands_in_the_next_body(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    objects, name, said = FIELDS[host]
    buyer = fires(sandbox, host, buyer="zofia")
    assert "how_paid" not in last_of(sandbox, buyer.email)

    begins(merchant, sandbox, host)
    assert axe(merchant.document) == []
    for label in objects:
        merchant.app.locator("summary", has_text=re.compile(rf"^{label}$")).first.click()
    merchant.app.get_by_role("button", name=re.compile(rf"^{name}\s+{said}$")).first.click()
    expect(merchant.app.get_by_label("Name", exact=True)).not_to_have_value("")
    expect(merchant.app.locator("[data-value]")).to_have_text(said)
    merchant.writes("Name", "how_paid")
    merchant.clicks_on("button", "Save")
    merchant.reads("Saved.")
    merchant.sees("rowheader", "how_paid")

    fires(sandbox, host, buyer="zofia")

    assert last_of(sandbox, buyer.email)["how_paid"] == said


@pytest.mark.parametrize("host", HOSTS)
def test_the_tree_is_walked_by_the_keyboard_and_hides_what_is_personal(
    merchant: Merchant, sandbox: RunningSandbox, host: str
) -> None:
    buyer = fires(sandbox, host, buyer="zofia")

    begins(merchant, sandbox, host)
    merchant.document.evaluate("() => document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert buyer.email not in merchant.app.locator("#webhook").inner_text()
    merchant.app.locator("#shown").focus()
    merchant.presses("Tab", "Enter")

    expect(merchant.app.get_by_label("Field", exact=True)).not_to_have_value("")


def test_a_name_of_ours_is_refused_beside_its_field(merchant: Merchant, sandbox: RunningSandbox) -> None:
    fires(sandbox, "shopify", buyer="zofia")
    begins(merchant, sandbox, "shopify")
    merchant.app.get_by_role("button", name=re.compile(r"^currency\s")).first.click()
    expect(merchant.app.get_by_label("Field", exact=True)).to_have_value("$.currency")
    merchant.writes("Name", "order_link")
    merchant.clicks_on("button", "Save")

    expect(merchant.app.locator("#name-error")).to_contain_text("is already a variable of this app")
    expect(merchant.app.get_by_label("Name", exact=True)).to_be_focused()
    expect(merchant.app.get_by_label("Field", exact=True)).to_have_value("$.currency")


def test_a_variable_is_deleted_after_a_question(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/settings/variables/edit"))
    merchant.clicks_on("radio", "A value of your own")
    merchant.writes("Name", "season")
    merchant.writes("What is sent", "winter")
    merchant.presses("Enter")
    merchant.reads("Saved.")
    merchant.clicks_on("link", re.compile("Change.*season"))
    merchant.clicks_on("button", "Delete this variable")
    merchant.app.locator("#question").get_by_role("button", name="Delete this variable").click()

    merchant.reads("Saved.")
    expect(merchant.app.get_by_role("rowheader", name="season")).to_have_count(0)
