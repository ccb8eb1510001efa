"""When something happened, and whether all of it was told."""

from datetime import datetime

from plugin.domain.payload import Payload


def happened_at(body: Payload, thing: Payload) -> datetime:
    """The event's own time. Bodies are built later from what is true then, so the object's times come second."""
    return body.when("issuedAt") or thing.when("updatedAt") or thing.when("created") or body.required_when("issuedAt")


def partial(body: Payload) -> str:
    """What to say when Saleor left fields out. Its own words may quote data, so they are not repeated."""
    if not body.fields.get("errors"):
        return ""
    return "Saleor left some fields out; the app may lack a permission (orders, checkouts, users)."
