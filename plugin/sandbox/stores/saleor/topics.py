"""What happens in the pretend Saleor, by our word for it: the event, its type, its permission and its object."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from . import objects
from .objects import SaleState
from .products import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One kind of webhook."""

    event: str  #: WebhookEventTypeAsyncEnum
    typename: str  #: the type `event` resolves to
    permission: str  #: an app without it is never told
    fields: Callable[[SaleState], Node]


def _order(**state: str) -> Callable[[SaleState], Node]:
    """An event about an order that is in this state by now."""
    return lambda scene: {"order": objects.order(replace(scene, **state))}  # type: ignore[arg-type]  # names of texts


def _refund(scene: SaleState) -> Node:
    return {"order": objects.order(replace(scene, charge="FULL"))}


def _parcel(scene: SaleState) -> Node:
    scene = replace(scene, status="PARTIALLY_FULFILLED", charge="FULL")
    return {"fulfillment": objects.fulfillment(scene), "order": objects.order(scene), "notifyCustomer": True}


def _new_user(scene: SaleState) -> Node:
    return {"user": objects.user(scene, is_new=True)}


def _known_user(scene: SaleState) -> Node:
    return {"user": objects.user(scene)}


def _checkout(scene: SaleState) -> Node:
    return {"checkout": objects.checkout(scene)}


def _topic(event: str, typename: str, permission: str, fields: Callable[[SaleState], Node]) -> Topic:
    return Topic(event=event, typename=typename, permission=permission, fields=fields)


# https://docs.saleor.io/developer/extending/webhooks/asynchronous-events
TOPICS: Final[Mapping[str, Topic]] = {
    "checkout_started": _topic("CHECKOUT_CREATED", "CheckoutCreated", "MANAGE_CHECKOUTS", _checkout),
    "cart_updated": _topic("CHECKOUT_UPDATED", "CheckoutUpdated", "MANAGE_CHECKOUTS", _checkout),
    # No store says so: the cart only stays as it is.
    "cart_abandoned": _topic("CHECKOUT_UPDATED", "CheckoutUpdated", "MANAGE_CHECKOUTS", _checkout),
    "order_created": _topic("ORDER_CREATED", "OrderCreated", "MANAGE_ORDERS", _order(status="UNCONFIRMED")),
    "order_paid": _topic("ORDER_FULLY_PAID", "OrderFullyPaid", "MANAGE_ORDERS", _order(charge="FULL")),
    "order_partially_fulfilled": _topic("FULFILLMENT_CREATED", "FulfillmentCreated", "MANAGE_ORDERS", _parcel),
    "order_fulfilled": _topic("ORDER_FULFILLED", "OrderFulfilled", "MANAGE_ORDERS", _order(status="FULFILLED", charge="FULL")),
    "order_cancelled": _topic("ORDER_CANCELLED", "OrderCancelled", "MANAGE_ORDERS", _order(status="CANCELED")),
    "order_refunded": _topic("ORDER_REFUNDED", "OrderRefunded", "MANAGE_ORDERS", _refund),
    "customer_created": _topic("CUSTOMER_CREATED", "CustomerCreated", "MANAGE_USERS", _new_user),
    "customer_updated": _topic("CUSTOMER_UPDATED", "CustomerUpdated", "MANAGE_USERS", _known_user),
}
