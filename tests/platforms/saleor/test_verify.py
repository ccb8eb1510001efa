"""What a delivery's signed body says against its unsigned headers, and the key it is known by."""

from dataclasses import replace
from typing import Any

import pytest

from plugin.domain.errors import BadSignature, Contradicted, NotInstalled, TryAgain
from plugin.platforms.saleor.testing import ADDRESS, APP_ID, TESTKIT
from tests.support.builders import NOON
from tests.support.platforms.saleor.fixtures import a_body, a_stand, signed


@pytest.mark.parametrize("typename", ["OrderUpdated", "CheckoutCreated", "ordercreated", "X"])
def test_a_delivery_under_the_name_of_another_event_is_refused(typename: str) -> None:
    stand = a_stand()

    with pytest.raises(BadSignature):
        stand.verify(signed(stand, a_body(__typename=typename)))


@pytest.mark.parametrize("topic", ["", "order created", "order-created", "żółć", "a" * 300 + "_", "order_created\n"])
def test_an_event_without_a_proper_name_is_refused(topic: str) -> None:
    stand = a_stand()

    with pytest.raises(BadSignature):
        stand.verify(signed(stand, a_body(__typename=None), topic=topic))


def test_a_header_without_its_twin_is_enough() -> None:
    stand = a_stand()
    webhook = signed(stand, a_body())
    without_x = {name: value for name, value in webhook.headers.items() if not name.startswith("x-")}
    only_x = {name: value for name, value in webhook.headers.items() if f"x-{name}" not in webhook.headers}

    assert stand.verify(replace(webhook, headers=without_x)).topic == "order_created"
    assert stand.verify(replace(webhook, headers=only_x)).topic == "order_created"


@pytest.mark.parametrize("address", ["", "null", "demo.saleor.example", "https://127.0.0.1/graphql/", "żółć", "\x00"])
def test_an_address_nobody_installed_from_is_looked_up_and_never_called(address: str) -> None:
    stand = a_stand()
    webhook = signed(stand, a_body())

    with pytest.raises(NotInstalled):
        stand.verify(replace(webhook, headers={**webhook.headers, "saleor-api-url": address}))
    assert stand.publisher.asked == 0


@pytest.mark.parametrize(
    ("announced", "known_as"),
    [
        ("https://moved.example.com/graphql/", "https://moved.example.com/graphql/"),
        ("HTTPS://Moved.example.com:443/graphql", "https://moved.example.com/graphql/"),
        (f"http{ADDRESS.removeprefix('https')}", f"http{ADDRESS.removeprefix('https')}"),
        ("https://moved.example.com/graphql/\x1b[31m", ""),
        ("https://" + "a" * 300 + ".example.com/graphql/", ""),
    ],
)
def test_a_shop_under_another_address_is_told_to_install_again(announced: str, known_as: str) -> None:
    stand = a_stand()
    webhook = signed(stand, a_body())

    with pytest.raises(NotInstalled) as refused:
        stand.verify(replace(webhook, headers={**webhook.headers, "saleor-api-url": announced}))

    assert (refused.value.answer, refused.value.address) == (401, known_as)
    assert "install the app again" in refused.value.advice
    assert "SALEOR_ALLOWED_URLS" in refused.value.advice
    assert stand.verify(webhook).topic == "order_created"  # under the old address everything goes on


def test_the_removal_of_the_app_is_believed_even_after_it() -> None:
    stand, body = a_stand(), a_body(__typename="AppDeleted", order=None, app={"id": APP_ID})
    stand.publisher.answer = TESTKIT.jwks()
    webhook = signed(stand, body, topic="app_deleted")
    first = stand.verify(webhook)
    stand.shops.leave(stand.shop.id, now=NOON)

    again = stand.verify(webhook)

    assert again.key == first.key
    assert stand.access() == {}  # nothing is stored for a shop that left


def test_the_removal_of_the_app_that_cannot_be_judged_is_asked_for_again() -> None:
    stand, body = a_stand(), a_body(__typename="AppDeleted", order=None, app={"id": APP_ID})
    stand.shops.leave(stand.shop.id, now=NOON)

    with pytest.raises(TryAgain):
        stand.verify(signed(stand, body, topic="app_deleted"))


FORGED = {
    "an empty body": {"__typename": None, "recipient": None, "order": None},
    "a body that does not say what it is": {"__typename": None},
    "another event's body": {"__typename": "OrderCreated"},
    "another app's removal": {"__typename": "AppDeleted", "app": {"id": "QXBwOjk="}, "recipient": {"id": "QXBwOjk="}},
    "a removal that names no app": {"__typename": "AppDeleted", "recipient": None},
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED)
def test_what_the_header_calls_a_removal_must_be_one(changed: dict[str, Any]) -> None:
    stand = a_stand()

    with pytest.raises(Contradicted):
        stand.verify(signed(stand, a_body(**changed), topic="app_deleted"))


# ------------------------------------------------------------------ one delivery, one key


def the_key(body: bytes, topic: str = "order_created") -> str:
    stand = a_stand()
    return str(stand.verify(signed(stand, body, topic=topic)).key)


def test_event_object_and_time_name_a_delivery() -> None:
    first = the_key(a_body())

    assert first == the_key(a_body(version="3.23.29"))
    assert first != the_key(a_body(issuedAt="2026-03-02T09:15:02.000002+00:00"))
    assert first != the_key(a_body(order={"id": "T3JkZXI6Mg=="}))
    assert first != the_key(a_body(__typename="OrderUpdated"), "order_updated")


@pytest.mark.parametrize("hole", [{"issuedAt": None}, {"order": None}, {"order": {}}, {"issuedAt": 5, "order": None}], ids=str)
def test_the_whole_body_names_a_delivery_that_lacks_one_of_them(hole: dict[str, Any]) -> None:
    assert the_key(a_body(**hole)) == the_key(a_body(**hole))
    assert the_key(a_body(**hole)) != the_key(a_body(**hole, version="3.23.29"))


def test_a_stock_change_comes_once_for_each_warehouse() -> None:
    bodies = [
        a_body(__typename="ProductVariantStockUpdated", order=None, productVariant={"id": "x"}, warehouse={"name": name})
        for name in ("Warsaw", "Łódź")
    ]

    first, second = (the_key(body, "product_variant_stock_updated") for body in bodies)

    assert first != second


def test_one_parcel_of_an_order_is_not_another() -> None:
    bodies = [a_body(__typename="FulfillmentCreated", fulfillment={"id": name}) for name in ("f1", "f2")]

    first, second = (the_key(body, "fulfillment_created") for body in bodies)

    assert first != second
