"""What became of every event, in either admin: found, understood, sent again, taken along, counted."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from plugin.sandbox import demo
from tests.support.browsing import wait_until
from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.running import until
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, deep, home, opens, puts_guide_away, received_for, settles
from tests.support.journeys.traffic import Happened, every_state, fires

# A table of one row whose connection breaks, or stays as it is until somebody stops it.
UNENDED = """(breaks) => {
  const ask = window.fetch;
  window.fetch = (address, request) => {
    if (!String(address).includes("/export?")) return ask(address, request);
    return Promise.resolve(new Response(new ReadableStream({ start(table) {
      table.enqueue(new TextEncoder().encode('"Log ID"\\r\\n"1"\\r\\n'));
      if (breaks) setTimeout(() => table.error(new TypeError("network error")), 100);
      request.signal.addEventListener("abort", () => table.error(request.signal.reason));
    } })));
  };
}"""
# Each word of the legend, and whether the chart has its colour.
DRAWN = """() => {
  const canvas = document.querySelector("[data-chart] canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) seen.add(`rgb(${data.slice(at, at + 3).join(", ")})`);
  return [...document.querySelectorAll(".legend li")].map((word) => [
    word.textContent, seen.has(getComputedStyle(word, "::before").backgroundColor)]);
}"""


@pytest.fixture(scope="module")
def paid(sandbox: RunningSandbox) -> Callable[[str], Happened]:
    """A delivered order in the store of each host, the same for every test here."""
    known = {host: fires(sandbox, host, buyer="zofia") for host in HOSTS}
    assert {one.state for one in known.values()} == {"delivered"}
    return known.__getitem__


def log(merchant: Merchant, sandbox: RunningSandbox, host: str, query: str = "") -> None:
    """The list of deliveries, in the host's admin."""
    opens(merchant, deep(host, home(sandbox, host), f"/deliveries{query}"))


def rows(merchant: Merchant) -> Locator:
    return merchant.app.locator("table.log tbody tr")


def searches(merchant: Merchant, text: str) -> None:
    merchant.writes("Search", text)
    merchant.clicks_on("button", "Show events")
    expect(merchant.app.get_by_role("link", name="Show all events").first).to_be_visible()
    settles(merchant)


def opens_story(merchant: Merchant, order: Happened) -> None:
    searches(merchant, order.order_number)
    rows(merchant).first.get_by_role("link").click()
    merchant.sees("heading", "What happened")


def sent_for(sandbox: RunningSandbox, order: Happened) -> list[Any]:
    return [one for one in received_for(sandbox, order.email) if one["variables"]["order_number"] == order.order_number]


@pytest.mark.parametrize("host", HOSTS)
def test_an_order_is_found_by_its_number_or_its_buyer(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened], host: str
) -> None:
    order = paid(host)
    log(merchant, sandbox, host)

    searches(merchant, order.order_number)
    expect(rows(merchant)).to_have_count(1)
    searches(merchant, order.email)
    expect(rows(merchant).filter(has_text=order.order_number)).to_have_count(1)
    searches(merchant, "nobody@example.com")

    merchant.sees("heading", "Nothing matches")


@pytest.mark.parametrize("host", HOSTS)
def test_a_delivery_tells_its_story(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened], host: str
) -> None:
    log(merchant, sandbox, host)
    opens_story(merchant, paid(host))

    told = merchant.app.locator(".steps h3").all_inner_texts()
    assert told == ["Received from your store", "Recognized as Order paid", "Flow 102 Polski was chosen", "Attempt 1"]
    merchant.reads("Answer: 200 after")
    merchant.reads('{"result":true}')
    merchant.clicks_on("button", "Show what was sent")
    expect(merchant.app.get_by_label("What was sent, formatted")).to_contain_text(paid(host).email)


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_sent_again_reaches_sendpulse_twice(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    order = fires(sandbox, host, buyer="emily")
    log(merchant, sandbox, host)
    opens_story(merchant, order)

    merchant.clicks_on("button", "Send again")
    merchant.reads("it starts the flow a second time")
    merchant.app.locator("#question").get_by_role("button", name="Send again").click()
    merchant.sees("heading", "It will be sent again")

    until(lambda: len(sent_for(sandbox, order)) == 2, "SendPulse has it twice")
    log(merchant, sandbox, host)
    opens_story(merchant, order)
    merchant.sees("heading", "Attempt 2")


def test_all_that_match_are_counted_before_they_leave(merchant: Merchant, sandbox: RunningSandbox) -> None:
    fires(sandbox, "shopify", buyer="ines", event="order_created")
    order = fires(sandbox, "shopify", buyer="ines")
    log(merchant, sandbox, "shopify")
    searches(merchant, order.order_number)

    merchant.clicks_on("link", "Send all again")
    merchant.app.get_by_role("checkbox", name="Accepted by SendPulse: 2 events").check()
    assert len(sent_for(sandbox, order)) == 2
    merchant.clicks_on("button", "Send again")

    merchant.sees("heading", "2 events will be sent again")
    until(lambda: len(sent_for(sandbox, order)) == 4, "SendPulse has both twice")


@pytest.mark.parametrize("host", HOSTS)
def test_what_matches_can_be_taken_along_as_a_table(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened], tmp_path: Path, host: str
) -> None:
    log(merchant, sandbox, host)
    searches(merchant, paid(host).order_number)

    with merchant.page.expect_download() as coming:
        merchant.clicks_on("link", "Download as CSV")

    coming.value.save_as(tmp_path / "deliveries.csv")
    [row] = csv.DictReader((tmp_path / "deliveries.csv").read_text(encoding="utf-8-sig").splitlines())
    assert coming.value.suggested_filename == "deliveries.csv"
    assert (row["Order"], row["Event"], row["Status"]) == (paid(host).order_number, "Order paid", "Accepted by SendPulse")
    assert (row["Flow"], row["Last answer"]) == ("102 Polski", "200")
    assert paid(host).email not in row.values()
    expect(told(merchant)).to_have_text("Downloaded. Rows: 1")
    assert axe(merchant.document) == []
    assert merchant.measures().cls == 0


def told(merchant: Merchant) -> Locator:
    """How far the table is."""
    return merchant.app.locator("#export [data-told]")


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("end", ["a last line that says so", "no end at all"])
def test_a_table_that_breaks_off_is_not_saved(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened], host: str, end: str
) -> None:
    log(merchant, sandbox, host, f"?q={paid(host).order_number.removeprefix('#')}")
    cut = merchant.app.locator("#export").get_attribute("data-cut")
    body = f'"Log ID"\r\n"1"\r\n"{cut}"\r\n'
    if end == "no end at all":
        merchant.document.evaluate(UNENDED, True)
    else:
        merchant.page.route("**/deliveries/export?*", lambda route: route.fulfill(body=body, content_type="text/csv"))
    saved: list[object] = []
    merchant.page.on("download", lambda download: saved.append(download))

    merchant.clicks_on("link", "Download as CSV")

    merchant.reads("The download was interrupted, so nothing was saved (rows written until then: 1). Try again.")
    expect(merchant.app.locator("#export")).to_be_hidden()
    assert saved == []


@pytest.mark.parametrize("host", HOSTS)
def test_a_download_can_be_stopped(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened], host: str
) -> None:
    log(merchant, sandbox, host, f"?q={paid(host).order_number.removeprefix('#')}")
    merchant.document.evaluate(UNENDED, False)

    merchant.clicks_on("link", "Download as CSV")
    expect(told(merchant)).to_have_text("Rows written: 1 of 1")
    merchant.clicks_on("button", "Stop")

    expect(merchant.app.locator("#export")).to_be_hidden()
    expect(merchant.app.get_by_role("link", name="Download as CSV")).to_be_focused()
    expect(merchant.app.locator("#trouble")).to_be_hidden()


@pytest.mark.parametrize("host", HOSTS)
def test_what_was_skipped_says_why(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    assert fires(sandbox, host, buyer="guest").state == "skipped"
    log(merchant, sandbox, host)

    merchant.app.get_by_text("Filter", exact=True).click()
    merchant.chooses("Status", "skipped")
    merchant.clicks_on("button", "Show events")
    expect(merchant.app.locator("table.log .badge").first).to_have_text("Skipped")
    expect(merchant.app.locator("table.log .badge:not([data-state=skipped])")).to_have_count(0)
    rows(merchant).first.get_by_role("link").click()

    merchant.sees("heading", "Nothing was sent")
    merchant.reads("no usable email address or phone number")


# Saleor's dashboard is not told our address, and opens the frame again where it was opened first: see its bridge.js.
@pytest.mark.parametrize("host", ["shopify"])
def test_a_filtered_list_is_still_there_when_the_admin_is_loaded_again(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened], host: str
) -> None:
    log(merchant, sandbox, host)
    searches(merchant, paid(host).order_number)

    merchant.page.reload()

    expect(merchant.app.get_by_label("Search")).to_have_value(paid(host).order_number)
    expect(rows(merchant)).to_have_count(1)


@pytest.mark.parametrize("host", HOSTS)
def test_a_figure_leads_to_the_deliveries_it_counts(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened], host: str
) -> None:
    puts_guide_away(merchant, home(sandbox, host))

    polish = merchant.app.get_by_role("row", name=re.compile("pl.PL", re.IGNORECASE)).get_by_role("link").nth(1)
    counted = int(polish.inner_text())
    polish.click()

    merchant.sees("heading", "Event log")
    expect(rows(merchant)).to_have_count(counted)
    expect(rows(merchant).filter(has_text=paid(host).order_number)).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_legend_has_the_colours_of_the_chart(merchant: Merchant, sandbox: RunningSandbox, theme: str) -> None:
    every_state(sandbox, "shopify")
    puts_guide_away(merchant, home(sandbox, "shopify"))

    merchant.chooses("Theme", theme, inside=merchant.page)

    words = {"Accepted by SendPulse", "Failed", "Skipped"}
    wait_until(merchant.document, f"() => {{ const found = ({DRAWN})(); return found.length && found.every(([, is]) => is); }}")
    assert words <= {word for word, _is_drawn in merchant.document.evaluate(DRAWN)}


def test_a_past_event_shows_its_bytes_and_its_flow(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened]
) -> None:
    order = paid("saleor")
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/preview"))
    past = merchant.app.get_by_label("Based on").locator("option", has_text=order.order_number)
    merchant.chooses("Based on", past.get_attribute("value") or "")

    expect(merchant.app.locator("#result dl.facts")).to_contain_text("102 Polski")
    assert merchant.app.locator("[data-bytes]").text_content() == sent_for(sandbox, order)[0]["body"]


def test_an_events_settings_are_tried_on_a_real_event_which_is_nothing_to_save(
    merchant: Merchant, sandbox: RunningSandbox, paid: Callable[[str], Happened]
) -> None:
    order = paid("saleor")
    opens(merchant, deep("saleor", home(sandbox, "saleor"), "/events/order_paid"))
    past = merchant.app.get_by_label("Shown with").locator("option", has_text=order.order_number)
    sample = merchant.app.locator("#sample")
    expect(sample).to_contain_text("#TEST")

    merchant.chooses("Shown with", past.get_attribute("value") or "")
    expect(sample).to_contain_text(order.email)
    expect(merchant.app.get_by_text("Unsaved changes")).to_be_hidden()
    merchant.clicks_on("radio", re.compile("the list of products only"))
    merchant.clicks_on("button", "Save")
    merchant.reads("Saved.")

    expect(sample).to_contain_text(order.email)
    merchant.clicks_on("radio", re.compile("One event for the whole order"))
    merchant.clicks_on("button", "Save")


def test_credentials_are_checked_while_they_are_typed(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, deep("shopify", home(sandbox, "shopify"), "/settings/account"))
    merchant.writes("Secret", "wrong-from-the-first-to-the-last")
    merchant.clicks_on("button", "Check")
    expect(merchant.app.locator("#checked .banner.bad")).to_contain_text("does not accept the ID and secret")

    merchant.writes("ID", demo.CLIENT_ID)
    merchant.writes("Secret", demo.CLIENT_SECRET)
    merchant.clicks_on("button", "Check")

    expect(merchant.app.locator("#checked .banner.good")).to_be_visible()
