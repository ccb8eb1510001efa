"""The languages the store is in have rows of their own, by name; what the store does not say costs the page a moment only."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler

import pytest

from plugin.config import Settings
from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.shop import Shop
from plugin.ports import LookupContext, Platform, Store
from plugin.ports.platforms import PAGE_QUESTION_SECONDS
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakePlatform
from tests.support.platforms.shopify.admin import Reply, a_storefront, data, running, says
from tests.support.platforms.shopify.given import ACCESS, opened
from tests.support.web.merchant import Merchant, a_merchant, fields_in

PAGES = ("/languages", "/setup?step=languages")
UNTOLD = "We couldn’t ask your store for its languages just now"
EN = {"locale": "en", "automation_id": 101, "name": "English"}


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_merchant(store, settings, document=a_settings_document(flows=[EN], events={}))


def says_of_languages(merchant: Merchant, said: Sequence[str] | Exception) -> None:
    platform = merchant.services.platforms["fake"]
    assert isinstance(platform, FakePlatform)
    platform.published[merchant.shop.address] = said


def rows_in(page: str) -> dict[str, str]:
    """Each row's language, by its number; the one that is still empty left out."""
    return {name: value for name, value in fields_in(page).items() if name.startswith("locale-") and value}


# ------------------------------------------------------------------ the rows


@pytest.mark.parametrize("path", PAGES)
def test_the_stores_languages_stand_there_by_name(merchant: Merchant, path: str) -> None:
    says_of_languages(merchant, ["en", "pl", "pt-BR", "de"])

    page = merchant.get(path).text

    assert list(rows_in(page).values()) == ["en", "pl", "pt-BR", "de"]
    assert all(f'<span translate="no">{name}</span>' in page for name in ("Polish", "Portuguese (Brazil)", "German"))
    assert all(f'aria-label="Default flow, {name}"' in page for name in ("Polish", "Portuguese (Brazil)", "German"))
    assert UNTOLD not in page


@pytest.mark.parametrize("path", PAGES)
def test_a_language_that_a_flow_serves_already_is_not_offered_again(merchant: Merchant, path: str) -> None:
    says_of_languages(merchant, ["en", "en-GB", "pl", "pl"])

    assert list(rows_in(merchant.get(path).text).values()) == ["en", "pl"]


@pytest.mark.parametrize("locale", ["", "no language", "x" * 200, "<b>"])
def test_what_is_no_language_gets_no_row(merchant: Merchant, locale: str) -> None:
    says_of_languages(merchant, ["en", locale, "pl"])

    assert list(rows_in(merchant.get("/languages").text).values()) == ["en", "pl"]


@pytest.mark.parametrize(("path", "to"), [("/languages", "/languages"), ("/setup?step=languages", "/setup/languages")])
def test_only_what_was_filled_in_is_stored(merchant: Merchant, path: str, to: str) -> None:
    says_of_languages(merchant, ["en", "pl", "de"])

    assert merchant.post(to, merchant.form(path)).status_code == 200
    assert merchant.document()["flows"] == [EN]

    assert merchant.post(to, merchant.form(path) | {"flow-2": "103"}).status_code == 200
    assert merchant.document()["flows"] == [EN, {"locale": "de", "automation_id": 103}]


def test_a_language_may_be_typed_though_its_row_stands_there(merchant: Merchant) -> None:
    says_of_languages(merchant, ["en", "pl"])

    assert merchant.post("/languages", merchant.form("/languages") | {"locale-2": "pl", "flow-2": "102"}).status_code == 200

    assert merchant.document()["flows"] == [EN, {"locale": "pl", "automation_id": 102}]


def test_another_shops_languages_are_not_shown(merchant: Merchant) -> None:
    platform = merchant.services.platforms["fake"]
    assert isinstance(platform, FakePlatform)
    platform.published["other"] = ["de"]

    assert list(rows_in(merchant.get("/languages").text).values()) == ["en"]


# ------------------------------------------------------------------ a store that does not say


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("error", [TryAgain("no answer"), GiveUp("the shop is frozen")], ids=["silent", "refusing"])
def test_a_store_that_does_not_say_is_told_in_one_line(merchant: Merchant, path: str, error: Exception) -> None:
    says_of_languages(merchant, error)

    answer = merchant.get(path)

    assert answer.status_code == 200
    assert answer.text.count(UNTOLD) == 1
    assert list(rows_in(answer.text).values()) == ["en"]


def test_what_was_typed_meanwhile_asks_nobody(merchant: Merchant) -> None:
    typed = merchant.form("/languages")
    says_of_languages(merchant, TryAgain("no answer"))

    assert UNTOLD not in merchant.post("/languages", typed | {"flow-0": "no number"}).text
    assert UNTOLD not in merchant.post("/languages", typed | {"add": "1"}).text


# ------------------------------------------------------------------ as Shopify says it


@dataclass
class ShopifyLanguages(FakePlatform):
    """A platform whose stores say of their languages what Shopify does."""

    shopify: Platform | None = None

    def published_locales(self, place: LookupContext) -> Sequence[str]:
        assert self.shopify
        shop = replace(place.shop, address=f"{place.shop.address}.myshopify.com")
        return self.shopify.published_locales(replace(place, shop=shop, access=ACCESS))


def asks_shopify(merchant: Merchant, admin_url: str) -> None:
    shopify = opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=admin_url)
    platforms = merchant.services.platforms
    assert isinstance(platforms, dict)
    platforms["fake"] = ShopifyLanguages(shopify=shopify)


def test_two_shops_are_remembered_apart(merchant: Merchant) -> None:
    shops = merchant.services.store.shops
    other = shops.install(Shop(id=0, platform="fake", address="other", name="Other", locale="en"), {}, now=NOON)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        data(a_storefront("de" if handler.path.startswith("/other.") else "pl"))(handler)

    with running(says(500, b""), storefront=answer) as admin:
        asks_shopify(merchant, admin.url)
        theirs = replace(merchant, shop=other)
        for _ in range(2):
            assert list(rows_in(merchant.get("/languages").text).values()) == ["en", "pl"]
            assert list(rows_in(theirs.get("/languages").text).values()) == ["en", "de"]

    assert len(admin.storefront_questions) == 2


@pytest.mark.parametrize("path", PAGES)
def test_a_store_that_hangs_keeps_no_page(merchant: Merchant, path: str) -> None:
    assert PAGE_QUESTION_SECONDS <= 2
    let_go = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        let_go.wait()
        handler.close_connection = True

    assert_says_untold(merchant, path, hang, asked=1)
    let_go.set()


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423, 429, 500])
def test_a_store_that_refuses_keeps_no_page(merchant: Merchant, status: int) -> None:
    assert_says_untold(merchant, "/languages", says(status, b""), asked=1)


def assert_says_untold(merchant: Merchant, path: str, reply: Reply, *, asked: int) -> None:
    """The page answers while the store has not, and asks it once."""
    with running(says(500, b""), storefront=reply) as admin:
        asks_shopify(merchant, admin.url)

        answer = merchant.get(path)

        assert (answer.status_code, answer.text.count(UNTOLD)) == (200, 1)
        assert len(admin.storefront_questions) == asked
