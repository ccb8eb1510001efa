"""A merchant sends events again: some by ticking them, many as a job that is watched, loaded again and stopped half-way."""

import re
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.running import until
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, home, opens
from tests.support.journeys.traffic import PRODUCTS, trouble

MANY = 90  #: more than are sent again before somebody has loaded the page anew and stopped, on a busy machine, too


@pytest.fixture(scope="module")
def failed(sandbox: RunningSandbox) -> None:
    """So many orders of the demo shop that SendPulse refused."""
    refused_orders(sandbox, MANY)


def refused_orders(sandbox: RunningSandbox, count: int) -> None:
    """The newest of the log are orders of the demo shop that SendPulse refused."""
    wish = {"store": "shopify", "event": "order_paid", "buyer": "zofia", "products": list(PRODUCTS)}
    with trouble(sandbox, "refuses"):
        for _ in range(count):
            requests.post(f"{sandbox.places.page}/fire", json=wish, timeout=10).raise_for_status()
        until(lambda: all(trace["is_settled"] for trace in traces(sandbox)), "all of them are refused", seconds=90)


def traces(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    """The newest of what happened, as far as the sandbox's page tells."""
    found: list[dict[str, Any]] = requests.get(f"{sandbox.places.page}/state", timeout=5).json()["traces"]
    return found


@pytest.mark.usefixtures("failed")
def test_many_are_sent_again_as_a_job_that_can_be_stopped(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/deliveries?state=failed"))
    tab = merchant.app.get_by_role("link", name=re.compile("^Failed"))
    before = number_in(tab.inner_text())
    merchant.clicks_on("link", "Send all again")
    merchant.clicks_on("button", "Send again")
    progress = merchant.app.get_by_text(re.compile(rf"[1-9]\d* of {before} events sent again"))
    expect(progress).to_be_visible(timeout=20_000)

    told_before = progress.inner_text()
    merchant.clicks_on("button", "Spoil the next token", inside=merchant.page)  # of what asks how far it is
    expect(progress).not_to_have_text(told_before)
    merchant.page.reload()
    expect(progress).to_be_visible()
    merchant.clicks_on("button", "Stop sending")
    told = merchant.app.locator("#resend [data-news]")
    expect(told).to_contain_text("The other events stay as they were.")
    assert axe(merchant.document) == []

    sent = number_in(told.inner_text())
    assert 0 < sent < before
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/deliveries?state=failed"))
    assert number_in(tab.inner_text()) == before - sent


def test_ticked_events_are_sent_again_and_the_list_follows_them(merchant: Merchant, sandbox: RunningSandbox) -> None:
    refused_orders(sandbox, 4)  # whatever a job has sent again before
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/deliveries?event=order_paid"))
    boxes = merchant.app.locator("#rows tr:has([data-state=failed]) input[name=id]")
    ids = [boxes.nth(at).input_value() for at in range(2)]
    for each in ids:
        merchant.app.locator(f"#event-{each} input").check()
    merchant.clicks_on("button", "Send selected again")

    expect(merchant.app.get_by_role("heading", name="2 events will be sent again")).to_be_visible()
    merchant.app.get_by_role("checkbox", name="Select all on this page").check()
    ticked = merchant.app.locator("#rows tbody input:checked").first.input_value()
    for each in ids:
        expect(merchant.app.locator(f"#event-{each} [data-state=delivered]")).to_be_visible(timeout=30_000)
    expect(merchant.app.locator(f"#event-{ticked} input")).to_be_checked()
    expect(merchant.app.get_by_role("checkbox", name="Select all on this page")).to_be_focused()


def number_in(text: str) -> int:
    found = re.search(r"\d+", text)
    assert found
    return int(found[0])
