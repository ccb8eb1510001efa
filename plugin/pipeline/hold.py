"""Fourth stage: a cart waits to be called abandoned; what ends its wait, and why it is not reminded of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from plugin.domain.carts import Purchase, is_settled_by
from plugin.domain.contact import Contact
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.routing import Route
from plugin.ports import EndTimers, PurchaseHistory, SetTimer, StoredEvent

AFTER_LATE_ARRIVAL: Final = timedelta(minutes=5)  #: what follows a webhook that came too late may be on its way, too

# Orders nobody came to the store for.
NOT_BOUGHT: Final = (ReasonCode.IMPORTED, ReasonCode.REPLACEMENT, ReasonCode.DRAFT)


def purchases(translation: Translation) -> tuple[Purchase, ...]:
    """What is bought, by this webhook. Known at once, before any look-up, so that no reminder overtakes its order."""
    found = [_purchase(event) for event in translation.events if _is_of_an_order(event) and event.no_letter not in NOT_BOUGHT]
    return (*translation.bought, *(purchase for purchase in found if purchase))


def timers(stored: StoredEvent, event: StoreEvent) -> tuple[SetTimer | EndTimers, ...]:
    """What a cart's event does to the carts that wait."""
    if event.basket is None or not KINDS[event.kind].starts_timer:
        return ()
    if not event.basket.products:
        return (EndTimers(keys=event.basket.keys, at=event.happened_at, code=ReasonCode.EMPTIED),)
    route = stored.settings.table.routes.get(EventKind.CART_ABANDONED)
    if route is None or not route.enabled or event.no_letter:
        return ()
    wait = timedelta(minutes=route.wait_minutes)
    is_late = event.happened_at + wait <= stored.created_at
    return (
        SetTimer(
            keys=event.basket.keys,
            people=people_of(event),
            wait=wait,
            not_before=stored.created_at + AFTER_LATE_ARRIVAL if is_late else None,
            # A storefront's cart knows nobody, but who still changes it has not left.
            only_moves=event.contact is None,
        ),
    )


def abandoned(event: StoreEvent, *, changed_at: datetime | None = None, why_not: ReasonCode | None = None) -> StoreEvent:
    """The event a cart becomes when its wait is over: it leaves, or says in the log why none does."""
    happened_at = max(changed_at or event.happened_at, event.happened_at)
    version = happened_at.astimezone(UTC).isoformat()
    return replace(event, kind=EventKind.CART_ABANDONED, version=version, happened_at=happened_at, no_letter=why_not)


def was_bought(event: StoreEvent, shop_id: int, seen: PurchaseHistory) -> bool:
    """Whether this very basket was bought or, for a reminder, its person bought anything since they began it."""
    if event.basket is None:
        return False
    if seen.bought_at(shop_id, event.basket.keys):
        return True
    if event.kind is not EventKind.CART_ABANDONED:
        return False
    placed_at = seen.bought_at(shop_id, people_of(event))
    begun_at = event.begun_at or event.happened_at
    return placed_at is not None and is_settled_by(placed_at, begun_at=begun_at, changed_at=event.happened_at)


def why_no_reminder(
    event: StoreEvent, shop_id: int, route: Route, seen: PurchaseHistory, *, event_id: int, now: datetime
) -> ReasonCode | None:
    """Why this cart is not reminded of, by what is known now; asked when it rings, and again until its reminder leaves.

    `event_id` is the reminder's own, 0 before there is one: what it did itself does not speak against it.
    """
    if was_bought(event, shop_id, seen):
        return ReasonCode.BOUGHT
    if now - event.happened_at > oldest(route):
        return ReasonCode.TOO_OLD
    keys = event.basket.keys if event.basket else ()
    reminded_at = seen.reminded_at(shop_id, people_of(event), besides=event_id)
    is_lately = reminded_at is not None and now < reminded_at + timedelta(hours=route.window_hours)
    return ReasonCode.REMINDED if is_lately or seen.reminded_at(shop_id, keys, besides=event_id) else None


def oldest(route: Route) -> timedelta:
    """How long a cart may have been quiet; a long wait alone makes none too old."""
    return max(timedelta(hours=route.oldest_hours), timedelta(minutes=route.wait_minutes) + timedelta(hours=1))


def people_of(event: StoreEvent) -> tuple[str, ...]:
    """Every name of the event's buyer; rows of before bodies were read for all of them have only the address."""
    return event.person or person_keys(event.contact)


def person_keys(contact: Contact | None) -> tuple[str, ...]:
    """The names a person goes by; the storage keeps only keyed hashes of them."""
    if contact is None:
        return ()
    return tuple(f"person:{address}" for address in (contact.email, contact.phone) if address)


def _is_of_an_order(event: StoreEvent) -> bool:
    return KINDS[event.kind].family is Family.ORDER


def _purchase(event: StoreEvent) -> Purchase | None:
    """Whatever happens to an order proves that it was placed, and when; one that is only paid now is no new visit."""
    placed_at = event.begun_at or event.placed_at or (event.happened_at if event.kind is EventKind.ORDER_CREATED else None)
    if event.basket is None or not (placed_at or KINDS[event.kind].is_purchase):
        return None
    return Purchase(keys=event.basket.keys, people=event.person, placed_at=placed_at)
