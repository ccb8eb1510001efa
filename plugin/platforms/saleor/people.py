"""Who an event is about: Saleor keeps a buyer in several places, and other people beside."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from plugin.domain.contact import Contact, person_names, tidy_contact
from plugin.domain.payload import Payload

from .consent import with_candidates
from .ids import primary_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A buyer, as far as one body tells."""

    contact: Contact | None
    person: tuple[str, ...]  #: every name of theirs


def buyer(basket: Payload, email: str) -> Who:
    """Whose order or checkout it is; what was typed at the checkout (`email`) comes before the account's."""
    # Click and collect: Saleor writes the pick-up point's address there, its phone too.
    shipping = Payload({}, basket.path) if is_picked_up(basket) else basket.object("shippingAddress")
    return _who(email, basket.object("user"), basket.object("billingAddress"), shipping, says_first=basket)


def account_holder(user: Payload) -> Who:
    """Whose account it is."""
    return _who("", user, user.object("defaultBillingAddress"), user.object("defaultShippingAddress"))


def destination(basket: Payload) -> str:
    """The ISO 3166 code of the country an order or checkout goes to; of the buyer's own where they fetch it."""
    shipping, billing = basket.object("shippingAddress"), basket.object("billingAddress")
    return _country(billing, shipping) if is_picked_up(basket) else _country(shipping, billing)


def _who(email: str, user: Payload, billing: Payload, shipping: Payload, *, says_first: Payload | None = None) -> Who:
    """Phones stand on addresses only; of consent an order or checkout says more than its account (`says_first`)."""
    addresses = (billing, shipping) if _are_one_persons(shipping, billing, user) else (billing,)
    # A guest who is not billed yet has no other name than the parcel's; the number there may be somebody else's.
    names = (billing, user, *(() if any(map(any, (_name(billing), _name(user)))) else (shipping,)))
    emails = (email, user.text("email"))
    phones = tuple(address.text("phone") for address in addresses)
    country = _country(*addresses)
    contact = tidy_contact(
        emails=emails,
        phones=phones,
        country=country,
        first_name=_first(name.text("firstName") for name in names),
        last_name=_first(name.text("lastName") for name in names),
    )
    return Who(
        contact=with_candidates(contact, *((says_first, user) if says_first else (user,))),
        person=person_names(customer_id=primary_key(user.text("id")), emails=emails, phones=phones, country=country),
    )


def _are_one_persons(shipping: Payload, *buyers: Payload) -> bool:
    """Whether a parcel goes to the buyer; to anybody else it is a gift, and nobody asked the recipient."""
    name = _name(shipping)
    return any(name) and name in [_name(other) for other in buyers]


def _name(thing: Payload) -> tuple[str, str]:
    first, last = (unicodedata.normalize("NFKC", thing.text(word)).casefold() for word in ("firstName", "lastName"))
    return " ".join(first.split()), " ".join(last.split())


def is_picked_up(basket: Payload) -> bool:
    """Whether the buyer fetches it: the shipping address is then the pick-up point's."""
    is_warehouse = basket.object("deliveryMethod").text("__typename") == "Warehouse"
    return is_warehouse or bool(basket.text("collectionPointName"))


def _country(*addresses: Payload) -> str:
    return _first(address.object("country").text("code") for address in addresses)


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
