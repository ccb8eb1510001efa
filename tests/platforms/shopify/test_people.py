"""Who an event is about, in which language, and whether they agreed to it."""

from typing import Any

import pytest

from plugin.domain.event import LocaleOrigin
from tests.support.platforms.shopify.given import the_event

ADDRESSES: dict[str, tuple[dict[str, Any], tuple[str | None, str | None]]] = {
    "the order's own": (
        {"email": "a@example.com", "contact_email": "b@example.com", "phone": "+48111222333"},
        ("a@example.com", "+48111222333"),
    ),
    "contact_email after an empty one": ({"email": "", "contact_email": "b@example.com"}, ("b@example.com", "+48123456789")),
    "the customer's last": ({"email": "", "contact_email": None}, ("zofia@example.com", "+48123456789")),
    "not an address": ({"email": "none", "contact_email": "", "customer": {"email": "none@"}}, (None, "+48123456789")),
    "the billing address's number": ({"shipping_address": [], "customer": None}, ("zofia@example.com", "+48123456789")),
    "the customer's usual address last": (
        {"shipping_address": None, "billing_address": ""},
        ("zofia@example.com", "+48123456789"),
    ),
    "no number anywhere": (
        {"shipping_address": None, "billing_address": "", "customer": None},
        ("zofia@example.com", None),
    ),
    "a number of the address's country": ({"phone": "123 456 700"}, ("zofia@example.com", "+48123456700")),
}


@pytest.mark.parametrize(("changed", "expected"), ADDRESSES.values(), ids=ADDRESSES)
def test_the_contact_of_an_order_is_found_in_this_order(
    changed: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    start = {"email": "zofia@example.com"}

    contact = the_event("orders/paid", "order_created", **(start | changed)).contact

    assert contact is not None
    assert (contact.email, contact.phone) == expected


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_an_order_with_no_address_anywhere_has_no_contact_and_asks_nothing(nothing: object) -> None:
    event = the_event(
        "orders/paid",
        "order_created",
        **dict.fromkeys(("email", "contact_email", "phone", "customer", "shipping_address", "billing_address"), nothing),
    )

    assert event.contact is None
    assert event.wants == ""


@pytest.mark.parametrize("raw", ["pt-BR", "zh-TW", "PT_br", "iw", "de-CH"])
def test_the_order_s_locale_is_kept_as_it_was_written(raw: str) -> None:
    locale = the_event("orders/paid", "order_created", customer_locale=raw).locale

    assert (locale.raw, locale.origin) == (raw, LocaleOrigin.ORDER)


@pytest.mark.parametrize(
    ("raw", "shown"), [("example string", "example string"), (17, "17"), ("und", "und"), ("x" * 900, "x" * 64)]
)
def test_what_nobody_can_read_is_shown_and_the_customer_s_asked(raw: object, shown: str) -> None:
    event = the_event("orders/paid", "order_created", customer_locale=raw)

    assert (event.locale.raw, event.locale.origin) == (shown, LocaleOrigin.ORDER)
    assert event.wants == "customer:7001000000001 products consent:7001000000001 history:7001000000001"


@pytest.mark.parametrize("raw", [None, "", " ", {"a": 1}])
def test_an_order_without_a_locale_has_the_shop_s_until_the_customer_s_is_asked(raw: object) -> None:
    event = the_event("orders/paid", "order_created", customer_locale=raw)

    assert (event.locale.raw, event.locale.origin) == ("en", LocaleOrigin.SHOP)
    assert event.wants == "customer:7001000000001 products consent:7001000000001 history:7001000000001"
