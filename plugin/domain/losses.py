"""What a change of settings would take away: events that reach a flow now and would reach none."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import product
from typing import Final

from plugin.domain.basket import Basket
from plugin.domain.contact import Consent, Contact
from plugin.domain.delivery import Hold, Skip
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.matching import Choice, choose
from plugin.domain.routing import RouteTable
from plugin.turns import giving_way

_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SOMEBODY: Final = Contact(email="buyer@example.com", phone=None, first_name="", last_name="", consent=Consent.SUBSCRIBED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Buyers with this locale reached a flow so far and would not any more."""

    locale: str  #: "" for every locale, and where a rule is lost
    kinds: tuple[EventKind, ...]
    becomes: str  #: plain words: what would happen to these events
    place: str = ""  #: the channel and the country of a rule that is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probe:
    """Buyers who would notice a change: of a language, or of the channel and the country of a rule, with no language."""

    locale: str = ""
    channel: str = ""
    country: str = ""

    @property
    def place(self) -> str:
        return ", ".join(filter(None, (self.channel, self.country)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What waits of a kind that is to be switched off, and would be skipped."""

    kind: EventKind
    deliveries: int  #: those that wait to be sent
    carts: int = 0  #: those that wait to be called abandoned


def losses(before: RouteTable, after: RouteTable, locales: Iterable[str], *, default_locale: str) -> tuple[Loss, ...]:
    """What would be lost for buyers with these locales, and with those that have a flow now."""
    known = dict.fromkeys([*(flow.locale for flow in before.flows), *locales]) or {"": None}
    kept = frozenset(after.rules)
    probes = [_Probe(locale=locale) for locale in known]
    probes += [_Probe(channel=rule.channel, country=rule.country) for rule in before.rules if rule not in kept]
    found: dict[tuple[_Probe, str], list[EventKind]] = {}
    for kind, probe in giving_way(product(before.routes, dict.fromkeys(probes))):
        old, new = (_answer(table, kind, probe, default_locale) for table in (before, after))
        if becomes := _lost(old, new):
            found.setdefault((probe, becomes), []).append(kind)
    return tuple(
        Loss(locale=probe.locale, kinds=tuple(kinds), becomes=becomes, place=probe.place)
        for (probe, becomes), kinds in found.items()
    )


def switched_off(before: RouteTable, after: RouteTable) -> tuple[EventKind, ...]:
    """The kinds that were on and are not any more."""
    on, still_on = ({kind for kind, route in table.routes.items() if route.enabled} for table in (before, after))
    return tuple(kind for kind in EventKind if kind in on - still_on)


def digest(found: Iterable[Loss], off: Iterable[EventKind] = ()) -> str:
    """A short text that is the same for the same losses and kinds switched off, in whatever order, and for no others.

    How much waits of a kind makes no other text: it changes while it is read. "" for none.
    """
    described = sorted((loss.locale, loss.place, sorted(loss.kinds), loss.becomes) for loss in found)
    named = sorted(off)
    return sha256(json.dumps([described, named]).encode()).hexdigest()[:32] if described or named else ""


def _answer(table: RouteTable, kind: EventKind, probe: _Probe, default_locale: str) -> Choice | Skip | Hold:
    buyer = BuyerLocale(raw=probe.locale, origin=LocaleOrigin.ORDER)
    basket = Basket(keys=(), channel=probe.channel, country=probe.country)
    event = StoreEvent(kind=kind, object_id="1", happened_at=_SOME_DAY, contact=_SOMEBODY, locale=buyer, basket=basket)
    return choose(table, event, default_locale=default_locale)


def _lost(old: Choice | Skip | Hold, new: Choice | Skip | Hold) -> str:
    """What the change makes of an event that had a flow; "" when it still leaves."""
    if not isinstance(old, Choice):
        return ""
    if isinstance(new, Choice):
        return new.rule if old.automation_id and not new.automation_id else ""
    return new.reason
