"""Fourth stage: a cart waits to be called abandoned; a purchase ends the wait."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from plugin.domain.contact import Contact
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.routing import RouteTable
from plugin.ports import EndTimers, PurchaseHistory, SetTimer


def purchases(events: Iterable[StoreEvent]) -> tuple[EndTimers, ...]:
    """The waits these events end. Known at once, before any look-up, so that no reminder overtakes its order."""
    return tuple(
        EndTimers(keys=event.basket.keys + event.person, bought_at=event.happened_at)
        for event in events
        if KINDS[event.kind].is_purchase and event.basket and event.no_letter is None
    )


def timers(event: StoreEvent, table: RouteTable, *, now: datetime) -> tuple[SetTimer | EndTimers, ...]:
    """What a cart's event does to the carts that wait."""
    if event.basket is None or not KINDS[event.kind].starts_timer:
        return ()
    if not event.basket.products:
        return (EndTimers(keys=event.basket.keys, bought_at=None),)
    route = table.routes.get(EventKind.CART_ABANDONED)
    if route is None or not route.enabled or event.no_letter:
        return ()
    due_at = max(event.happened_at + timedelta(minutes=route.wait_minutes), now)
    keys = event.basket.keys + person_keys(event.contact)[:1]
    # A storefront's cart knows nobody, but who still changes it has not left.
    return (SetTimer(keys=keys, due_at=due_at, only_moves=event.contact is None),)


def abandoned(event: StoreEvent) -> StoreEvent:
    """The event a cart becomes when it was quiet long enough: once for each checkout."""
    return replace(event, kind=EventKind.CART_ABANDONED, version="")


def was_bought(event: StoreEvent, shop_id: int, seen: PurchaseHistory) -> bool:
    """Whether this very basket was bought, or its person bought anything since."""
    if event.basket is None:
        return False
    if seen.bought_at(shop_id, event.basket.keys):
        return True
    if event.kind is not EventKind.CART_ABANDONED:
        return False
    bought_at = seen.bought_at(shop_id, event.person or person_keys(event.contact))
    return bought_at is not None and bought_at >= event.happened_at


def person_keys(contact: Contact | None) -> tuple[str, ...]:
    """The names a person goes by; the storage keeps only keyed hashes of them."""
    if contact is None:
        return ()
    return tuple(f"person:{address}" for address in (contact.email, contact.phone) if address)
