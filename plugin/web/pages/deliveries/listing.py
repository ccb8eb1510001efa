"""The list of the log: its tabs with their counts, what it is narrowed by, and the way to newer and older pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from plugin.domain.delivery import State
from plugin.ports import DeliveryFilter, Log
from plugin.web import event_texts, i18n
from plugin.web.concern_texts import reason_title
from plugin.web.delivery_texts import state_titles
from plugin.web.forms.delivery_filter import NO_LANGUAGE, FilterForm, is_number
from plugin.web.i18n import gettext as _
from plugin.web.moments import day_text, moment
from plugin.web.pages.deliveries.presenter import Presenter
from plugin.web.visit import here

TABS: Final = (None, State.FAILED, State.HELD, State.WAITING, State.SKIPPED)  #: None is all
MOST_COUNTED: Final = 10_000
COUNTING_SECONDS: Final = 0.1  #: of one tab; then its number is a lower bound
LONGEST_TRAIL: Final = 40  #: pages whose beginnings an address remembers


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab of the list."""

    label: str
    count: str
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One thing the list is narrowed by."""

    label: str
    value: str
    is_data: bool  #: the value is none of our words
    address: str  #: of the list without it


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which page of the list is shown: where it begins, and where those before it began."""

    start: str = ""  #: only what is older than this; "" on the first page
    trail: tuple[str, ...] = ()  #: the same of the pages before, in order; 0 for the first page

    @property
    def given(self) -> dict[str, str]:
        """What the address of this page needs beside the filter."""
        return _given(self.start, self.trail)

    def newer(self) -> dict[str, str] | None:
        """The same of the page before; None on the first, and where it is not remembered."""
        return _given(self.trail[-1], self.trail[:-1]) if self.trail else None

    def older(self, start: int) -> dict[str, str]:
        """The same of the page after."""
        return _given(str(start), (*self.trail, self.start or "0"))


def read_place(given: Mapping[str, str]) -> Place | None:
    """The page this address asks for; None when there can be none such."""
    start = given.get("before", "")
    if start and not is_number(start):
        return None
    trail = given.get("trail", "").split("-")
    is_trail = start and all(part == "0" or is_number(part) for part in trail)
    return Place(start=start, trail=tuple(trail) if is_trail else ())


def _given(start: str, trail: Sequence[str]) -> dict[str, str]:
    if start in ("", "0"):
        return {}
    return {"before": start} | ({"trail": "-".join(trail[-LONGEST_TRAIL:])} if trail else {})


def tabs(log: Log, wanted: FilterForm) -> list[Tab]:
    """Each with how many of what matches are in it."""
    titles, others = state_titles(), wanted.besides("state")
    filter = wanted.filter and replace(wanted.filter, state=None, before_id=None)
    return [
        Tab(
            label=titles[state] if state else _("All"),
            count=_count(log, replace(filter, state=state)) if filter else "",
            address=here("deliveries.index", **others, **({"state": state.value} if state else {})),
            is_here=wanted.values["state"] == (state.value if state else ""),
        )
        for state in TABS
    ]


def _count(log: Log, filter: DeliveryFilter) -> str:
    """How many match, as far as they are counted."""
    found = log.count(filter, most=MOST_COUNTED, seconds=COUNTING_SECONDS)
    number = i18n.number(min(found.number, MOST_COUNTED))
    return number if found.is_all else _("%(number)s+", number=number)


def chips(wanted: FilterForm, presenter: Presenter) -> Iterator[Chip]:
    """What the list is narrowed by, but for the state that a tab shows."""
    tab_states = [state.value for state in TABS if state]
    labels = {
        "q": _("Search"), "state": _("Status"), "event": _("Event"), "language": _("Language"), "flow": _("Flow"),
        "reason": _("Reason"),
        "from": _("From"), "to": _("Until"),
    }  # fmt: skip
    for name, value in wanted.given.items():
        if name == "state" and value in tab_states:
            continue
        address = here("deliveries.index", **wanted.besides(name))
        is_data = name not in ("state", "event", "reason") and value != NO_LANGUAGE
        yield Chip(label=labels[name], value=_chip_value(name, value, presenter), is_data=is_data, address=address)


def _chip_value(name: str, value: str, presenter: Presenter) -> str:
    """In our words, where there are any."""
    if name == "state":
        return {state.value: title for state, title in state_titles().items()}.get(value, value)
    if name == "event":
        return dict(event_texts.titles()).get(value, value)
    if name == "reason":
        return reason_title(value)
    if name in ("from", "to"):
        return _time_value(value, presenter.zone)
    if name == "flow" and is_number(value):
        return presenter.flow(int(value))
    return _("No language given") if name == "language" and value == NO_LANGUAGE else value


def _time_value(typed: str, zone: ZoneInfo) -> str:
    """A day, or a time by the store's clock; as it was typed where it is neither."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return moment(at.replace(tzinfo=at.tzinfo or zone), zone).text if "T" in typed else day_text(at.date())
