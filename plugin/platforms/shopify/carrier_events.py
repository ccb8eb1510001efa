"""fulfillment_events/create: what the carrier says of a parcel that left."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from plugin.domain.basket import Basket
from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.facts import Tracking
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from . import basket_lines, lines, locale, order_baskets, wants
from .event_times import happened
from .webhook_shape import line_like_a_webhook

TOPIC: Final = "fulfillment_events/create"
SCOPE: Final = "read_fulfillments"  #: without it Shopify tells nothing of this topic
KINDS: Final[Mapping[str, EventKind]] = {
    "out_for_delivery": EventKind.ORDER_OUT_FOR_DELIVERY,
    "delivered": EventKind.ORDER_DELIVERED,
}


def told(body: Payload, shop: Shop) -> Translation:
    """One event for each parcel and status: a carrier that repeats itself changes nothing."""
    status = body.text("status").lower()
    order_id, parcel = body.required_text("order_id"), body.required_text("fulfillment_id")
    if status not in KINDS:
        reason = worded("The carrier’s status %(status)s starts no event.", status=status[:40])
        return Translation(skip=Skip(code=ReasonCode.NO_EVENT, reason=reason))
    event = StoreEvent(
        kind=KINDS[status],
        object_id=order_id,
        version=parcel,
        parcel=parcel,
        happened_at=happened(body, "happened_at", "created_at"),
        contact=None,
        basket=Basket(keys=order_baskets.named(order=order_id), order_id=order_id),
        locale=locale.of_shop(shop),
        wants=wants.for_parcel(lines.number(body, "order_id"), lines.number(body, "fulfillment_id")),
        awaits=(EventKind.ORDER_FULFILLED,),
    )
    return Translation(events=(event,))


def with_parcel(event: StoreEvent, parcel: Payload) -> StoreEvent:
    """The event with the lines of this parcel, where it says which, and how it is followed.

    News comes late and out of order: what was delivered by now is no longer on its way.
    """
    shares = [
        (Payload(line_like_a_webhook(one.object("line_item")), one.path), lines.pieces(one))
        for one in parcel.object("lines").objects("nodes")
    ]
    bundles = {line.text("sales_line_item_group_id"): line.object("group").text("title") for line, _ in shares}
    products = basket_lines.products(shares, "", {lines.last_number(gid): title for gid, title in bundles.items()})
    followed = [
        Tracking(number=one.text("number"), company=one.text("company"), link=lines.link(one.text("url")))
        for one in parcel.objects("tracking")
    ]
    tracking = tuple(one for one in followed if one.number or one.link)
    is_over = event.kind is EventKind.ORDER_OUT_FOR_DELIVERY and parcel.when("delivered_at") is not None
    reason = event.no_letter or (ReasonCode.NEWER_STATE if is_over else None)
    known = replace(event, facts=replace(event.facts, tracking=tracking), no_letter=reason)
    return known.with_products(products) if products else known
