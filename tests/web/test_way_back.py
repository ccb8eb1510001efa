"""The addresses that lead a buyer back are tried on the newest cart and order before they are saved."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.ports import LookupContext
from plugin.storage import SqlStore
from tests.support.builders import NOON, a_basket, a_cart, a_contact, a_settings_document, an_event
from tests.support.fake_platform import FakePlatform
from tests.support.storage.situations import planned, tell
from tests.support.web.merchant import Merchant, a_merchant, errors_in, fields_in

SETTINGS = "/settings"
CART_LINK, ORDER_LINK = "https://demo.example/{locale}/cart?of={checkout}", "https://demo.example/orders/{order_number}"


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def cart(store: SqlStore, merchant: Merchant, name: str, *, hour: int = 0, **changed: Any) -> None:
    basket = a_basket(keys=(f"checkout:{name}",), order_id="", order_number="", channel="web")
    fields = {"object_id": name, "basket": basket, "happened_at": NOON + timedelta(hours=hour)} | changed
    planned(store, merchant.shop, a_cart(**fields), None, key=name)


def saved(merchant: Merchant, **typed: str) -> str:
    answer = merchant.post(SETTINGS, merchant.form(SETTINGS) | typed)
    assert answer.status_code == 200, errors_in(answer.text)
    return answer.text


def shown(page: str) -> list[tuple[str, str]]:
    """What is said of each example, and where its link leads."""
    found = re.findall(r'<p class="help soft small example">(.*?)<a href="(.*?)" target="_blank"', page, re.DOTALL)
    return [(unescape(said).strip(), unescape(address)) for said, address in found]


def test_the_newest_cart_shows_what_comes_of_an_address(merchant: Merchant, store: SqlStore) -> None:
    cart(store, merchant, "newer", hour=2)
    cart(store, merchant, "older", hour=1)

    page = saved(merchant, cart_link=CART_LINK)

    assert shown(page) == [("Your newest cart would get this link:", "https://demo.example/pl-PL/cart?of=newer")]
    assert shown(merchant.get(SETTINGS).text) == shown(page)
    assert 'rel="noopener noreferrer"' in page


def test_the_newest_order_shows_what_comes_of_an_address(merchant: Merchant, store: SqlStore) -> None:
    tell(store, merchant.shop, an_event(basket=a_basket(order_id="7", order_number="1234")))

    page = saved(merchant, order_link=ORDER_LINK)

    assert shown(page) == [("Your newest order would get this link:", "https://demo.example/orders/1234")]


def test_before_anything_came_a_made_up_cart_says_that_it_is_made_up(merchant: Merchant) -> None:
    page = saved(merchant, cart_link=CART_LINK, order_link=ORDER_LINK)

    said = [text for text, _ in shown(page)]
    assert said == [
        "No cart has arrived yet. Example link:",
        "No order has arrived yet. Example link:",
    ]
    assert all("{" not in address for _, address in shown(page))


def test_a_cart_that_lacks_a_word_leaves_its_place_to_one_that_has_it(merchant: Merchant, store: SqlStore) -> None:
    cart(store, merchant, "mailed", hour=1)
    cart(store, merchant, "phoned", hour=2, contact=a_contact(email=None, phone="+48501234567"))

    page = saved(merchant, cart_link="https://demo.example/{token}?to={email}")

    assert shown(page)[0][1].startswith("https://demo.example/mailed?to=")


def test_where_no_cart_has_the_word_that_is_said_and_a_made_up_one_shown(merchant: Merchant, store: SqlStore) -> None:
    cart(store, merchant, "phoned", contact=a_contact(email=None, phone="+48501234567"))

    [(said, address)] = shown(saved(merchant, cart_link="https://demo.example/{token}?to={email}"))

    assert said.startswith("The latest carts would get no link: a value in braces is missing for them.")
    assert address.endswith("?to=buyer@example.com")


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        (
            "cart_link",
            "https://demo.example/{basket}",
            "you can use: {locale}, {checkout}, {token}, {channel}, {email}.",
        ),
        ("cart_link", "https://demo.example/{chekout}", "Did you mean checkout?"),
        ("cart_link", "https://demo.example/{{checkout}}", "A brace is missing or doubled"),
        ("cart_link", "https://demo.example/{checkout", "A brace is missing or doubled"),
        ("cart_link", "demo.example/{checkout}", "https:// is missing at the start"),
        ("order_link", "https://demo.example/{token}", "{locale}, {order}, {order_number}, {channel}, {email}."),
    ],
)
def test_an_address_with_other_words_is_refused_with_those_there_are(
    merchant: Merchant, name: str, typed: str, said: str
) -> None:
    answer = merchant.post(SETTINGS, merchant.form(SETTINGS) | {name: typed, "name": "Renamed"})

    assert answer.status_code == 422
    assert said in unescape(errors_in(answer.text)[name])
    assert (fields_in(answer.text)[name], fields_in(answer.text)["name"]) == (typed, "Renamed")
    assert shown(answer.text) == []
    assert merchant.document() == a_settings_document()


def test_an_address_of_which_no_link_comes_is_refused(merchant: Merchant) -> None:
    platform = merchant.services.platforms["fake"]
    assert isinstance(platform, FakePlatform)
    platform.completions = [an_event(), an_event()]  # as one that cannot fill it in

    answer = merchant.post(SETTINGS, merchant.form(SETTINGS) | {"cart_link": CART_LINK})

    assert answer.status_code == 422
    said = errors_in(answer.text)["cart_link"]
    assert (
        said == "This address cannot become a link. In braces you can use: {locale}, {checkout}, {token}, {channel}, {email}."
    )
    assert merchant.document() == a_settings_document()


def test_an_address_that_opens_no_particular_cart_says_so(merchant: Merchant) -> None:
    page = saved(merchant, cart_link="https://demo.example/cart?to={email}", order_link="https://demo.example/orders")

    assert "This does not open the buyer’s cart: add {checkout} or {token}." in page
    assert "This does not open the buyer’s order: add {order} or {order_number}." in page


class Careful(FakePlatform):
    """Says that it is busy when it would have to ask anybody."""

    def complete(self, event: StoreEvent, place: LookupContext) -> StoreEvent:
        if event.wants or event.products:
            raise TryAgain("busy")
        return super().complete(event, place)


def test_nobody_is_asked_for_an_example(merchant: Merchant, store: SqlStore) -> None:
    merchant.services.platforms["fake"] = Careful()  # type: ignore[index]  # a dictionary, in tests
    cart(store, merchant, "c9", wants="product:1")

    assert shown(saved(merchant, cart_link=CART_LINK)) == [
        ("Your newest cart would get this link:", "https://demo.example/pl-PL/cart?of=c9")
    ]


def test_a_platform_that_says_it_by_itself_shows_no_example(merchant: Merchant) -> None:
    merchant.services.platforms["fake"] = FakePlatform(merchant_says=frozenset())  # type: ignore[index]  # as above
    document = a_settings_document(store={"cart_link": CART_LINK})
    merchant.services.store.shops.write_settings(merchant.shop.id, document, who="test", now=NOON)

    page = merchant.get(SETTINGS).text

    assert fields_in(page)["cart_link"] == CART_LINK
    assert shown(page) == []


def test_a_cart_that_became_an_order_is_no_cart(merchant: Merchant, store: SqlStore) -> None:
    cart(store, merchant, "bought")
    tell(
        store,
        merchant.shop,
        an_event(kind=EventKind.ORDER_CREATED, basket=a_basket(order_id="7", order_number="1234")),
        key="o",
    )

    page = saved(merchant, cart_link=CART_LINK, order_link=ORDER_LINK)

    assert [address.rpartition("/")[2] for _, address in shown(page)] == ["cart?of=bought", "1234"]
