"""Languages that came without an entry of their own are shown with what they get, and mapped with one click."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import pytest

from plugin.config import Settings
from plugin.ports import SeenLocale, Statistics, Store
from tests.web.merchant import Merchant, a_merchant, fields_in


@dataclass
class FakeStatistics:
    """Says which locales came, whoever asks."""

    seen: list[SeenLocale] = field(default_factory=list)

    def locales(self, shop_id: int, *, since: datetime) -> Sequence[SeenLocale]:
        return self.seen


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    store.statistics = cast(
        Statistics,
        FakeStatistics(
            [
                SeenLocale(locale="pl", events=900, unmatched=0),
                SeenLocale(locale="en-GB", events=20, unmatched=0),
                SeenLocale(locale="uk-UA", events=40, unmatched=40),
                SeenLocale(locale="", events=5, unmatched=5),
            ]
        ),
    )
    return a_merchant(store, settings)


def test_what_each_language_without_an_entry_gets_is_shown_with_its_count(merchant: Merchant) -> None:
    page = merchant.get("/languages/").text.partition("Seen in the last 30 days")[2]

    assert page.index("uk-UA") < page.index("en-GB")
    assert ">40</td>" in page
    assert "no flow of their language" in page
    assert "(English)" in page
    assert "pl</th>" not in page


def test_map_now_begins_a_row_for_the_language(merchant: Merchant) -> None:
    page = merchant.get("/languages/").text
    assert 'href="/fake/languages?map=uk-UA"' in page

    fields = fields_in(merchant.get("/languages/?map=uk-UA").text)

    assert fields["locale-3"] == "uk-UA"


def test_a_change_that_holds_a_language_that_was_seen_is_said_first(merchant: Merchant) -> None:
    warned = merchant.post("/languages/", merchant.form("/languages/") | {"policy": "hold"})

    assert warned.status_code == 422
    assert "uk-UA" in warned.text
