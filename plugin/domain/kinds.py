"""The kinds of events, and what each of them is: one row a kind."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class EventKind(StrEnum):
    """What can happen in a store, on every platform; in the order in which pages list them."""

    ORDER_CREATED = "order_created"  #: an order was placed
    ORDER_PAID = "order_paid"  #: an order is paid in full
    ORDER_PARTIALLY_FULFILLED = "order_partially_fulfilled"  #: some of it was sent
    ORDER_FULFILLED = "order_fulfilled"  #: all of it was sent
    ORDER_OUT_FOR_DELIVERY = "order_out_for_delivery"  #: the carrier brings it today
    ORDER_DELIVERED = "order_delivered"  #: it has reached the buyer
    ORDER_CANCELLED = "order_cancelled"  #: it will not be sent
    ORDER_REFUNDED = "order_refunded"  #: money went back, all or part of it
    CHECKOUT_STARTED = "checkout_started"  #: a buyer began to check out
    CART_UPDATED = "cart_updated"  #: a cart or checkout changed
    CART_ABANDONED = "cart_abandoned"  #: a buyer went quiet before buying; computed by us
    CUSTOMER_CREATED = "customer_created"  #: a customer registered
    CUSTOMER_UPDATED = "customer_updated"  #: a customer's details changed


class Family(StrEnum):
    """What an event is about, and so what its `object_id` numbers: each family has numbers of its own."""

    ORDER = "order"
    CART = "cart"  #: a cart or a checkout: what may still be bought
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is true of every event of one kind."""

    family: Family
    has_products: bool  #: its body speaks of products, so the merchant chooses their shape
    is_purchase: bool = False  #: it ends the wait of its buyer's carts, and skips what would still be said of them
    is_snapshot: bool = False  #: it tells a whole state, so an older one says nothing once a newer one is known
    begins_as: EventKind | None = None  #: the kind that told the first state of the same thing, for a snapshot
    is_computed: bool = False  #: no store tells it: we make it of what stores tell
    #: It sets the timer after which its cart counts as abandoned. Not the same as being of the cart family: an abandoned
    #: cart is skipped after a purchase like the others, but must not begin the wait that made it once more.
    starts_timer: bool = False
    tells_parcels: bool = False  #: it is about what was sent, so its body tells how that is followed
    is_recommended: bool = False  #: the setup guide offers it: most shops begin with these

    @property
    def is_cart(self) -> bool:
        """Whether it speaks of what may still be bought, so that a purchase makes it pointless."""
        return self.family is Family.CART


_ORDER: Final = Family.ORDER
_CART: Final = Family.CART
_CUSTOMER: Final = Family.CUSTOMER

KINDS: Final[Mapping[EventKind, Traits]] = {
    EventKind.ORDER_CREATED: Traits(family=_ORDER, has_products=True, is_purchase=True, is_recommended=True),
    EventKind.ORDER_PAID: Traits(family=_ORDER, has_products=True, is_purchase=True, is_recommended=True),
    EventKind.ORDER_PARTIALLY_FULFILLED: Traits(family=_ORDER, has_products=True, tells_parcels=True),
    EventKind.ORDER_FULFILLED: Traits(family=_ORDER, has_products=True, tells_parcels=True, is_recommended=True),
    EventKind.ORDER_OUT_FOR_DELIVERY: Traits(family=_ORDER, has_products=True, tells_parcels=True),
    EventKind.ORDER_DELIVERED: Traits(family=_ORDER, has_products=True, tells_parcels=True),
    EventKind.ORDER_CANCELLED: Traits(family=_ORDER, has_products=True, is_recommended=True),
    EventKind.ORDER_REFUNDED: Traits(family=_ORDER, has_products=True),
    EventKind.CHECKOUT_STARTED: Traits(family=_CART, has_products=True, starts_timer=True),
    EventKind.CART_UPDATED: Traits(
        family=_CART, has_products=True, starts_timer=True, is_snapshot=True, begins_as=EventKind.CHECKOUT_STARTED
    ),
    EventKind.CART_ABANDONED: Traits(family=_CART, has_products=True, is_computed=True, is_recommended=True),
    EventKind.CUSTOMER_CREATED: Traits(family=_CUSTOMER, has_products=False, is_recommended=True),
    EventKind.CUSTOMER_UPDATED: Traits(
        family=_CUSTOMER, has_products=False, is_snapshot=True, begins_as=EventKind.CUSTOMER_CREATED
    ),
}


def possible(told: Collection[EventKind]) -> tuple[EventKind, ...]:
    """What can happen in a shop whose platform tells these kinds: those, and what we compute of them."""
    has_timers = any(KINDS[kind].starts_timer for kind in told)
    return tuple(kind for kind in EventKind if kind in told or (KINDS[kind].is_computed and has_timers))
