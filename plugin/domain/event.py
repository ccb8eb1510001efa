"""What happened in a store, in our words."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from plugin.domain.basket import Basket, Product
from plugin.domain.contact import Contact


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


class LocaleOrigin(StrEnum):
    """Where an event's locale was found; the first that has one wins."""

    ORDER = "order"
    CHECKOUT = "checkout"
    CUSTOMER = "customer"
    COUNTRY = "country"
    SHOP = "shop"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerLocale:
    """The buyer's locale as it was found, and where."""

    raw: str = ""  #: untouched, whatever the store wrote
    origin: LocaleOrigin = LocaleOrigin.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreEvent:
    """Something that happened in a store. The same `key` twice in one shop is the same event."""

    kind: EventKind
    object_id: str  #: what it happened to: an order's, checkout's or customer's id
    version: str = ""  #: tells two happenings of one kind to one object apart (a refund's id, a cart's time)
    happened_at: datetime  #: the store's time, with its offset
    contact: Contact | None  #: None when the store sent nobody to write to
    basket: Basket | None = None
    locale: BuyerLocale = BuyerLocale()
    is_test: bool = False  #: the store marks it as made for testing
    wants: str = ""  #: what only the platform's API can add, in the platform's own words; "" when complete
    partial: str = ""  #: what could not be found in time, for the log; "" when complete

    @property
    def key(self) -> str:
        """The business key: kind, object, version."""
        return f"{self.kind}:{self.object_id}:{self.version}"

    @property
    def products(self) -> tuple[Product, ...]:
        return self.basket.products if self.basket else ()

    def with_products(self, products: tuple[Product, ...]) -> Self:
        """The same event with other lines."""
        return replace(self, basket=replace(self.basket, products=products)) if self.basket else self
