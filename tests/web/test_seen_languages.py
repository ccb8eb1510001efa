"""Languages that came without an entry of their own are shown with what they get, and mapped with one click."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import pytest

from plugin.config import Settings
from plugin.ports import SeenLocale, Statistics, Store
from tests.support.builders import NOON, a_settings_document
from tests.support.web.merchant import Merchant, a_merchant, fields_in


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
    page = merchant.get("/languages/").text.partition("Languages without their own flow")[2]

    assert page.index("Ukrainian (Ukraine) · ") < page.index("uk-UA") < page.index("English (United Kingdom) · ")
    assert ">40</td>" in page
    assert "(English)" in page
    assert "pl</th>" not in page


@pytest.mark.parametrize(
    ("no_match", "said"),
    [
        ({"policy": "default_flow", "automation_id": 101}, 'your default flow <span translate="no">101 English</span>'),
        ({"policy": "default_flow", "automation_id": 909}, 'your default flow <span translate="no">909</span>'),
        ({"policy": "hold"}, "no flow yet (held)"), ({"policy": "skip"}, "no flow (skipped)"),
        ({"policy": "without_flow"}, "every flow of the event"), ({}, "every flow of the event"),
    ],
)  # fmt: skip
def test_a_language_without_a_flow_shows_what_becomes_of_its_events(
    merchant: Merchant, no_match: dict[str, Any], said: str
) -> None:
    document = a_settings_document(no_match=no_match)
    merchant.services.store.shops.write_settings(merchant.shop.id, document, who="test", now=NOON)

    page = merchant.get("/languages/").text.partition("Languages without their own flow")[2]

    assert said in page.partition("uk-UA")[2].partition("</tr>")[0]
    assert said not in page.partition("en-GB")[2].partition("</tr>")[0]


def test_languages_without_an_entry_come_first(merchant: Merchant) -> None:
    page = merchant.get("/languages/").text

    assert page.index("Languages without their own flow") < page.index(">Flows</h2>")


def test_where_every_language_has_an_entry_that_is_said_last(merchant: Merchant) -> None:
    store = merchant.services.store
    store.statistics = cast(Statistics, FakeStatistics([SeenLocale(locale="pl", events=900, unmatched=0)]))

    page = merchant.get("/languages/").text

    assert page.rindex("</form>") < page.index("Every language of the last 30 days has its own flow.")


def test_add_flow_begins_a_row_for_the_language(merchant: Merchant) -> None:
    page = merchant.get("/languages/").text
    assert 'href="/fake/languages?map=uk-UA"' in page

    fields = fields_in(merchant.get("/languages/?map=uk-UA").text)

    assert fields["locale-2"] == "uk-UA"


def test_a_change_that_holds_a_language_that_was_seen_is_said_first(merchant: Merchant) -> None:
    warned = merchant.post("/languages/", merchant.form("/languages/") | {"policy": "hold"})

    assert warned.status_code == 422
    assert "uk-UA" in warned.text
