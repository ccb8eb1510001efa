"""Customers' accounts."""

from plugin.domain.event import LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop

from .consent import with_candidates
from .event_times import happened_at, partial
from .ids import primary_key
from .people import contact, locale


def customer_created(body: Payload, shop: Shop) -> Translation:
    """Somebody registered, or the shop's staff made an account."""
    return _translated(body, shop, EventKind.CUSTOMER_CREATED)


def customer_updated(body: Payload, shop: Shop) -> Translation:
    """An account's details changed."""
    return _translated(body, shop, EventKind.CUSTOMER_UPDATED)


def _translated(body: Payload, shop: Shop, kind: EventKind) -> Translation:
    user = body.required_object("user")
    addresses = (user.object("defaultBillingAddress"), user.object("defaultShippingAddress"))
    changed_at = user.text("updatedAt") or body.text("issuedAt")
    event = StoreEvent(
        kind=kind,
        object_id=primary_key(user.required_text("id")),
        version=changed_at if kind is EventKind.CUSTOMER_UPDATED else "",
        happened_at=happened_at(body, user),
        contact=with_candidates(contact(user.text("email"), user, *addresses), user),
        locale=locale(((user.text("languageCode"), LocaleOrigin.CUSTOMER),), shop),
        partial=partial(body),
    )
    return Translation(events=(event,))
