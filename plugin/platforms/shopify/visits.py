"""Where a buyer came from: the campaign in the address they came by."""

from typing import Final, TypedDict
from urllib.parse import unquote_plus

from plugin.domain.payload import Payload

MOST_PARTS: Final = 200  #: of one query that are looked at


class Campaign(TypedDict):
    """The facts of an event that a campaign names."""

    utm_source: str
    utm_medium: str
    utm_campaign: str


def campaign(body: Payload) -> Campaign:
    """All of one visit: the address by which the shop was entered, or what the storefront wrote into the cart.

    Not the referring page: a campaign in its address is somebody else's.
    """
    written = {one.text("name").lower(): one.fields.get("value") for one in body.objects("note_attributes")}
    visits = (_query(body.text("landing_site")), Payload(written, f"{body.path}.note_attributes"))
    return next((told for told in map(_told, visits) if any(told.values())), _told(Payload({}, body.path)))


def _told(visit: Payload) -> Campaign:
    return Campaign(
        utm_source=visit.text("utm_source"), utm_medium=visit.text("utm_medium"), utm_campaign=visit.text("utm_campaign")
    )


def _query(address: str) -> Payload:
    """The first of each name; never raises."""
    query = address.partition("#")[0].partition("?")[2]
    said: dict[str, str] = {}
    for part in query.split("&", MOST_PARTS)[:MOST_PARTS]:
        name, _, value = part.partition("=")
        said.setdefault(name.lower(), unquote_plus(value))
    return Payload(said, "landing_site")
