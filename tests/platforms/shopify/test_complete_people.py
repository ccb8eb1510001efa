"""Whom a refund or a customer's event is for, asked of the Admin API."""

from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.contact import Consent
from plugin.domain.errors import TryAgain
from plugin.domain.event import LocaleOrigin
from plugin.domain.money import Money
from plugin.platforms.shopify.api import REFUSALS
from tests.platforms.shopify.test_complete import BOTH, an_order, completed
from tests.support.platforms.shopify.admin import Reply, a_customer, data, failing, says
from tests.support.platforms.shopify.given import the_event

CUSTOMER = a_customer({"locale": "pt-BR", "email_marketing_consent": {"state": "SUBSCRIBED"}})


def test_a_customer_gets_their_locale_and_consent() -> None:
    event, admin = completed(the_event("customers/create", "customer_created"), CUSTOMER)

    assert event.contact is not None
    assert (event.locale.raw, event.locale.origin) == ("pt-BR", LocaleOrigin.CUSTOMER)
    assert event.contact.consent is Consent.SUBSCRIBED
    assert admin.questions[0]["variables"] == {"ids": ["gid://shopify/Customer/7001000000001"]}


@pytest.mark.parametrize("state", ["UNSUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "INVALID"])
def test_a_customer_who_did_not_agree_is_no_subscriber(state: str) -> None:
    reply = a_customer({"locale": None, "email_marketing_consent": {"state": state}})

    event, _ = completed(the_event("customers/create", "customer_created"), reply)

    assert event.contact is not None
    assert event.contact.consent is Consent.NOT_SUBSCRIBED
    assert event.locale.origin is LocaleOrigin.SHOP


@pytest.mark.parametrize("reply", [failing("ACCESS_DENIED"), a_customer(None)], ids=["forbidden", "gone"])
def test_a_customer_who_cannot_be_read_stays_as_the_webhook_told(reply: Reply) -> None:
    event = the_event("customers/create", "customer_created")

    answer, _ = completed(event, reply)

    assert (answer.contact, answer.locale) == (event.contact, event.locale)


def test_an_order_without_a_locale_gets_its_customer_s_and_their_consent_in_one_question() -> None:
    event, admin = completed(an_order(customer_locale=None, buyer_accepts_marketing=False), CUSTOMER, BOTH)

    assert event.contact is not None
    assert (event.locale.raw, event.contact.consent) == ("pt-BR", Consent.SUBSCRIBED)
    assert event.products[0].link
    assert len(admin.questions) == 2


LINE: dict[str, Any] = {
    "title": "Herbata", "variant_title": "Default Title", "quantity": 2, "sku": "H",
    "product": {"id": "8001000000002"}, "variant": {"id": "44001000000002"},
    "price_set": {"presentment_money": {"amount": "24.50", "currency_code": "PLN"}},
}  # fmt: skip
BUYER: dict[str, Any] = {
    "id": "7001000000001", "first_name": "Zofia", "last_name": "Przykładowa", "locale": "en",
    "email_address": {"text": "Zofia@example.com"}, "phone_number": None,
}  # fmt: skip
ORDER: dict[str, Any] = {
    "name": "#1027", "email": "", "phone": None, "customer_locale": "pl-PL", "buyer_accepts_marketing": True, "test": False,
    "source_name": "web", "cart_token": None, "checkout_token": "t1", "order_status_url": "https://demo.example/o/1",
    "customer": BUYER, "lines": {"nodes": [LINE]}, "billing_address": None,
    "shipping_address": {"first_name": "Ewa", "last_name": "X", "phone": "123 456 789", "country_code": "PL"},
}  # fmt: skip


def test_a_refund_learns_from_its_order_whom_to_write_to() -> None:
    event, admin = completed(the_event("refunds/create", "order_refunded"), data({"order": ORDER}), BOTH)

    assert event.contact is not None and event.basket is not None
    # The parcel went to Ewa, and so would a message to the number in its address.
    assert (event.contact.email, event.contact.phone, event.contact.name) == ("zofia@example.com", None, "Zofia Przykładowa")
    assert event.person == ("customer:7001000000001", "person:zofia@example.com")
    assert event.contact.consent is Consent.SUBSCRIBED
    assert (event.locale.raw, event.locale.origin) == ("pl-PL", LocaleOrigin.ORDER)
    assert event.basket.keys == ("checkout:t1", "order:5001000000001")
    assert (event.basket.order_number, event.basket.country, event.basket.channel) == ("#1027", "PL", "web")
    assert event.basket.order_link == "https://demo.example/o/1"
    assert [product.name for product in event.products] == ["Kubek z żubrem"]
    assert event.basket.total == Money(amount=Decimal("49.90"), currency="PLN")
    assert event.products[0].link
    assert admin.questions[0]["variables"] == {"id": "gid://shopify/Order/5001000000001"}


def test_a_refund_of_the_shipping_shows_the_order_s_lines() -> None:
    event, _ = completed(the_event("refunds/create", "order_refunded__shipping_only"), data({"order": ORDER}), BOTH)

    (product,) = event.products
    assert (product.id, product.variant_id, product.name, product.variant_name, product.quantity) == (
        "8001000000002", "44001000000002", "Herbata", "", 2,
    )  # fmt: skip
    assert product.price == Money(amount=Decimal("24.50"), currency="PLN")


@pytest.mark.parametrize(
    ("order", "raw", "origin"),
    [
        ({"customer_locale": None}, "en", LocaleOrigin.CUSTOMER),
        ({"customer_locale": None, "customer": None}, "en", LocaleOrigin.SHOP),
    ],
)
def test_a_refund_without_the_order_s_locale_takes_the_next_best(order: dict[str, Any], raw: str, origin: LocaleOrigin) -> None:
    event, _ = completed(the_event("refunds/create", "order_refunded"), data({"order": ORDER | order}), BOTH)

    assert (event.locale.raw, event.locale.origin) == (raw, origin)


def test_a_refund_of_a_test_order_is_a_test() -> None:
    event, _ = completed(the_event("refunds/create", "order_refunded"), data({"order": ORDER | {"test": True}}), BOTH)

    assert event.is_test


@pytest.mark.parametrize("reply", [data({"order": None}), failing("ACCESS_DENIED")], ids=["gone", "forbidden"])
def test_a_refund_whose_order_cannot_be_read_says_so(reply: Reply) -> None:
    event, _ = completed(the_event("refunds/create", "order_refunded"), reply, BOTH)

    assert event.contact is None
    assert event.partial in (REFUSALS[403], "Shopify no longer has this order.")


def test_a_refund_s_buyer_is_not_lost_for_want_of_a_picture() -> None:
    event, _ = completed(the_event("refunds/create", "order_refunded"), data({"order": ORDER}), failing("THROTTLED"))

    assert event.contact is not None
    assert event.partial == "Shopify asks for a pause."


def test_a_refund_whose_order_may_be_read_later_waits() -> None:
    with pytest.raises(TryAgain):
        completed(the_event("refunds/create", "order_refunded"), says(503, b""))
