"""What happened in a store, in our words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from plugin.domain.basket import Basket, Product
from plugin.domain.contact import Contact
from plugin.domain.facts import NO_FACTS, Facts
from plugin.domain.kinds import EventKind
from plugin.domain.locale import parse
from plugin.domain.own import OwnValue
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.spellings import LONGEST

SEPARATOR = "; "  #: between the things an event lacks


class LocaleOrigin(StrEnum):
    """Where an event's locale was found; the first that has one wins."""

    ORDER = "order"
    CHECKOUT = "checkout"
    CUSTOMER = "customer"
    COUNTRY = "country"  #: a merchant's rule for the country or the channel
    SHOP = "shop"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerLocale:
    """The buyer's locale as it was found, and where."""

    raw: str = ""  #: untouched, whatever the store wrote; no more than the beginning of what is longer than any locale
    origin: LocaleOrigin = LocaleOrigin.NONE
    instead_of: "BuyerLocale | None" = None  #: what was found, where a merchant's rule decides

    @classmethod
    def first(cls, found: Iterable[tuple[str, LocaleOrigin]]) -> Self:
        """The first that names a language; what a buyer's place says otherwise rather than the shop's own language.

        Nobody can read it, but the log shows it, and whoever reads the log can mend the storefront.
        """
        told = [cls(raw=raw[:LONGEST], origin=origin) for raw, origin in found if raw.strip()]
        ranked = sorted(told, key=lambda one: (one.origin is LocaleOrigin.SHOP, not one.is_readable))
        return ranked[0] if ranked else cls()

    @property
    def is_readable(self) -> bool:
        return parse(self.raw) is not None

    @property
    def is_buyers(self) -> bool:
        """Whether a webhook said it of the buyer, and it can be read: no look-up would know better."""
        return self.is_readable and self.origin in (LocaleOrigin.ORDER, LocaleOrigin.CHECKOUT, LocaleOrigin.CUSTOMER)


def sentences(partial: str) -> list[str]:
    """What a stored event lacks, one sentence each."""
    return partial.split(SEPARATOR) if partial else []


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
    unasked: str = ""  #: why it is not known whether the store has an order of this cart; "" when it was asked
    person: tuple[str, ...] = ()
    """Every name this body gives its buyer, as `contact.person_names` writes them: an order under any of them is theirs.

    Empty where an order says nothing of its person: a subscription that renewed itself.
    """
    no_letter: ReasonCode | None = None  #: why this is no occasion for a letter, whatever the settings; None when it may be one
    placed_at: datetime | None = None  #: when the order came into the store, for events of an order
    begun_at: datetime | None = None  #: when the store made the cart, or the draft that became this order later
    parcel: str = ""  #: the id of the parcel it speaks of, or that completed the order
    awaits: tuple[EventKind, ...] = ()  #: kinds of the same object that should be told first, where they are on their way
    facts: Facts = NO_FACTS  #: what else the store told
    own: tuple[OwnValue, ...] = ()  #: what its webhook had for the merchant's own variables, by the settings of that moment

    @property
    def key(self) -> str:
        """The business key: kind, object, version."""
        return f"{self.kind}:{self.object_id}:{self.version}"

    def after(self, placed_at: datetime) -> Self:
        """The same event, never as old as its order: nothing happens to an order before it is placed.

        A store's clock tells seconds, and pays some orders before it makes them; the microsecond is seen by nobody.
        """
        return replace(self, happened_at=max(self.happened_at, placed_at + timedelta(microseconds=1)), placed_at=placed_at)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it gives its person, the contact's own among them, as `contact.person_names` writes them."""
        contact = self.contact
        addresses = [f"person:{address}" for address in (contact.email, contact.phone) if address] if contact else []
        return tuple(dict.fromkeys((*self.person, *addresses)))

    @property
    def products(self) -> tuple[Product, ...]:
        return self.basket.products if self.basket else ()

    def lacking(self, why: str) -> Self:
        """The same event, with one more thing said that it lacks, once; "" says nothing."""
        told = sentences(self.partial)
        return self if not why or why in told else replace(self, partial=SEPARATOR.join((*told, why)))

    def with_products(self, products: tuple[Product, ...]) -> Self:
        """The same event with other lines."""
        return replace(self, basket=replace(self.basket, products=products)) if self.basket else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who an order is of, told by any of its webhooks: what was told before without an address can leave now."""

    order_id: str
    contact: Contact
    person: tuple[str, ...]
    locale: BuyerLocale
    wants: str = ""  #: what the order's events want, once there is somebody to write to

    def completes(self, event: StoreEvent) -> StoreEvent:
        """The event with its buyer."""
        return replace(event, contact=self.contact, person=self.person, locale=self.locale, wants=event.wants or self.wants)
