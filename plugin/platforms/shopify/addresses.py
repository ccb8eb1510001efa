"""Which addresses of a body are the buyer's: a gift goes to somebody else, and a pick-up point is nobody's home."""

import re
from collections.abc import Collection
from typing import Final
from unicodedata import normalize

from plugin.domain.facts import Address
from plugin.domain.payload import Payload

_COLLECTED: Final = re.compile(r"pick[\s_-]?up|click[\s_-]*(&|and)[\s_-]*collect", re.IGNORECASE)
TILL: Final = "pos"  #: the source name of Shopify's point of sale


def own(body: Payload) -> tuple[Payload, ...]:
    """The buyer's own addresses in an order or a checkout, the surest first."""
    customer, billing, shipping = (body.object(name) for name in ("customer", "billing_address", "shipping_address"))
    is_at_till = body.text("source_name") == TILL
    names = {full_name(customer), full_name(billing)} - {""}
    billed = () if is_at_till and not full_name(billing) else (billing,)
    sent = (shipping,) if full_name(shipping) in names and not _is_collected(body) else ()
    return (*billed, *sent, *own_of_customer(customer, names))


def named(body: Payload) -> tuple[Payload, ...]:
    """Where the buyer's name may stand: of a guest who is not billed yet only the parcel's is known.

    To call the buyer by it is right for all but gifts; to take its number for theirs would write to somebody else.
    """
    is_nobodys = body.text("source_name") == TILL or _is_collected(body)
    return (*own(body), *(() if is_nobodys else (body.object("shipping_address"),)))


def own_of_customer(customer: Payload, names: Collection[str] = ()) -> tuple[Payload, ...]:
    """The customer's usual address, which may be that of whom they once sent a gift to."""
    usual = customer.object("default_address")
    known = ({full_name(customer)} - {""}) or names
    return (usual,) if not known or full_name(usual) in known else ()


def sent_to(body: Payload) -> Address | None:
    """Where it goes; None for what is collected, and where nobody said."""
    place = body.object("shipping_address")
    told = Address(
        street=", ".join(filter(None, (place.text("address1"), place.text("address2")))),
        city=place.text("city"),
        zip=place.text("zip"),
        country=place.text("country") or place.text("country_code"),
    )
    return None if told == Address() or _is_collected(body) else told


def full_name(place: Payload) -> str:
    """A person's name for comparing, "" where there is none."""
    parts = f"{place.text('first_name')} {place.text('last_name')}".split() or place.text("name").split()
    return normalize("NFC", " ".join(parts).casefold())


def _is_collected(body: Payload) -> bool:
    """Whether the shipping address is that of a shop or a pick-up point."""
    places = (*body.objects("shipping_lines"), body.object("shipping_line"), body.object("delivery_method"))
    words = ("delivery_category", "method_type", "code", "source", "title")
    return any(_COLLECTED.search(place.text(word)) for place in places for word in words)
