"""What Saleor's bodies tell beside the lines and the buyer; a body of an older query tells none of it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.event import StoreEvent
from plugin.domain.facts import NO_FACTS, Address, Tracking
from plugin.domain.money import Money
from plugin.domain.payload import Payload, read_json
from plugin.platforms.saleor.manifest import events, subscription
from plugin.platforms.saleor.translate import TRANSLATORS, translate
from tests.support.platforms.expected import samples
from tests.support.platforms.saleor.bodies import SHOP, a_checkout, a_sample, an_order
from tests.support.shared_folder import SHARED, needs_shared

#: What the queries of older versions of this app did not ask for; bodies of those may still be waiting.
NEW = {
    "voucherCode", "shippingMethodName", "customerNote", "tax", "subtotal", "shippingPrice", "undiscountedTotal",
    "grantedRefunds", "trackingNumber", "discount", "subtotalPrice", "undiscountedUnitPrice",
    "streetAddress1", "streetAddress2", "city", "postalCode", "orders",
}  # fmt: skip
ASKED = [sample for sample in samples("saleor") if sample.topic in TRANSLATORS]


PICKED_UP = {"__typename": "Warehouse"}


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def taxed(amount: str, **more: Any) -> dict[str, Any]:
    return {"gross": {"amount": Decimal(amount), "currency": "USD"}, **more}


def a_whole_order(**changed: Any) -> StoreEvent:
    return an_order("order_fully_paid", "order_paid__whole", **changed)


def a_transaction(name: str, *types: str, at: str = "2026-03-02T09:15:00+00:00") -> dict[str, Any]:
    return {"name": name, "events": [{"type": type, "createdAt": at} for type in types]}


# ------------------------------------------------------------------ money


def test_an_order_tells_what_its_parts_cost() -> None:
    facts = a_whole_order().facts

    assert (facts.subtotal, facts.tax, facts.shipping_price) == (usd("62.09"), usd("5.58"), usd("5.0"))
    assert (facts.discount_total, facts.discount_code) == (usd("6.90"), "SPRING10")


@pytest.mark.parametrize(
    "changed",
    [
        {"total": taxed("42.09")},  # a gift card of 25 paid the rest
        {"undiscountedTotal": taxed("67.09")},
        {"undiscountedTotal": taxed("60.00")},  # no store takes less off than nothing
        {"undiscountedTotal": None},
        {"subtotal": None},
    ],
    ids=["gift card", "no discount", "dearer than before", "not asked for", "no subtotal"],
)
def test_what_was_taken_off_is_told_only_where_it_is_known(changed: dict[str, Any]) -> None:
    assert a_whole_order(**changed).facts.discount_total is None


def test_free_shipping_costs_nothing_and_says_so() -> None:
    assert a_whole_order(shippingPrice=taxed("0.0")).facts.shipping_price == usd("0.0")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"shippingMethodName": None}, None),
        ({"shippingMethodName": None, "collectionPointName": "Old Town"}, usd("0.0")),
        ({"shippingMethodName": None, "shippingPrice": taxed("5.0")}, usd("5.0")),
    ],
    ids=["nothing is sent", "fetched", "sent somehow"],
)
def test_what_is_not_sent_has_no_price_of_sending(changed: dict[str, Any], told: Money | None) -> None:
    assert a_whole_order(**{"shippingPrice": taxed("0.0")} | changed).facts.shipping_price == told


def test_a_cart_tells_what_its_voucher_gives() -> None:
    facts = a_checkout(sample="cart_updated__voucher")[-1].facts

    assert facts.subtotal == Money(amount=Decimal("73.9"), currency="EUR")
    assert (facts.discount_total, facts.discount_code) == (Money(amount=Decimal("4.5"), currency="EUR"), "HERBST")


def test_a_line_of_a_cart_tells_its_price_before_only_where_it_fell() -> None:
    lamp, *others = a_checkout(sample="cart_updated__voucher")[-1].products

    assert (lamp.compare_at, lamp.price) == (
        Money(amount=Decimal("49.5"), currency="EUR"),
        Money(amount=Decimal("45.0"), currency="EUR"),
    )
    assert [product.compare_at for product in others] == [None, None]


# ------------------------------------------------------------------ words


def test_an_order_tells_its_notes_and_names() -> None:
    facts = a_whole_order().facts

    assert (facts.shipping_method, facts.payment_method, facts.source) == ("Harbour Parcel", "Card", "CHECKOUT")
    assert facts.note == "Please ring twice.\nThe bell is small."
    assert (facts.utm_source, facts.utm_medium, facts.utm_campaign) == ("newsletter", "email", "spring")


def test_who_fetches_an_order_is_told_where() -> None:
    facts = a_whole_order(shippingMethodName=None, collectionPointName="Harbour shop").facts

    assert facts.shipping_method == "Harbour shop"


@pytest.mark.parametrize(
    ("transactions", "told"),
    [
        ([], ""),
        ([a_transaction("", "CHARGE_SUCCESS")], ""),
        ([a_transaction("Bank transfer", "CHARGE_REQUEST")], "Bank transfer"),
        ([a_transaction("Card", "CHARGE_REQUEST", "CHARGE_FAILURE")], ""),
        ([a_transaction("Card", "CHARGE_FAILURE"), a_transaction("Bank transfer", "CHARGE_REQUEST")], "Bank transfer"),
        ([a_transaction("Cash", *())], "Cash"),
        ([a_transaction("Card", "CHARGE_FAILURE"), a_transaction("BLIK", "CHARGE_SUCCESS")], "BLIK"),
        ([a_transaction("Card", "AUTHORIZATION_SUCCESS"), a_transaction("BLIK", "CHARGE_SUCCESS")], "Card, BLIK"),
        ([a_transaction("Card", "CHARGE_SUCCESS")] * 9, "Card"),
        ([a_transaction(f"Card {number}", "CHARGE_SUCCESS") for number in range(9)], "Card 0, Card 1, Card 2, Card 3, Card 4"),
    ],
    ids=[
        "none",
        "nameless",
        "awaited",
        "failed",
        "awaited after one failed",
        "without events",
        "the one that worked",
        "two",
        "one in parts",
        "many",
    ],
)
def test_the_payment_method_is_what_the_payment_app_calls_it(transactions: list[Any], told: str) -> None:
    assert a_whole_order(transactions=transactions).facts.payment_method == told


def test_of_a_key_written_twice_the_first_counts() -> None:
    metadata = [{"key": "utm_source", "value": "first"}, {"key": "utm_source", "value": "second"}]

    assert a_whole_order(metadata=metadata).facts.utm_source == "first"


def test_a_campaign_is_found_however_its_key_is_written() -> None:
    assert a_whole_order(metadata=[{"key": "UTM_Source", "value": "ads"}]).facts.utm_source == "ads"


# ------------------------------------------------------------------ where it goes


def test_an_order_tells_where_it_goes() -> None:
    assert a_whole_order().facts.address == Address(
        street="12 Harbour Street, Apt. 4", city="BOSTON", zip="02110", country="United States of America"
    )


def test_a_country_without_a_name_is_told_by_its_code() -> None:
    shipping = a_sample("order_paid__whole")["order"]["shippingAddress"] | {"country": {"code": "US"}}

    address = a_whole_order(shippingAddress=shipping).facts.address

    assert address
    assert address.country == "US"


def test_what_needs_no_shipping_has_no_address() -> None:
    assert a_whole_order(shippingAddress=None).facts.address is None


@pytest.mark.parametrize("place", [{"deliveryMethod": PICKED_UP}, {"collectionPointName": "Old Town"}], ids=str)
def test_what_is_fetched_goes_nowhere(place: dict[str, Any]) -> None:
    assert a_whole_order(**place).facts.address is None


def test_a_cart_that_is_fetched_goes_nowhere() -> None:
    assert a_checkout(sample="cart_updated__voucher")[-1].facts.address
    assert a_checkout(sample="cart_updated__voucher", deliveryMethod=PICKED_UP)[-1].facts.address is None


# ------------------------------------------------------------------ parcels


def test_a_sent_order_tells_every_parcel_that_left_the_newest_first() -> None:
    facts = an_order("order_fulfilled", "order_fulfilled__two_parcels").facts

    assert facts.tracking == (
        Tracking(link="https://carrier.example/track/HP0001001302US"),
        Tracking(number="HP0001001301US"),
    )


def test_a_parcel_tells_its_own_number() -> None:
    body = a_sample("order_partially_fulfilled__tracked")

    (event,) = translate("fulfillment_created", Payload(body, "$"), SHOP).events

    assert event.facts.tracking == (Tracking(number="DE00340434"),)


@pytest.mark.parametrize(
    "number", ["http:", "https://", "http://[", "HP 12/3", "ftp://carrier.example/1", "https://c.example/1 2"]
)
def test_what_is_no_address_of_a_page_is_a_number(number: str) -> None:
    parcel = {"id": "RnVsZmlsbG1lbnQ6OTE=", "status": "FULFILLED", "trackingNumber": number}

    facts = an_order("order_fulfilled", "order_fulfilled__two_parcels", fulfillments=[parcel]).facts

    assert facts.tracking == (Tracking(number=number),)


@needs_shared
def test_a_number_that_is_written_later_is_no_event_by_itself() -> None:
    body = read_json((SHARED / "corpus" / "saleor" / "fulfillment-tracking-number-updated.body").read_bytes(), "$")

    translation = translate("fulfillment_tracking_number_updated", body, SHOP)

    assert (translation.events, translation.bought, translation.notices) == ((), (), ())
    assert translation.skip


# ------------------------------------------------------------------ refunds


def a_refund(**changed: Any) -> StoreEvent:
    return an_order("order_refunded", "order_refunded__for_a_reason", **changed)


def a_grant(at: str, reason: str | None) -> dict[str, Any]:
    return {"createdAt": f"2026-03-0{at}:00+00:00", "reason": reason}


@pytest.mark.parametrize(
    ("grants", "told"),
    [
        ([], ""),
        ([a_grant("5T11:59", "Broken"), a_grant("4T07:55", "Late")], "Broken"),
        ([a_grant("5T11:59", None), a_grant("4T07:55", "Late")], ""),
        ([a_grant("4T07:55", "Late")], ""),
        ([{"createdAt": None, "reason": "Never"}], ""),
    ],
    ids=["none", "the newest", "no reason given", "another refund's", "no time"],
)
def test_a_refund_tells_why_it_was_granted(grants: list[Any], told: str) -> None:
    assert a_refund(grantedRefunds=grants).facts.refund_reason == told


def test_a_shop_without_a_payment_app_tells_the_newest_reason() -> None:
    assert a_refund(transactions=[], grantedRefunds=[a_grant("4T07:55", "Late")]).facts.refund_reason == "Late"


# ------------------------------------------------------------------ bodies of older queries, and real ones


def without(value: Any) -> Any:
    if isinstance(value, list):
        return [without(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: without(item) for name, item in value.items() if name not in NEW}


def unknown(event: StoreEvent) -> StoreEvent:
    """The event as far as older bodies told it."""
    products = tuple(replace(product, compare_at=None) for product in event.products)
    return replace(event.with_products(products) if event.basket else event, facts=NO_FACTS)


@pytest.mark.parametrize("sample", ASKED, ids=lambda sample: sample.name)
def test_a_body_of_an_older_query_means_what_it_meant(sample: Any) -> None:
    body = sample.payload

    now = translate(sample.topic, body, SHOP)
    then = translate(sample.topic, Payload(without(body.fields), body.path), SHOP)

    assert tuple(map(unknown, then.events)) == tuple(map(unknown, now.events))
    assert replace(then, events=()) == replace(now, events=())
    assert {(event.facts.subtotal, event.facts.order_count) for event in then.events} <= {(None, None)}


def test_every_new_field_is_asked_for() -> None:
    asked = {word.partition("(")[0] for event in events() for word in subscription(event).split()}

    assert asked >= NEW


@needs_shared
@pytest.mark.parametrize(
    ("name", "topic", "subtotal", "shipping"),
    [("order-fully-paid", "order_fully_paid", "570.0", "43.87"), ("order-fulfilled", "order_fulfilled", "440.0", "43.87")],
)
def test_a_real_order_adds_up(name: str, topic: str, subtotal: str, shipping: str) -> None:
    body = read_json((SHARED / "corpus" / "saleor" / f"{name}.body").read_bytes(), "$")

    (event,) = translate(topic, body, SHOP).events

    facts = event.facts
    assert (facts.subtotal, facts.shipping_price) == tuple(
        Money(amount=Decimal(amount), currency="PLN") for amount in (subtotal, shipping)
    )
    assert (facts.tax, facts.discount_total) == (Money(amount=Decimal("0.0"), currency="PLN"), None)
    assert facts.address == Address(street="ul. Świętokrzyska 12/4", city="WARSZAWA", zip="00-044", country="Poland")
    assert facts.shipping_method == "UPS"
