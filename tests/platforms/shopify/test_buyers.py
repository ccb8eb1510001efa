"""The buyer is not whom a gift is sent to, nor the shop it is collected at."""

from typing import Any

import pytest

from plugin.domain.event import StoreEvent
from tests.support.platforms.shopify.given import the_event

ANNA: dict[str, Any] = {"first_name": "Anna", "last_name": "Nowak"}
EWA: dict[str, Any] = {"first_name": "Ewa", "last_name": "Inna", "phone": "+48 222 222 222", "country_code": "PL"}
SENT_TO_ANNA: dict[str, Any] = ANNA | {"phone": "+48 111 111 111", "country_code": "PL"}
CUSTOMER: dict[str, Any] = ANNA | {"id": 5, "email": "anna@example.com"}
PICK_UP: dict[str, Any] = {"shipping_lines": [{"code": "Warszawa", "delivery_category": "pick_up"}]}

ORDERS: dict[str, tuple[dict[str, Any], tuple[str | None, str]]] = {
    "a gift": ({"customer": CUSTOMER, "shipping_address": EWA}, (None, "Anna Nowak")),
    "a gift, with a billing address": (
        {"customer": CUSTOMER, "billing_address": SENT_TO_ANNA, "shipping_address": EWA}, ("+48111111111", "Anna Nowak"),
    ),
    "a guest's gift": ({"billing_address": ANNA, "shipping_address": EWA}, (None, "Anna Nowak")),
    "sent home": ({"customer": CUSTOMER, "shipping_address": SENT_TO_ANNA}, ("+48111111111", "Anna Nowak")),
    "sent home, written otherwise": (
        {"customer": CUSTOMER, "shipping_address": SENT_TO_ANNA | {"first_name": " ANNA ", "last_name": "nowak "}},
        ("+48111111111", "Anna Nowak"),
    ),
    "sent to who pays": (
        {"customer": CUSTOMER, "billing_address": EWA | {"phone": None}, "shipping_address": EWA},
        ("+48222222222", "Anna Nowak"),
    ),
    "a guest who gave one name": ({"shipping_address": EWA}, (None, "Ewa Inna")),
    "a guest, collecting it": ({"shipping_address": EWA, **PICK_UP}, (None, "")),
    "a guest who gave no name": ({"shipping_address": EWA | dict.fromkeys(ANNA)}, (None, "")),
    "collected by its buyer": ({"customer": CUSTOMER, "shipping_address": SENT_TO_ANNA, **PICK_UP}, (None, "Anna Nowak")),
    "at the till": (
        {"shipping_address": EWA, "billing_address": {"phone": "+48 333 333 333"}, "source_name": "pos"}, (None, ""),
    ),
    "a customer whose usual address is a friend's": ({"customer": CUSTOMER | {"default_address": EWA}}, (None, "Anna Nowak")),
    "a customer with an address": ({"customer": CUSTOMER | {"default_address": SENT_TO_ANNA}}, ("+48111111111", "Anna Nowak")),
}  # fmt: skip
BLANK: dict[str, Any] = dict.fromkeys(("phone", "customer", "billing_address", "shipping_address", "shipping_lines"))
MAIL = {"email": "anna@example.com", "contact_email": None}


def the_buyer(event: StoreEvent) -> tuple[str | None, str]:
    assert event.contact
    assert event.contact.email == "anna@example.com"
    return event.contact.phone, event.contact.name


@pytest.mark.parametrize(("body", "expected"), ORDERS.values(), ids=ORDERS)
def test_an_order_s_buyer_is_nobody_else(body: dict[str, Any], expected: tuple[str | None, str]) -> None:
    event = the_event("orders/create", "order_created", **(BLANK | MAIL | body))

    assert the_buyer(event) == expected
    assert [name for name in event.person if "+" in name] == ([f"person:{expected[0]}"] if expected[0] else [])


@pytest.mark.parametrize(("body", "expected"), ORDERS.values(), ids=ORDERS)
def test_a_checkout_s_buyer_is_nobody_else(body: dict[str, Any], expected: tuple[str | None, str]) -> None:
    event = the_event("checkouts/update", "cart_updated", **(BLANK | MAIL | {"sms_marketing_phone": None} | body))

    assert the_buyer(event) == expected


def test_a_customer_s_number_is_not_their_friend_s() -> None:
    body = {"email": "anna@example.com", "phone": None, **ANNA}

    friend_s = the_event("customers/create", "customer_created", **body, default_address=EWA)
    own = the_event("customers/create", "customer_created", **body, default_address=SENT_TO_ANNA)

    assert (the_buyer(friend_s), the_buyer(own)) == ((None, "Anna Nowak"), ("+48111111111", "Anna Nowak"))


def test_a_number_is_read_as_one_of_its_own_address_s_country() -> None:
    """A gift to London does not move the buyer's Warsaw number there."""
    event = the_event("orders/create", "order_created__gift")

    assert event.contact
    assert event.contact.phone == "+48123456789"


def test_a_person_is_every_name_a_body_gives() -> None:
    body = {
        "email": "anna@example.com", "contact_email": "office@example.com", "phone": "+48444444444",
        "customer": CUSTOMER | {"email": "old@example.com", "phone": "+48555555555"},
        "billing_address": SENT_TO_ANNA, "shipping_address": EWA,
    }  # fmt: skip

    assert the_event("orders/create", "order_created", **body).person == (
        "customer:5", "person:anna@example.com", "person:office@example.com", "person:old@example.com",
        "person:+48444444444", "person:+48555555555", "person:+48111111111",
    )  # fmt: skip


@pytest.mark.parametrize("source", ["subscription_contract", "subscription_contract_checkout_one"])
def test_a_renewal_says_nothing_of_its_person(source: str) -> None:
    event = the_event("orders/create", "order_created", source_name=source, checkout_token=None, cart_token=None)

    assert event.contact and event.basket
    assert (event.person, event.basket.keys) == ((), ("order:5001000000001",))
