"""The page of customers' data in both admins: found, taken along, deleted after a question."""

import json
from pathlib import Path

import pytest

from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, home, opens, settles
from tests.support.journeys.traffic import fires


@pytest.mark.parametrize("host", ["shopify", "saleor"])
def test_a_customer_is_found_taken_along_and_deleted(
    merchant: Merchant, sandbox: RunningSandbox, tmp_path: Path, host: str
) -> None:
    email = fires(sandbox, host, buyer="amelie").email
    opens(merchant, deep(host, home(sandbox, host), "/settings/customers"))
    merchant.writes("Email", email.upper())
    merchant.clicks_on("button", "Look up")
    merchant.sees("heading", "What is kept about this customer")
    settles(merchant)

    for button, name in (("Download JSON", "customer-data.json"), ("Download as a readable page", "customer-data.html")):
        with merchant.page.expect_download() as coming:
            merchant.clicks_on("button", button)
        coming.value.save_as(tmp_path / name)
    merchant.clicks_on("button", "Delete everything about them…")
    merchant.sees("heading", "Delete everything about this customer?")
    merchant.clicks_on("button", "Delete everything")
    merchant.reads("Everything about this customer was deleted here")

    assert email in json.loads((tmp_path / "customer-data.json").read_text())["known_as"]["emails"]
    assert email in (tmp_path / "customer-data.html").read_text()
