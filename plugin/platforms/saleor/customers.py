"""Customers' accounts."""

from plugin.domain.event import LocaleOrigin, StoreEvent
from plugin.domain.facts import NO_FACTS
from plugin.domain.kinds import EventKind
from plugin.domain.notice import PersonToForget, Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop

from .event_times import first_time, partial
from .history import with_history
from .ids import primary_key
from .languages import locale
from .people import account_holder


def customer_created(body: Payload, shop: Shop) -> Translation:
    """Somebody registered, or the shop's staff made an account."""
    return _translated(body, shop, EventKind.CUSTOMER_CREATED)


def customer_updated(body: Payload, shop: Shop) -> Translation:
    """An account's details changed."""
    return _translated(body, shop, EventKind.CUSTOMER_UPDATED)


def deleted(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001 the shape of a translator
    """Somebody deleted their account, or the shop's staff did: they are to be forgotten here too."""
    user = body.required_object("user")
    id = user.required_text("id")
    return Translation(notices=(PersonToForget(email=user.text("email"), customer_id=primary_key(id), marks=(id,)),))


def _translated(body: Payload, shop: Shop, kind: EventKind) -> Translation:
    user = body.required_object("user")
    who, is_new = account_holder(user), kind is EventKind.CUSTOMER_CREATED
    changed_at = user.text("updatedAt") or body.text("issuedAt")
    joined_at = user.when("dateJoined") if is_new else None
    event = StoreEvent(
        kind=kind,
        object_id=primary_key(user.required_text("id")),
        version="" if is_new else changed_at,
        happened_at=first_time(body, joined_at, user.when("updatedAt")),
        contact=who.contact,
        person=who.person,
        facts=with_history(NO_FACTS, user),
        locale=locale(((user.text("languageCode"), LocaleOrigin.CUSTOMER),), shop),
        # Merely signing in to the dashboard changes the account of one of the staff.
        no_letter=ReasonCode.STAFF if user.truth("isStaff") else None,
        partial=partial(body),
    )
    return Translation(events=(event,))
