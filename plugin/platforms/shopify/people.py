"""Who a webhook is about: the first usable address of many places."""

from collections.abc import Iterable, Sequence
from typing import Final

from plugin.domain.contact import Consent, Contact, tidy_contact
from plugin.domain.payload import Payload

# Written in the customer's marketing state since 2022; taken out of webhooks with API version 2025-01.
# "pending" has not confirmed yet, so it is no consent.
CONSENT: Final = {
    "subscribed": Consent.SUBSCRIBED,
    "not_subscribed": Consent.NOT_SUBSCRIBED,
    "unsubscribed": Consent.NOT_SUBSCRIBED,
    "pending": Consent.NOT_SUBSCRIBED,
    "invalid": Consent.NOT_SUBSCRIBED,
}


def of_order(order: Payload) -> Contact | None:
    """The order's own address before the customer's: the merchant may have corrected it, or a gift's buyer differs."""
    customer, addresses = order.object("customer"), _addresses(order)
    return tidy_contact(
        emails=(order.text("email"), order.text("contact_email"), customer.text("email")),
        phones=_phones(order, customer, *addresses),
        country=country_of(*addresses, customer.object("default_address")),
        consent=consent(order, customer),
        **_names(customer, *reversed(addresses), customer.object("default_address")),
    )


def of_checkout(checkout: Payload) -> Contact | None:
    """None until the buyer has typed an address: most checkouts begin without one."""
    customer, addresses = checkout.object("customer"), _addresses(checkout)
    return tidy_contact(
        emails=(checkout.text("email"), customer.text("email")),
        phones=(
            checkout.text("phone"),
            checkout.text("sms_marketing_phone"),
            *_phones(customer, *addresses),
        ),
        country=country_of(*addresses, customer.object("default_address")),
        consent=consent(checkout, customer),
        **_names(customer, *reversed(addresses), customer.object("default_address")),
    )


def of_customer(customer: Payload) -> Contact | None:
    address = customer.object("default_address")
    return tidy_contact(
        emails=(customer.text("email"),),
        phones=_phones(customer, address),
        country=country_of(address),
        consent=consent(customer, customer),
        **_names(customer, address),
    )


def consent(body: Payload, customer: Payload) -> Consent:
    """Whether they agreed to marketing: what the buyer ticked, else what older bodies say of the customer."""
    for said in (body.fields.get("buyer_accepts_marketing"), customer.fields.get("accepts_marketing")):
        if isinstance(said, bool):
            return Consent.SUBSCRIBED if said else Consent.NOT_SUBSCRIBED
    return CONSENT.get(customer.object("email_marketing_consent").text("state").lower(), Consent.UNKNOWN)


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


def _names(*places: Payload) -> dict[str, str]:
    """Both names from the first place that has one, so that no two people are mixed."""
    pairs = ({"first_name": place.text("first_name"), "last_name": place.text("last_name")} for place in places)
    return next((pair for pair in pairs if any(pair.values())), {"first_name": "", "last_name": ""})
