"""Between translating and routing: what was told of the same thing before decides what an event may still say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.locale import parse
from plugin.domain.money import Money
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.reasons import no_letter
from plugin.domain.routing import RouteTable
from plugin.domain.settings import StoreFacts
from plugin.domain.states import EventState
from plugin.ports import KnownEvent, PurchaseHistory, StoredEvent

LONGEST_WAIT: Final = timedelta(seconds=30)  #: an order's later events leave then, whatever is still on its way
NEW_ORDER: Final = timedelta(minutes=10)  #: of an older order nothing is on its way any more
SHORTEST_STEP: Final = timedelta(milliseconds=100)  #: between two looks
LONGEST_STEP: Final = timedelta(seconds=2)

Kinds = tuple[EventKind, ...]
States = tuple[EventState, ...]

TOLD: Final = (EventState.PLANNED, EventState.HELD)
DONE: Final = (*TOLD, EventState.SKIPPED)

_PARCELS: Final[tuple[Kinds, States]] = ((EventKind.ORDER_PARTIALLY_FULFILLED,), (*DONE, EventState.NEW))

# What a parcel is that completed its order: the order's own event tells it, unless nobody wanted it told.
COMPLETED: Final = (ReasonCode.TOLD_ELSEWHERE, ReasonCode.NOT_NOTIFIED)


def awaited_until(stored: StoredEvent, event: StoreEvent, seen: PurchaseHistory, *, now: datetime) -> datetime | None:
    """When to look again whether what should be told first is told; None when there is nothing to wait for any more."""
    end = stored.created_at + LONGEST_WAIT
    kinds = [kind for kind in event.awaits if _is_on_its_way(kind, event, stored)] if now < end else []
    if not kinds:
        return None
    if all(_is_told(kind, event, stored.shop.id, seen) for kind in kinds):
        return None
    step = min(max(now - stored.created_at, SHORTEST_STEP), LONGEST_STEP)
    return min(now + step, end)


def related(stored: StoredEvent, event: StoreEvent, seen: PurchaseHistory) -> StoreEvent:
    """The event with what only its order's other events know: what this refund gave, whether the buyer is to be told."""
    if is_no_letter(event, stored.settings.store):
        return event
    return _with_refund(stored.id, _as_its_parcel(stored.shop.id, event, seen), stored.shop.id, seen)


def is_no_letter(event: StoreEvent, store: StoreFacts) -> bool:
    """Whether it is no occasion for a letter in this shop: a merchant may want to tell sales of long ago, too."""
    is_wanted = event.no_letter is ReasonCode.IMPORTED and store.old_orders
    return event.no_letter is not None and not is_wanted


def depends_on_others(stored: StoredEvent, event: StoreEvent) -> bool:
    """Whether `related` may make another event of it once more is known."""
    return not is_no_letter(event, stored.settings.store) and (
        _is_to_be_reckoned(event) or EventKind.ORDER_PARTIALLY_FULFILLED in event.awaits
    )


def unchanged(event: StoreEvent, shop_id: int, seen: PurchaseHistory) -> Skip | None:
    """Why this state is not told: it would say what was said last."""
    if not KINDS[event.kind].is_snapshot:
        return None
    told = seen.known(shop_id, event.object_id, *_of_states(event.kind))
    last = next((one.event for one in told if one.event and one.event.happened_at <= event.happened_at), None)
    return no_letter(ReasonCode.UNCHANGED, event.kind) if last and _says(last) == _says(event) else None


def what_is_asked(event: StoreEvent) -> Sequence[tuple[Kinds, States]]:
    """What is asked of the events of the same object while this one is planned; it may be read in advance."""
    asked = []
    if KINDS[event.kind].is_snapshot:
        asked.append(_of_states(event.kind))
    if EventKind.ORDER_PARTIALLY_FULFILLED in event.awaits:
        asked.append(_PARCELS)
    if _is_to_be_reckoned(event):
        asked.append(((event.kind,), DONE))
    return asked


def _of_states(kind: EventKind) -> tuple[Kinds, States]:
    """The events that told a state before."""
    first = KINDS[kind].begins_as
    return (kind, first) if first else (kind,), TOLD


def _is_to_be_reckoned(event: StoreEvent) -> bool:
    """Whether a refund says only how much has gone back by now."""
    return event.basket is not None and event.basket.refunded is not None and event.basket.total is None


def _is_on_its_way(kind: EventKind, event: StoreEvent, stored: StoredEvent) -> bool:
    """Whether it may still come, and would be told."""
    if is_no_letter(event, stored.settings.store):
        return False
    if kind is not EventKind.ORDER_CREATED:
        return True
    is_new = event.placed_at is not None and stored.created_at - event.placed_at <= NEW_ORDER
    return is_new and _is_switched_on(stored.settings.table, kind)


def _is_switched_on(table: RouteTable, kind: EventKind) -> bool:
    return kind in table.routes and table.routes[kind].enabled


def _is_told(kind: EventKind, event: StoreEvent, shop_id: int, seen: PurchaseHistory) -> bool:
    if kind is EventKind.ORDER_PARTIALLY_FULFILLED:
        return _parcel_of(event, shop_id, seen) is not None
    return any(seen.known(shop_id, event.object_id, (kind,), DONE))


def _parcel_of(event: StoreEvent, shop_id: int, seen: PurchaseHistory) -> StoreEvent | None:
    """The parcel that completed the order, whether it is told already or waits behind this very event."""
    known = seen.known(shop_id, event.object_id, *_PARCELS)
    return next((one.event for one in known if one.event and _is_its_parcel(event, one.event)), None)


def _is_its_parcel(event: StoreEvent, parcel: StoreEvent) -> bool:
    """Whether this parcel completed the order; a body that lists no parcels means the one that says so itself."""
    return parcel.parcel == event.parcel if event.parcel else parcel.no_letter in COMPLETED


def _as_its_parcel(shop_id: int, event: StoreEvent, seen: PurchaseHistory) -> StoreEvent:
    """An order sent whole is told as its last parcel is: only that one says whether the buyer is to be notified."""
    if EventKind.ORDER_PARTIALLY_FULFILLED not in event.awaits:
        return event
    parcel = _parcel_of(event, shop_id, seen)
    if parcel and parcel.no_letter is ReasonCode.NOT_NOTIFIED:
        return replace(event, no_letter=ReasonCode.NOT_NOTIFIED)
    return event


def _with_refund(event_id: int, event: StoreEvent, shop_id: int, seen: PurchaseHistory) -> StoreEvent:
    """The refund with what it gave: what has gone back by now, without what was known before to have gone back."""
    basket = event.basket
    # Once reckoned it stays, however often it is sent again.
    if basket is None or basket.refunded is None or basket.total is not None:
        return event
    others = [one for one in seen.known(shop_id, event.object_id, (event.kind,), DONE) if one.id != event_id]
    added = basket.refunded.amount - _refunded_before(others, basket.refunded)
    if added <= 0:
        return replace(event, no_letter=ReasonCode.NO_MONEY_MOVED)
    return replace(event, basket=replace(basket, total=Money(amount=added, currency=basket.refunded.currency)))


def _refunded_before(known: Sequence[KnownEvent], refunded: Money) -> Decimal:
    baskets = [one.event.basket for one in known if one.event and one.event.basket]
    sums = [basket.refunded.amount for basket in baskets if basket.refunded and basket.refunded.currency == refunded.currency]
    return max(sums, default=Decimal(0))


def _says(event: StoreEvent) -> object:
    """What a letter shows of a state. Links and pictures are looked up, and may be missing once: they change nothing."""
    basket = event.basket
    contact = event.contact and replace(event.contact, said=None)  # the consent it comes to counts
    lines = [replace(product, link="", image="", slug="") for product in event.products]
    return contact, parse(event.locale.raw), lines, basket and basket.total, event.own
