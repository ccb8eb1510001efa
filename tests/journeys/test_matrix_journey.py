"""A merchant finds languages by name in the matrix, and takes a removed one back, by keyboard alone."""

import re

from playwright.sync_api import expect

from plugin.domain.kinds import EventKind
from plugin.web.event_texts import title
from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, installs_shopify, opens, settles


def test_a_language_is_found_by_name_removed_and_taken_back(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", installs_shopify(sandbox, "matrix"), "/languages"))
    merchant.writes("Default flow, English", "101")
    typed = merchant.app.get_by_role("combobox", name=re.compile(r"^Language, row \d+$"))
    typed.click()
    typed.press_sequentially("ukra")
    expect(merchant.app.get_by_role("option", name="Ukrainian · uk")).to_be_visible()
    assert axe(merchant.document) == []
    typed.press("ArrowDown")
    typed.press("Enter")
    expect(typed).to_have_value("uk")
    expect(merchant.app.get_by_role("listbox")).to_have_count(0)
    merchant.app.get_by_label(re.compile(r"^Default flow, row \d+$")).first.fill("102")
    merchant.clicks_on("button", "Save")
    merchant.reads("Saved.")

    merchant.clicks_on("button", "Remove Ukrainian")
    merchant.reads("Removed when you save.")
    expect(merchant.app.get_by_role("button", name="Undo")).to_be_focused()
    settles(merchant)
    assert axe(merchant.document) == []
    merchant.app.get_by_role("button", name="Undo").press("Enter")
    expect(merchant.app.get_by_label("Default flow, Ukrainian", exact=True)).to_have_value("102")
    merchant.clicks_on("button", "Remove Ukrainian")
    merchant.clicks_on("button", "Save")
    merchant.reads("Saved.")
    expect(merchant.app.get_by_label("Default flow, Ukrainian", exact=True)).to_have_count(0)


CUT = """
(table) => [...table.querySelectorAll("input:not([type=hidden])")].filter((input) => {
  const shown = input.value;
  input.value = shown || input.placeholder;
  const isCut = input.scrollWidth > input.clientWidth;
  input.value = shown;
  return isCut;
}).map((input) => input.value || input.placeholder)
"""
LANGUAGE = "(area) => area.querySelector('tbody th').getBoundingClientRect().left - area.getBoundingClientRect().left"
IS_BENEATH = """
(input) => input.getBoundingClientRect().left < input.closest("tr").querySelector("th").getBoundingClientRect().right
"""


def test_a_wide_matrix_keeps_its_languages_in_sight(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", installs_shopify(sandbox, "wide"), "/languages"))
    merchant.writes("Default flow, English", "101")
    for kind in ("order_created", "order_paid", "order_refunded", "order_fulfilled"):
        event = title(EventKind(kind))
        merchant.chooses("Event with its own email", event)
        merchant.clicks_on("button", "Add a column")
        merchant.app.get_by_label(f"{event}, English", exact=True).fill("=")
        settles(merchant)
    area = merchant.app.get_by_role("region", name="Languages, and the flow of each event")
    beside = area.evaluate(LANGUAGE)

    area.focus()
    area.evaluate("(area) => { area.scrollLeft = area.scrollWidth; }")

    assert area.evaluate("(area) => area.scrollLeft") > 0
    assert abs(area.evaluate(LANGUAGE) - beside) <= 4
    assert area.evaluate(CUT) == []
    assert axe(merchant.document) == []
    first = merchant.app.get_by_label("Order placed, English", exact=True)
    merchant.app.get_by_label("Order paid, English", exact=True).focus()
    merchant.presses("Shift+Tab")
    expect(first).to_be_focused()
    assert not first.evaluate(IS_BENEATH)
