"""The parcels of an order."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from plugin.domain.facts import Tracking
from plugin.domain.payload import Payload

from . import lines

NOT_SENT: Final = frozenset({"cancelled", "error", "failure"})  #: statuses of parcels that never left


def newest(order: Payload) -> Payload:
    """The last parcel that was sent; an empty one when the body lists none. Ids only grow."""
    return next(_sent(order), Payload({}, f"{order.path}.fulfillments"))


def tracking(order: Payload) -> tuple[Tracking, ...]:
    """How all that was sent is followed, the newest parcel first."""
    return tuple(one for parcel in _sent(order) for one in followed(parcel))


def followed(parcel: Payload) -> tuple[Tracking, ...]:
    """One for each number, with the address beside it; nothing where there is neither."""
    numbers = parcel.texts("tracking_numbers") or filter(None, (parcel.text("tracking_number"),))
    links = [lines.link(text) for text in parcel.texts("tracking_urls")] or [lines.link(parcel.text("tracking_url"))]
    pairs = zip_longest(numbers, links, fillvalue="")
    company = parcel.text("tracking_company")
    return tuple(Tracking(number=number, company=company, link=link) for number, link in pairs if number or link)


def _sent(order: Payload) -> Iterator[Payload]:
    sent = [one for one in order.objects("fulfillments") if one.text("status").lower() not in NOT_SENT]
    numbered = [(number, one) for one in sent if (number := one.whole("id")) and number > 0]
    return (one for _, one in sorted(numbered, key=lambda pair: pair[0], reverse=True))
