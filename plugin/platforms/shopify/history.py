"""What a buyer has ordered before, as the Admin API counts it: no webhook has said so since API version 2025-01."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, Family
from plugin.domain.money import Money
from plugin.domain.payload import Payload
from plugin.ports import LookupContext

from . import consent, lines, order_facts

# A webhook may come before its order is counted; how long that takes, nobody has published.
COUNTED_WITHIN: Final = timedelta(hours=1)


def is_asked_for(event: StoreEvent, customer_id: str, place: LookupContext) -> bool:
    """Whether a letter could tell it: of a kind that is switched off nothing leaves, nor without a consent it needs."""
    route = place.settings.table.routes.get(event.kind)
    return route is not None and route.enabled and not consent.is_refused(event, customer_id, place)


def with_history(event: StoreEvent, customer: Payload, place: LookupContext) -> StoreEvent:
    """The event with its buyer's orders, this one included, and their tags; nothing of a guest, or where nothing is told."""
    count, spent = customer.whole("orders_count"), lines.amount(customer.object("total_spent"))
    facts = replace(event.facts, customer_tags=order_facts.tags(customer))
    is_order = KINDS[event.kind].family is Family.ORDER
    if is_order and count is not None and _is_uncounted(event, customer, place):
        count, spent = count + 1, _with_this_one(spent, event)
    if count is None or count < is_order:
        return replace(event, facts=facts)
    has_later = is_order and _has_later(event, customer)
    return replace(event, facts=replace(facts, order_count=count, total_spent=spent, has_later_orders=has_later))


def _is_uncounted(event: StoreEvent, customer: Payload, place: LookupContext) -> bool:
    """Whether the customer's last order, as far as Shopify knows, is an older one than this."""
    placed = event.placed_at
    if placed is None or place.now - placed > COUNTED_WITHIN:
        return False
    last = customer.object("last_order")
    made = last.when("created_at")
    return last.text("id") != event.object_id and (made is None or made < placed)


def _has_later(event: StoreEvent, customer: Payload) -> bool:
    """Whether they have ordered again since: of a letter that leaves late, the count then says nothing of this order."""
    last, placed = customer.object("last_order"), event.placed_at
    made = last.when("created_at")
    return last.text("id") != event.object_id and made is not None and placed is not None and made > placed


def _with_this_one(spent: Money | None, event: StoreEvent) -> Money | None:
    """None where the two cannot be added: what customers spent is in the shop's currency."""
    basket = event.basket
    total = basket and (basket.order_total or basket.total)
    if spent is None or not total or total.currency != spent.currency:
        return None
    return replace(spent, amount=spent.amount + total.amount)
