"""What all events of an order have in common: what was bought, by whom, and why it may be no occasion for a letter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from plugin.domain.basket import Basket
from plugin.domain.carts import Purchase
from plugin.domain.delivery import Skip
from plugin.domain.event import Buyer, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from .event_times import partial
from .history import DRAFTED, REPLACEMENT, with_history
from .ids import checkout_key, primary_key
from .languages import order_locale
from .lines import bought_lines, gross, products
from .names import wanted_of_order
from .order_facts import order_facts
from .people import buyer, destination
from .pictures import missing_pictures

Translator = Callable[[Payload, Shop], Translation]

# Nobody bought anything; that alone says more than what else may speak against a letter.
_IMPORTED: Final = "BULK_CREATE"
THE_ORDER_ITSELF: Final = (EventKind.ORDER_CREATED,)  #: what everything else that happens to an order is told after


def telling(kind: EventKind, event: Callable[[Payload, Shop], StoreEvent]) -> Translator:
    """A translator of something that happened to an order, which also says whose the order is."""

    def translated(body: Payload, shop: Shop) -> Translation:
        if skip := draft(body.required_object("order"), kind):
            return Translation(skip=skip)
        return Translation(events=(event(body, shop),), buyer=known_buyer(body, shop))

    return translated


def draft(order: Payload, kind: EventKind | None) -> Skip | None:
    """Why an order that is a draft makes nothing: Saleor up to 3.21.30 told payments of those, and again later.

    https://github.com/saleor/saleor/pull/18447
    """
    if order.text("status") != "DRAFT":
        return None
    return Skip(code=ReasonCode.DRAFT, reason=worded("The order is still a draft."), kind=kind)


def known_buyer(body: Payload, shop: Shop) -> Buyer | None:
    """Who bought, for what was told of the order without an address; nobody for a draft or a replacement."""
    order = body.required_object("order")
    who = buyer(order, order.text("userEmail"))
    if who.contact is None or order.text("status") == "DRAFT" or order.text("origin") == REPLACEMENT:
        return None
    id, locale = primary_key(order.required_text("id")), order_locale(order, shop)
    return Buyer(order_id=id, contact=who.contact, person=who.person, locale=locale)


def purchase(order: Payload, keys: tuple[str, ...]) -> Purchase:
    """What a change of an order proves to be bought; a replacement or a sale brought in later shows nobody in the store."""
    people = buyer(order, order.text("userEmail")).person if is_sale(order) else ()
    return Purchase(keys=keys, people=people, placed_at=order.when("created"))


def is_sale(order: Payload) -> bool:
    """Whether somebody came to the store for it; nobody does for a replacement or a sale brought in later."""
    return order.text("origin") not in (REPLACEMENT, _IMPORTED)


def order_event(
    body: Payload,
    shop: Shop,
    kind: EventKind,
    *,
    happened_at: datetime,
    version: str = "",
    parcel: str = "",
    no_letter: ReasonCode | None = None,
    awaits: tuple[EventKind, ...] = THE_ORDER_ITSELF,
) -> StoreEvent:
    """The event of this kind; what waits for the order is never as old as it."""
    order = body.required_object("order")
    who, locale = buyer(order, order.text("userEmail")), order_locale(order, shop)
    begun_at = order.when("created")
    event = StoreEvent(
        kind=kind,
        object_id=primary_key(order.required_text("id")),
        version=version,
        happened_at=happened_at,
        contact=who.contact,
        person=who.person,
        basket=_basket(order, shop, locale.raw),
        locale=locale,
        facts=with_history(order_facts(order), order.object("user"), order),
        wants=wanted_of_order(bought_lines(order), locale.raw) if locale.is_buyers else "",
        partial=partial(body, missing_pictures(bought_lines(order), shop)),
        no_letter=_reason(order, no_letter),
        placed_at=_came_in(body, order),
        parcel=parcel,
        awaits=awaits,
        # What changes of an order that was a draft says no more when it was placed, only that it was not before this.
        begun_at=begun_at if awaits else None,
    )
    if begun_at is None or not awaits:
        return event
    return replace(event.after(begun_at), placed_at=event.placed_at)


def _came_in(body: Payload, order: Payload) -> datetime | None:
    """When the order came into the store: a draft keeps the time it was begun at, and nobody waits for an old order."""
    if order.text("origin") != DRAFTED:
        return order.when("created")
    return order.when("updatedAt") or body.when("issuedAt")


def _reason(order: Payload, found: ReasonCode | None) -> ReasonCode | None:
    """An imported order may be sent on all the same when the merchant wants that, so its reason comes last."""
    origin = order.text("origin")
    if origin == REPLACEMENT:
        return ReasonCode.REPLACEMENT
    return found or (ReasonCode.IMPORTED if origin == _IMPORTED else None)


def _basket(order: Payload, shop: Shop, language: str) -> Basket:
    order_id, channel = primary_key(order.required_text("id")), order.object("channel")
    checkout_id = order.text("checkoutId")
    return Basket(
        keys=((checkout_key(checkout_id),) if checkout_id else ()) + (f"order:{order_id}",),
        products=products(order, shop, language),
        total=gross(order.object("total"), channel.text("currencyCode")),
        order_id=order_id,
        order_number=order.text("number"),
        channel=channel.text("slug"),
        country=destination(order),
    )
