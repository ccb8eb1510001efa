"""The kinds of events every platform speaks of."""

from enum import StrEnum


class EventKind(StrEnum):
    """The kinds of events every platform speaks of."""

    ORDER_CREATED = "order_created"  #: an order was placed
    ORDER_PAID = "order_paid"  #: an order is paid in full
    ORDER_PARTIALLY_FULFILLED = "order_partially_fulfilled"  #: some of it was sent
    ORDER_FULFILLED = "order_fulfilled"  #: all of it was sent
    ORDER_CANCELLED = "order_cancelled"  #: it will not be sent
    ORDER_REFUNDED = "order_refunded"  #: money went back, all or part of it
    CHECKOUT_STARTED = "checkout_started"  #: a buyer began to check out
    CART_UPDATED = "cart_updated"  #: a cart or checkout changed
    CART_ABANDONED = "cart_abandoned"  #: a buyer went quiet before buying; computed by us
    CUSTOMER_CREATED = "customer_created"  #: a customer registered
    CUSTOMER_UPDATED = "customer_updated"  #: a customer's details changed

    @property
    def is_order(self) -> bool:
        return self.value.startswith("order_")

    @property
    def is_cart(self) -> bool:
        return self in (EventKind.CHECKOUT_STARTED, EventKind.CART_UPDATED)
