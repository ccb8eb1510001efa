"""Who a webhook is about: the first usable address of many places."""

from collections.abc import Iterable, Sequence
from typing import Final, TypedDict

from plugin.domain.contact import Contact, person_names, tidy_contact
from plugin.domain.payload import Payload

from . import addresses, consent, lines

# Shopify's own name for orders that a subscription made; also subscription_contract_checkout_one.
RENEWAL: Final = "subscription_contract"


def of_order(order: Payload) -> Contact | None:
    """The order's own address before the customer's: the merchant may have corrected it, or a gift's buyer differs."""
    person = tidy_contact(
        emails=_order_emails(order),
        phones=_order_phones(order),
        **_names(order.object("customer"), *addresses.named(order)),
    )
    return consent.of_order(person, order)


def of_checkout(checkout: Payload) -> Contact | None:
    """None until the buyer has typed an address: most checkouts begin without one."""
    person = tidy_contact(
        emails=_checkout_emails(checkout),
        phones=_checkout_phones(checkout),
        **_names(checkout.object("customer"), *addresses.named(checkout)),
    )
    return consent.of_checkout(person, checkout)


def of_customer(customer: Payload) -> Contact | None:
    person = tidy_contact(
        emails=(customer.text("email"),),
        phones=_customer_phones(customer),
        **_names(customer, *addresses.own_of_customer(customer)),
    )
    return consent.of_customer(person, customer)


def names_of_order(order: Payload) -> tuple[str, ...]:
    """Every name an order gives its buyer; none when a subscription renewed itself, which shows nobody coming back."""
    if order.text("source_name").startswith(RENEWAL):
        return ()
    return person_names(customer_id=customer_id(order), emails=_order_emails(order), phones=_order_phones(order))


def names_of_checkout(checkout: Payload) -> tuple[str, ...]:
    emails, phones = _checkout_emails(checkout), _checkout_phones(checkout)
    return person_names(customer_id=customer_id(checkout), emails=emails, phones=phones)


def names_of_customer(customer: Payload) -> tuple[str, ...]:
    number = lines.number(customer, "id")
    return person_names(customer_id=number, emails=(customer.text("email"),), phones=_customer_phones(customer))


def country_of(*addresses: Payload) -> str:
    """The first country code, "" without any; some bodies write it where the country's name should stand."""
    texts = (address.text(name) for address in addresses for name in ("country_code", "country"))
    return next((text.upper() for text in texts if len(text) == 2 and text.isascii() and text.isalpha()), "")


def basket_country(body: Payload) -> str:
    return country_of(body.object("shipping_address"), body.object("billing_address"))


def customer_id(body: Payload) -> str:
    """The number of the order's or checkout's customer, "" for a guest."""
    return lines.number(body.object("customer"), "id")


def _order_emails(order: Payload) -> tuple[str, ...]:
    return order.text("email"), order.text("contact_email"), order.object("customer").text("email")


def _checkout_emails(checkout: Payload) -> tuple[str, ...]:
    return checkout.text("email"), checkout.object("customer").text("email")


def _order_phones(order: Payload) -> tuple[str, ...]:
    said = (order.text("phone"), order.object("customer").text("phone"))
    return _phones(said, addresses.own(order), basket_country(order))


def _checkout_phones(checkout: Payload) -> tuple[str, ...]:
    said = (checkout.text("phone"), checkout.text("sms_marketing_phone"), checkout.object("customer").text("phone"))
    return _phones(said, addresses.own(checkout), basket_country(checkout))


def _customer_phones(customer: Payload) -> tuple[str, ...]:
    return _phones(
        (customer.text("phone"),), addresses.own_of_customer(customer), country_of(customer.object("default_address"))
    )


def _phones(said: Iterable[str], places: Sequence[Payload], country: str) -> tuple[str, ...]:
    """The usable numbers in international form, each read as one of its address's country, the others as the buyer's."""
    usual = country_of(*places) or country
    numbers = [(text, usual) for text in said] + [(place.text("phone"), country_of(place) or usual) for place in places]
    found = (tidy_contact(emails=(), phones=(text,), country=where) for text, where in numbers if text)
    return tuple(contact.phone for contact in found if contact and contact.phone)


class _Names(TypedDict):
    first_name: str
    last_name: str


def _names(*places: Payload) -> _Names:
    """Both names from the first place that has one, so that no two people are mixed."""
    pairs = (_Names(first_name=place.text("first_name"), last_name=place.text("last_name")) for place in places)
    return next((pair for pair in pairs if any(pair.values())), _Names(first_name="", last_name=""))
