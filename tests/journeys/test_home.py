"""Home in an admin: a chart that is right at any size, for eyes, hands and ears."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.support.browsing import wait_until
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import home, puts_guide_away
from tests.support.journeys.traffic import fires

# Keeps each text that is drawn into a canvas, with how far it reaches to the left of it and to the right.
WRITES = """() => {
  const write = CanvasRenderingContext2D.prototype.fillText;
  window.written = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...more) {
    const { width } = this.measureText(text), at = this.getTransform();
    const begin = { right: x - width, end: x - width, center: x - width / 2 }[this.textAlign] ?? x;
    window.written.push({ text, left: at.a * begin + at.e, over: at.a * (begin + width) + at.e - this.canvas.width });
    return write.call(this, text, x, y, ...more);
  };
}"""
# The last bar has so many events, and the chart is drawn anew.
HAS = """(number) => {
  const box = document.querySelector("[data-chart]"), chart = JSON.parse(box.dataset.chart);
  for (const [at, { values }] of chart.series.entries()) values.fill(0).fill(at ? 0 : number, -1);
  box.dataset.chart = JSON.stringify(chart);
  window.written = [];
  dispatchEvent(new Event("resize"));
}"""


def test_the_charts_axes_are_right_at_any_size(merchant: Merchant, sandbox: RunningSandbox) -> None:
    fires(sandbox, "shopify", buyer="zofia")
    puts_guide_away(merchant, home(sandbox, "shopify"))
    merchant.document.evaluate(f"({WRITES})()")

    for width in (360, 1280):
        merchant.resizes(width)
        for number in (7, 1_000, 1_200_000):
            counts = [one["text"] for one in drawn(merchant, number) if one["text"][0].isdigit()]
            values = [int(text.replace(",", "")) for text in counts]
            assert counts == [f"{value:,}" for value in values]
            assert number / 2 < max(values) <= number
            assert len(values) > 2
            assert 0 in values


def drawn(merchant: Merchant, number: int) -> list[dict[str, Any]]:
    """The texts of the axes, all of them inside the chart."""
    merchant.document.evaluate(f"({HAS})({number})")
    wait_until(merchant.document, "() => window.written.length > 0")
    written: list[dict[str, Any]] = merchant.document.evaluate("window.written")
    assert [one for one in written if one["left"] < 0 or one["over"] > 0] == []
    assert sum(bool(re.match(r"[A-Z][a-z]{2} \d", one["text"])) for one in written) >= 2  # days
    return written


def test_the_chart_is_read_by_arrow_keys_and_leads_to_the_log(merchant: Merchant, sandbox: RunningSandbox) -> None:
    fires(sandbox, "shopify", buyer="zofia")
    puts_guide_away(merchant, home(sandbox, "shopify"))
    chart = merchant.app.get_by_role("slider", name="Events over time")
    chart.focus()
    latest = chart.get_attribute("aria-valuetext") or ""

    merchant.presses("ArrowLeft")

    expect(chart).not_to_have_attribute("aria-valuetext", latest)
    expect(chart.locator(".tip")).to_be_visible()
    merchant.presses("End", "Escape")
    expect(chart).to_have_attribute("aria-valuetext", latest)
    expect(chart.locator(".tip")).to_be_hidden()
    assert re.search(r"\w+day, \w+ \d+, .+: \d", latest)

    box = chart.locator(".u-over").bounding_box()
    assert box
    merchant.page.mouse.click(box["x"] + box["width"] * 0.98, box["y"] + box["height"] / 2)

    expect(merchant.app.locator("table.log tbody tr").first).to_be_visible()
    expect(merchant.page).to_have_url(re.compile(r"deliveries\?from=[\d-]+&to=[\d-]+$"))
