"""Unsaved changes in Shopify's admin are shown by its own save bar, and what is done by its own toast."""

from playwright.sync_api import expect

from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import chooses_page, deep, entry, installs_shopify, is_at, opens, turns_to

# An admin that takes its time with the next token: what is asked for meanwhile is on its way.
NO_TOKEN_YET = """() => {
  const token = window.host.token;
  window.host.token = () => new Promise((resolve) => {
    window.giveToken = () => { window.host.token = token; resolve(token()); };
  });
}"""


def test_the_admins_save_bar_saves_discards_and_goes_with_what_is_left(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", installs_shopify(sandbox, "barred"), "/settings"))
    bar, name = merchant.page.locator("#save"), merchant.app.get_by_label("Name", exact=True)
    merchant.writes("Name", "Renamed")
    expect(bar).to_be_visible()
    expect(merchant.app.locator(".savebar")).to_be_hidden()

    merchant.writes("Home page", "nowhere")
    merchant.clicks_on("button", "Save")  # refused: nothing is lost, and the bar stays
    expect(merchant.app.locator("#link-error")).to_be_visible()
    expect(bar).to_be_visible()
    merchant.writes("Home page", "https://barred.example")
    merchant.clicks_on("button", "Save")
    expect(merchant.page.get_by_role("status", name="Notifications")).to_have_text("Saved.")
    expect(bar).to_be_hidden()

    merchant.writes("Name", "Never mind")
    merchant.clicks_on("button", "Discard")
    expect(bar).to_be_hidden()
    expect(name).to_have_value("Renamed")

    merchant.writes("Name", "Left behind")
    turns_to(merchant, "shopify", "Events")
    merchant.app.locator("#question button[value=yes]").click()
    is_at(merchant, "shopify", "/events")
    expect(bar).to_be_hidden()
    chooses_page(merchant, f"{entry('shopify')}/settings")
    expect(name).to_have_value("Renamed")


def test_a_press_of_the_admins_save_bar_counts_while_a_row_is_removed(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", installs_shopify(sandbox, "hasty"), "/languages"))
    merchant.writes("Default flow, English", "101")
    merchant.clicks_on("button", "Save")
    notices = merchant.page.get_by_role("status", name="Notifications").get_by_role("listitem")
    expect(notices).to_have_count(1)
    merchant.writes("Default flow, English", "102")  # the bar is there
    merchant.document.evaluate(NO_TOKEN_YET)
    merchant.clicks_on("button", "Remove English")
    merchant.clicks_on("button", "Save")
    expect(notices).to_have_count(1)
    merchant.document.evaluate("window.giveToken()")
    expect(notices).to_have_text(["Saved.", "Saved."])
    expect(merchant.app.get_by_label("Default flow, English", exact=True)).to_have_value("")
    expect(merchant.page.locator("#save")).to_be_hidden()
