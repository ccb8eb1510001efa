"""Where a buyer came from: the campaign in the address they came by."""

from typing import Final, TypedDict
from urllib.parse import unquote_plus

from plugin.domain.payload import LONGEST_TEXT, Payload

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
    visits = (_query(body), Payload(written, f"{body.path}.note_attributes"))
    return next((told for told in map(_told, visits) if any(told.values())), _told(Payload({}, body.path)))


def _told(visit: Payload) -> Campaign:
    return Campaign(
        utm_source=visit.text("utm_source"), utm_medium=visit.text("utm_medium"), utm_campaign=visit.text("utm_campaign")
    )


def _query(body: Payload) -> Payload:
    """The first of each name that has a value, of what is whole; never raises."""
    address, written = body.text("landing_site"), body.fields.get("landing_site")
    parts = address.partition("#")[0].partition("?")[2].split("&", MOST_PARTS)[:MOST_PARTS]
    if isinstance(written, str) and len(written) > LONGEST_TEXT:
        del parts[-1]
    said: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition("=")
        if value:
            said.setdefault(unquote_plus(name).lower(), unquote_plus(value))
    return Payload(said, "landing_site")
