"""Locales buyers brought lately, and which flow each would get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plugin.domain.locale import How
from plugin.domain.matching import Guess, guesses
from plugin.domain.routing import RouteTable
from plugin.ports import SeenLocale, Store
from plugin.turns import giving_way


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedLocale:
    """A locale that was seen and has no entry of its own."""

    seen: SeenLocale
    guess: Guess  #: the flow it gets for now, if any


def seen_locales(store: Store, shop_id: int, *, since: datetime) -> Sequence[SeenLocale]:
    """The locales of the log, the most frequent first."""
    return store.statistics.locales(shop_id, since=since)


def unmapped(table: RouteTable, seen: Sequence[SeenLocale]) -> list[UnmappedLocale]:
    """Those without an entry of their own, the most frequent first."""
    named = giving_way(each for each in seen if each.locale.strip())
    found = [UnmappedLocale(seen=each, guess=guesses(table, [each.locale])[0]) for each in named]
    return sorted((met for met in found if met.guess.how is not How.EXACT), key=lambda met: -met.seen.events)
