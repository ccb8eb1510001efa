"""Who a webhook is about: the first usable address of many places."""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from plugin.domain.contact import Contact, tidy_contact
from plugin.domain.payload import Payload

from . import consent


def of_order(order: Payload) -> Contact | None:
    """The order's own address before the customer's: the merchant may have corrected it, or a gift's buyer differs."""
    customer, addresses = order.object("customer"), _addresses(order)
    person = tidy_contact(
        emails=(order.text("email"), order.text("contact_email"), customer.text("email")),
        phones=_phones(order, customer, *addresses),
        country=country_of(*addresses, customer.object("default_address")),
        **_names(customer, *reversed(addresses), customer.object("default_address")),
    )
    return consent.of_order(person, order)


def of_checkout(checkout: Payload) -> Contact | None:
    """None until the buyer has typed an address: most checkouts begin without one."""
    customer, addresses = checkout.object("customer"), _addresses(checkout)
    person = tidy_contact(
        emails=(checkout.text("email"), customer.text("email")),
        phones=(
            checkout.text("phone"),
            checkout.text("sms_marketing_phone"),
            *_phones(customer, *addresses),
        ),
        country=country_of(*addresses, customer.object("default_address")),
        **_names(customer, *reversed(addresses), customer.object("default_address")),
    )
    return consent.of_checkout(person, checkout)


def of_customer(customer: Payload) -> Contact | None:
    address = customer.object("default_address")
    person = tidy_contact(
        emails=(customer.text("email"),),
        phones=_phones(customer, address),
        country=country_of(address),
        **_names(customer, address),
    )
    return consent.of_customer(person, customer)


def country_of(*addresses: Payload) -> str:
    """The first country code, "" without any; some bodies write it where the country's name should stand."""
    texts = (address.text(name) for address in addresses for name in ("country_code", "country"))
    return next((text.upper() for text in texts if len(text) == 2 and text.isascii() and text.isalpha()), "")


def basket_country(body: Payload) -> str:
    return country_of(*_addresses(body))


def customer_id(body: Payload) -> str:
    """The number of the order's or checkout's customer, "" for a guest."""
    number = body.object("customer").whole("id")
    return str(number) if number and number > 0 else ""


def _addresses(body: Payload) -> Sequence[Payload]:
    return body.object("shipping_address"), body.object("billing_address")


def _phones(*places: Payload) -> Iterable[str]:
    return tuple(place.text("phone") for place in places)


class _Names(TypedDict):
    first_name: str
    last_name: str


def _names(*places: Payload) -> _Names:
    """Both names from the first place that has one, so that no two people are mixed."""
    pairs = (_Names(first_name=place.text("first_name"), last_name=place.text("last_name")) for place in places)
    return next((pair for pair in pairs if any(pair.values())), _Names(first_name="", last_name=""))
