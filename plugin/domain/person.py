"""Somebody a merchant, a store or an operator asks about, by whatever names they know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from plugin.domain.contact import person_names

ADDRESS, CUSTOMER = "person:", "customer:"  #: what `person_names` writes before an address and before a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person of a shop, as they are asked for and as they are known besides."""

    email: str = ""
    phone: str = ""
    customer_id: str = ""
    order_ids: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  #: further names that what is kept gives them
    marks: tuple[str, ...] = ()  #: how bodies of their platform write those numbers, where it is not the number itself

    @property
    def given(self) -> tuple[str, ...]:
        """The names they are asked for by, as `contact.person_names` writes them; what cannot be read is none."""
        return person_names(customer_id=self.customer_id, emails=[self.email], phones=[self.phone])

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of theirs."""
        return tuple(dict.fromkeys((*self.given, *self.also)))

    @property
    def is_phone_alone(self) -> bool:
        """Whether a phone number, which a household may share, is all they are asked for by."""
        return len(self.given) == 1 and self.given[0].startswith(ADDRESS) and "@" not in self.given[0]

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(name.removeprefix(ADDRESS) for name in self.names if name.startswith(ADDRESS))

    @property
    def emails(self) -> tuple[str, ...]:
        return tuple(address for address in self.addresses if "@" in address)

    @property
    def phones(self) -> tuple[str, ...]:
        return tuple(address for address in self.addresses if "@" not in address)

    @property
    def customer_ids(self) -> tuple[str, ...]:
        return tuple(name.removeprefix(CUSTOMER) for name in self.names if name.startswith(CUSTOMER))

    def known_as(self, names: tuple[str, ...]) -> Self:
        """The same person, who goes by these names too."""
        return replace(self, also=tuple(dict.fromkeys((*self.also, *names))))


class Holding(StrEnum):
    """A kind of thing that is kept about people, in the order in which it is told."""

    EVENTS = "events"
    DELIVERIES = "deliveries"
    WEBHOOKS = "webhooks"
    CARTS = "waiting_carts"
    PURCHASES = "purchases"
    REMINDERS = "reminders"
    CONSENTS = "consents"
    LINKS = "links"
    REQUESTS = "data_requests"
    SENDPULSE = "sendpulse_erasures"
    UNREADABLE = "unreadable"  #: things of this shop that no key opens any more: perhaps theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing that is kept about somebody, as JSON."""

    holding: Holding
    fields: Mapping[str, Any]


class ErasureState(StrEnum):
    """How it stands with asking SendPulse to forget somebody."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
