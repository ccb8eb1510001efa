"""Checkouts: Saleor's carts."""

from dataclasses import replace
from datetime import timedelta

from plugin.domain.basket import Basket
from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from .event_times import first_time, partial
from .ids import checkout_key, primary_key
from .languages import checkout_locale
from .lines import bought_lines, gross, products
from .names import wanted_names
from .order_facts import checkout_facts
from .people import buyer, destination
from .pictures import missing_pictures

NO_CONTACT, EMPTY = "no-contact", "empty"  #: versions of a beginning that says nothing: it leaves the key to one that does


def checkout_started(body: Payload, shop: Shop) -> Translation:
    """Somebody began a checkout; a guest has no e-mail yet, and from Saleor 3.24 on it may be born empty."""
    if skip := _closed(body, EventKind.CHECKOUT_STARTED):
        return Translation(skip=skip)
    event = _event(body, shop, EventKind.CHECKOUT_STARTED)
    if event.no_letter:
        return Translation(events=(replace(event, version=EMPTY),))
    return Translation(events=(event if event.contact else replace(event, version=NO_CONTACT),))


def cart_updated(body: Payload, shop: Shop) -> Translation:
    """A line, an address, the e-mail or the language changed; what first names a contact begins the checkout for us."""
    if skip := _closed(body, EventKind.CART_UPDATED):
        return Translation(skip=skip)
    event = _event(body, shop, EventKind.CART_UPDATED)
    if not event.contact or not event.products:
        return Translation(events=(event,))
    started = replace(event, kind=EventKind.CHECKOUT_STARTED, version="")
    return Translation(events=(started, replace(event, happened_at=event.happened_at + timedelta(microseconds=1))))


def _closed(body: Payload, kind: EventKind) -> Skip | None:
    # Saleor builds the body a moment later; by then a fast buyer's checkout is gone, and null stands here.
    if "checkout" not in body.fields or body.fields["checkout"] is not None:
        return None
    return Skip(code=ReasonCode.CHECKOUT_CLOSED, reason=worded("The checkout was already completed or deleted."), kind=kind)


def _event(body: Payload, shop: Shop, kind: EventKind) -> StoreEvent:
    checkout = body.required_object("checkout")
    who, locale = buyer(checkout, checkout.text("email")), checkout_locale(checkout, shop)
    changed_at = checkout.text("updatedAt") or body.text("issuedAt")
    return StoreEvent(
        kind=kind,
        object_id=primary_key(checkout.required_text("id")),
        version=changed_at if kind is EventKind.CART_UPDATED else "",
        happened_at=first_time(body, checkout.when("updatedAt"), body.when("issuedAt"), checkout.when("created")),
        contact=who.contact,
        person=who.person,
        basket=_basket(checkout, shop, locale.raw),
        locale=locale,
        facts=checkout_facts(checkout),
        wants=wanted_names(bought_lines(checkout), locale.raw) if who.contact and locale.is_buyers else "",
        begun_at=checkout.when("created"),
        no_letter=ReasonCode.EMPTIED if _is_empty(checkout) else None,
        partial=partial(body, missing_pictures(bought_lines(checkout), shop)),
    )


def _is_empty(checkout: Payload) -> bool:
    """Whether it says that nothing is in it; one that does not tell its lines may have some."""
    return isinstance(checkout.fields.get("lines"), list) and not bought_lines(checkout)


def _basket(checkout: Payload, shop: Shop, language: str) -> Basket:
    channel = checkout.object("channel")
    return Basket(
        keys=(checkout_key(checkout.required_text("id")),),
        products=products(checkout, shop, language),
        total=gross(checkout.object("totalPrice"), channel.text("currencyCode")),
        channel=channel.text("slug"),
        country=destination(checkout),
    )
