"""What a store knows beside who bought what: how it is paid and sent, what was said of it, and the buyer's history."""

from dataclasses import dataclass

from plugin.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """How one parcel is followed."""

    number: str = ""
    company: str = ""  #: the carrier, as the store writes it
    link: str = ""  #: the carrier's page of this parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an order goes; it leaves only where the merchant chose so."""

    street: str = ""  #: all its lines, on one
    city: str = ""
    zip: str = ""
    country: str = ""  #: its name, as the store writes it; its code where the store has no name


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of one event. A translator fills in what the store told of this kind; the rest stays empty."""

    subtotal: Money | None = None  #: of all lines, after their discounts, before shipping
    tax: Money | None = None
    shipping_price: Money | None = None
    discount_total: Money | None = None  #: how much less is paid, as a positive amount
    discount_code: str = ""  #: as the buyer typed it; several in one text
    shipping_method: str = ""
    payment_method: str = ""
    note: str = ""  #: what the buyer wrote
    tags: tuple[str, ...] = ()  #: the order's, given by the store
    source: str = ""  #: where the order came from, in the store's own word
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    cancel_reason: str = ""
    refund_reason: str = ""
    tracking: tuple[Tracking, ...] = ()  #: of every parcel that was sent and can be followed, the newest first
    address: Address | None = None
    order_count: int | None = None  #: the buyer's orders, this one included
    has_later_orders: bool = False  #: some of them were placed after this one, or may have been
    total_spent: Money | None = None  #: what they cost together
    customer_tags: tuple[str, ...] = ()


NO_FACTS = Facts()
