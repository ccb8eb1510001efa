"""What a store's platform cannot say by itself is asked of its merchant, on the Settings page."""

from dataclasses import replace

import pytest

from plugin.config import Settings
from plugin.platforms import discover
from plugin.ports import Store
from plugin.web.pages.store import NOT_EVERYWHERE
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakePlatform
from tests.support.platforms.expected import opened
from tests.support.web.merchant import Merchant, a_merchant

TYPED = {
    "cart_link": "https://demo.example/{locale}/checkout?checkout={checkout}",
    "order_link": "https://demo.example/{locale}/orders/{order_number}",
    "consent_key": "marketing",
}


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def without_needs(merchant: Merchant) -> None:
    platform = merchant.services.platforms["fake"]
    assert isinstance(platform, FakePlatform)
    platform.merchant_says = frozenset()


def test_what_is_typed_is_saved_and_shown(merchant: Merchant) -> None:
    answer = merchant.post("/settings", merchant.form("/settings") | TYPED | {"old_orders": "on"})

    assert answer.status_code == 200
    store = merchant.document()["store"]
    assert {name: store[name] for name in TYPED} == TYPED
    assert store["old_orders"] is True
    shown = merchant.form("/settings")
    assert {name: shown[name] for name in TYPED} == TYPED
    assert shown["old_orders"] == "on"


def test_what_is_emptied_is_gone(merchant: Merchant) -> None:
    merchant.post("/settings", merchant.form("/settings") | TYPED | {"old_orders": "on"})

    left = {name: value for name, value in merchant.form("/settings").items() if name != "old_orders"}
    merchant.post("/settings", left | dict.fromkeys(TYPED, ""))

    store = merchant.document()["store"]
    assert not TYPED.keys() & store.keys()
    assert store["old_orders"] is False


def test_a_platform_that_says_it_by_itself_asks_nobody(merchant: Merchant) -> None:
    without_needs(merchant)

    assert not TYPED.keys() & merchant.form("/settings").keys()


def test_what_a_file_has_set_is_shown_and_kept_all_the_same(merchant: Merchant) -> None:
    without_needs(merchant)
    document = a_settings_document(store=TYPED | {"name": "Demo"})
    merchant.services.store.shops.write_settings(merchant.shop.id, document, who="test", now=NOON)

    merchant.post("/settings", merchant.form("/settings") | {"name": "Renamed"})

    store = merchant.document()["store"]
    assert {name: store[name] for name in ("name", *TYPED)} == {"name": "Renamed"} | TYPED


@pytest.mark.parametrize("name", sorted(discover()))
def test_a_platform_asks_for_fields_there_are(name: str) -> None:
    assert opened(name).merchant_says <= NOT_EVERYWHERE


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Warsaw", "Europe/Warsaw"),
        ("europe/warsaw", "Europe/Warsaw"),
        ("Tokyo", "Asia/Tokyo"),
        ("new york", "America/New_York"),
        ("Lisbon · UTC+00:00", "Europe/Lisbon"),
        ("utc", "UTC"),
        ("US/Eastern", "US/Eastern"),
    ],
)
def test_a_time_zone_is_known_by_its_city(merchant: Merchant, typed: str, zone: str) -> None:
    assert merchant.post("/settings", merchant.form("/settings") | {"timezone": typed}).status_code == 200

    assert merchant.document()["store"]["timezone"] == zone


def test_cities_are_known_in_the_language_of_the_page(merchant: Merchant) -> None:
    page = replace(merchant, language="pl").get("/settings").text

    assert '<option value="Europe/Warsaw">Warszawa · UTC+0' in page
    assert '<option value="pl">polski</option>' in page


@pytest.mark.parametrize(
    ("typed", "locale"),
    [
        ("Polish", "pl"),
        ("polski", "pl"),
        ("portuguese (brazil)", "pt-BR"),
        ("pl-PL", "pl-PL"),
        ("Deutsch", "de"),
        ("Filipino", "fil"),
        ("Swiss German", "gsw"),
    ],
)
def test_a_default_language_is_known_by_its_name(merchant: Merchant, typed: str, locale: str) -> None:
    assert merchant.post("/settings", merchant.form("/settings") | {"default_locale": typed}).status_code == 200

    assert merchant.document()["store"]["default_locale"] == locale


@pytest.mark.parametrize(
    ("field", "typed"), [("timezone", "Mars/Base"), ("timezone", "Springfield"), ("default_locale", "Klingonian")]
)
def test_what_no_list_has_is_refused_and_stays(merchant: Merchant, field: str, typed: str) -> None:
    answer = merchant.post("/settings", merchant.form("/settings") | {field: typed})

    assert answer.status_code == 422
    assert typed in answer.text


def test_the_page_says_what_is_chosen(merchant: Merchant) -> None:
    merchant.post("/settings", merchant.form("/settings") | {"timezone": "Asia/Tokyo", "default_locale": "pl"})

    page = merchant.get("/settings").text

    assert "now UTC+09:00." in page
    assert "Polish, for buyers" in page
