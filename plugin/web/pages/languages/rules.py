"""The merchant's rules as the page shows them: what can be chosen in each, and how many events it would have decided."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from plugin.domain.countries import countries, named
from plugin.domain.event import StoreEvent
from plugin.domain.locale import parse
from plugin.domain.matching import decided_by
from plugin.domain.settings import ShopSettings
from plugin.turns import giving_way
from plugin.upkeep.edit import LOOKED_BACK
from plugin.web import i18n, language_names
from plugin.web.flow_names import flow_names
from plugin.web.forms.languages import Row
from plugin.web.forms.rules import ANOTHER, FLOW, GONE, LOCALE, OPEN, rule_in
from plugin.web.i18n import gettext as _
from plugin.web.i18n import ngettext
from plugin.web.services import services
from plugin.web.visit import visit

MOST_LOOKED_AT: Final = 500  #: of the newest events: to open a million would take minutes
MOST_OPEN: Final = 10  #: rules whose fields are all shown; each has a list of 250 countries and one of 190 languages
MOST_AT_HAND: Final = 40  #: of more rules, those that somebody is at: each is 30 kB of the page

Option = tuple[str, str]  #: its value, and what it is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The events that rules are tried on."""

    events: Sequence[StoreEvent]
    is_all: bool  #: of the last 30 days; otherwise the newest of them

    @classmethod
    def at_newest(cls, *, now: datetime) -> "Looked":
        """Opens them, which takes a tenth of a second."""
        store, shop_id = services().store, visit().shop.id
        found = store.events.lately(shop_id, since=now - LOOKED_BACK, most=MOST_LOOKED_AT)
        return cls(events=found, is_all=len(found) < MOST_LOOKED_AT)

    def said(self, number: int) -> str:
        """How many of them a rule would have decided."""
        if not self.events:
            return _("No events in the last 30 days.")
        total = len(self.events)
        if self.is_all:
            return ngettext(
                "%(number)s of %(num)s event in the last 30 days",
                "%(number)s of %(num)s events in the last 30 days",
                total,
                number=number,
            )
        return ngettext("%(number)s of the last event", "%(number)s of the last %(num)s events", total, number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """One rule on the page."""

    row: Row
    is_open: bool  #: its fields are shown
    is_gone: bool  #: it will not be saved
    summary: str  #: the same in one line
    matched: str  #: "" where that cannot be said


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be chosen in each rule."""

    countries: Sequence[Option]
    kinds: Sequence[Option]
    flows: Sequence[Option]
    languages: Sequence[Option]
    channels: Sequence[str]  #: that were seen lately; any other can be typed
    words: Mapping[str, str]  #: what the values of kinds, flows and languages are called

    def summary(self, row: Row) -> str:
        """A rule in one line."""
        given = row["flow"].strip() if row["gives"] in (ANOTHER, "") else row["gives"]
        words = (self.words.get(value, value) for value in (row["event"], given))
        return " · ".join(filter(None, (row["channel"], named(row["country"], i18n.locale()), *words, row["name"])))


def views(
    rows: Sequence[Row], errors: Mapping[str, str], choices: Choices, looked: Looked, *, focus: str = ""
) -> list[RuleView]:
    """The rules in their order; of many only those with their fields that somebody is at, `focus` one of them."""
    rules = [rule_in(row) for row in giving_way(rows)]
    numbers = iter(decided_by([rule for rule in rules if rule], looked.events))
    at_hand = _at_hand(rows, errors, focus)
    return [
        RuleView(
            row=row,
            is_open=len(rows) <= MOST_OPEN or str(number) in at_hand,
            is_gone=row["state"] == GONE,
            summary=choices.summary(row),
            matched=looked.said(next(numbers)) if rule else "",
        )
        for number, (row, rule) in enumerate(giving_way(zip(rows, rules, strict=True)))
    ]


def _at_hand(rows: Sequence[Row], errors: Mapping[str, str], focus: str) -> set[str]:
    """The numbers of the rules where somebody goes on, of those with mistakes, and of those that were opened."""
    named = (name.rpartition("-")[2] for name in (focus, *errors) if name.startswith("rule-"))
    opened = (str(number) for number, row in enumerate(rows) if row["state"] == OPEN)
    numbers = dict.fromkeys((*named, *opened))
    return set(list(numbers)[:MOST_AT_HAND])


def choices(settings: ShopSettings, rows: Iterable[Row], kinds: Sequence[Option], looked: Looked) -> Choices:
    """Everything there is to choose from, and what the rows hold already."""
    held = [row["gives"] for row in rows]
    flows = {f"{FLOW}{number}": f"{name} ({number})" if name else str(number) for number, name in flow_names(settings).items()}
    flows |= {gives: gives.removeprefix(FLOW) for gives in held if gives.startswith(FLOW) and gives not in flows}
    written = [flow.locale for flow in settings.table.flows]
    written += [gives.removeprefix(LOCALE) for gives in held if gives.startswith(LOCALE)]
    languages = _languages(i18n.locale(), tuple(dict.fromkeys(written)))
    channels = {event.basket.channel for event in looked.events if event.basket}
    return Choices(
        countries=_countries(i18n.locale()),
        kinds=kinds,
        flows=tuple(flows.items()),
        languages=languages,
        channels=sorted(filter(None, channels)),
        words=dict((*kinds, *flows.items(), *languages)),
    )


@lru_cache(maxsize=32)
def _countries(language: str) -> tuple[Option, ...]:
    return tuple(sorted(countries(language).items(), key=_by_name))


@lru_cache(maxsize=32)
def _languages(language: str, written: tuple[str, ...]) -> tuple[Option, ...]:
    """The shop's own languages first, as they are written there, then all that have a code of two letters."""
    reader = language_names.reader(language)
    others = {code: str(name) for code, name in reader.languages.items() if len(code) == 2 and parse(code) == code}
    own = [(f"{LOCALE}{tag}", f"{language_names.name_in(tag, language)} ({tag})") for tag in written]
    rest = [(f"{LOCALE}{code}", f"{name} ({code})") for code, name in others.items() if code not in written]
    return (*own, *sorted(rest, key=_by_name))


def _by_name(option: Option) -> str:
    """Names as a reader looks for them: Österreich stands between Oman and Pakistan."""
    return unicodedata.normalize("NFKD", option[1].replace("Ł", "L").replace("ł", "l")).casefold()
