"""What a change of settings would take away: events that reach a flow now and would reach none."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from plugin.domain.contact import Consent, Contact
from plugin.domain.delivery import Hold, Skip
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.matching import Choice, choose
from plugin.domain.routing import RouteTable

_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SOMEBODY: Final = Contact(email="buyer@example.com", phone=None, first_name="", last_name="", consent=Consent.SUBSCRIBED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Buyers with this locale reached a flow so far and would not any more."""

    locale: str  #: "" for every locale
    kinds: tuple[EventKind, ...]
    becomes: str  #: plain words: what would happen to these events


def losses(before: RouteTable, after: RouteTable, locales: Iterable[str], *, default_locale: str) -> tuple[Loss, ...]:
    """What would be lost for buyers with these locales, and with those that have a flow now."""
    known = dict.fromkeys([*(flow.locale for flow in before.flows), *locales]) or {"": None}
    found: dict[tuple[str, str], list[EventKind]] = {}
    for kind, locale in ((kind, locale) for kind in before.routes for locale in known):
        old, new = (_answer(table, kind, locale, default_locale) for table in (before, after))
        if becomes := _lost(old, new):
            found.setdefault((locale, becomes), []).append(kind)
    return tuple(Loss(locale=locale, kinds=tuple(kinds), becomes=becomes) for (locale, becomes), kinds in found.items())


def digest(found: Iterable[Loss]) -> str:
    """A short text that is the same for the same losses, in whatever order, and for no others; "" for none."""
    described = sorted((loss.locale, sorted(loss.kinds), loss.becomes) for loss in found)
    return sha256(json.dumps(described).encode()).hexdigest()[:32] if described else ""


def _answer(table: RouteTable, kind: EventKind, locale: str, default_locale: str) -> Choice | Skip | Hold:
    buyer = BuyerLocale(raw=locale, origin=LocaleOrigin.ORDER)
    event = StoreEvent(kind=kind, object_id="1", happened_at=_SOME_DAY, contact=_SOMEBODY, locale=buyer)
    return choose(table, event, default_locale=default_locale)


def _lost(old: Choice | Skip | Hold, new: Choice | Skip | Hold) -> str:
    """What the change makes of an event that had a flow; "" when it still leaves."""
    if not isinstance(old, Choice):
        return ""
    if isinstance(new, Choice):
        return new.rule if old.automation_id and not new.automation_id else ""
    return new.reason
