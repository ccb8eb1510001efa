"""The parcels of an order."""

from collections.abc import Iterator
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
    numbers = _column(parcel, "tracking_number")
    links = [lines.link(text) for text in _column(parcel, "tracking_url")]
    pairs = zip(numbers, links, strict=True) if len(numbers) == len(links) else _matched(numbers, links)
    company = parcel.text("tracking_company")
    return tuple(Tracking(number=number, company=company, link=link) for number, link in pairs if number or link)


def _column(parcel: Payload, name: str) -> list[str]:
    """All of these, empty places kept; the only one where no list says it."""
    listed = parcel.fields.get(f"{name}s")
    found = [Payload({"": one}, parcel.path).text("") for one in listed] if isinstance(listed, list) else []
    return found if any(found) else [parcel.text(name)]


def _matched(numbers: list[str], links: list[str]) -> Iterator[tuple[str, str]]:
    """Where some have no link, only what the links themselves say tells whose they are."""
    whose = {link: max((number for number in numbers if number and number in link), key=len, default="") for link in links}
    yield from ((number, next((link for link in links if whose[link] == number), "")) for number in numbers if number)
    yield from (("", link) for link in links if not whose[link])


def _sent(order: Payload) -> Iterator[Payload]:
    sent = [one for one in order.objects("fulfillments") if one.text("status").lower() not in NOT_SENT]
    numbered = [(number, one) for one in sent if (number := one.whole("id")) and number > 0]
    return (one for _, one in sorted(numbered, key=lambda pair: pair[0], reverse=True))
