"""What happened in a store, in our words."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from plugin.domain.basket import Basket, Product
from plugin.domain.contact import Contact
from plugin.domain.kinds import EventKind


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
