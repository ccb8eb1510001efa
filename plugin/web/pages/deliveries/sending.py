"""Sending again what matches: counted by state and age first, then a few at once, and many as a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from plugin.domain.delivery import State
from plugin.ports import DeliveryFilter, Resend, ResendPart, ResendRequest, Store
from plugin.upkeep.replay import send_again
from plugin.web.delivery_texts import resend_effect, state_titles
from plugin.web.forms.delivery_filter import is_number
from plugin.web.moments import Moment, moment

AT_ONCE: Final = 50  #: sent again while whoever asked waits; what is more becomes a job
MAX_COUNTED: Final = 10_000
OLD: Final = timedelta(days=3)  #: since then a buyer does not expect to hear of it
SENDABLE: Final = (State.FAILED, State.HELD, State.SKIPPED, State.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What matches in one state."""

    state: State
    label: str
    number: int
    is_all: bool  #: False: there are more than were counted
    old: int  #: how many of them are old
    is_all_old: bool
    oldest: Moment | None
    effect: str  #: what sending again does to them
    before: int  #: only those older than this: what comes after the count is not part of it
    is_ticked: bool
    takes_old: bool

    @property
    def name(self) -> str:
        return f"again-{self.state}"

    @property
    def old_name(self) -> str:
        return f"old-{self.state}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was ticked of one state."""

    before: int
    takes_old: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of a wish: a few are sent again, many are a job."""

    number: int
    job: Resend | None = None
    is_begun: bool = True  #: False: another job was running already


def choices(
    store: Store, wanted: DeliveryFilter, zone: ZoneInfo, *, ticked: Mapping[State, Wish] | None = None, now: datetime
) -> list[Choice]:
    """Each state that can be sent again and has something in it."""
    newest = store.log.page(replace(wanted, limit=1)).rows
    states = [state for state in SENDABLE if wanted.state in (None, state)]
    if not newest:
        return []
    return [found for state in states if (found := _choice(store, wanted, state, newest[0].id + 1, zone, ticked, now))]


def _choice(
    store: Store,
    wanted: DeliveryFilter,
    state: State,
    before: int,
    zone: ZoneInfo,
    ticked: Mapping[State, Wish] | None,
    now: datetime,
) -> Choice | None:
    its = replace(wanted, state=state, before_id=before)
    counted = store.log.count(its, most=MAX_COUNTED)
    if not counted.number and counted.is_all:
        return None
    until = min(its.until or now, now - OLD)
    old = store.log.count(replace(its, until=until), most=MAX_COUNTED)
    oldest = store.log.oldest(its)
    is_asked_for = state is State.FAILED or (state is wanted.state and state is not State.DELIVERED) or bool(wanted.ids)
    return Choice(
        state=state, label=state_titles()[state], effect=resend_effect(state), before=before,
        number=counted.number, is_all=counted.is_all, old=old.number, is_all_old=old.is_all,
        oldest=moment(oldest, zone) if oldest else None,
        is_ticked=state in ticked if ticked is not None else is_asked_for and state is not State.DELIVERED,
        takes_old=bool(ticked and state in ticked and ticked[state].takes_old),
    )  # fmt: skip


def wishes(form: Mapping[str, str]) -> dict[State, Wish]:
    """The states that were ticked, each with where it begins."""
    ticked = {state: form.get(f"again-{state}", "") for state in SENDABLE}
    return {
        state: Wish(before=int(before), takes_old=bool(form.get(f"old-{state}")))
        for state, before in ticked.items()
        if is_number(before)
    }


def is_simple(store: Store, wanted: DeliveryFilter, *, now: datetime) -> bool:
    """Whether these few can be sent again without a question: nothing that SendPulse has, nothing old."""
    rows = store.log.page(replace(wanted, limit=AT_ONCE)).rows
    return all(row.state is not State.DELIVERED and row.created_at >= now - OLD for row in rows)


def send(
    store: Store, wanted: DeliveryFilter, wishes: Mapping[State, Wish], *, who: str, now: datetime, address: str = ""
) -> Sent:
    """Send again what was wished for: at once where it is little, else as a job."""
    filters = _filters(wanted, wishes, now)
    total = _total(store, filters)
    if total is not None and total <= AT_ONCE:
        by = {"who": who, "address": address}
        return Sent(number=sum(_all_of(store, each, **by, now=now) for each in filters))
    parts = {
        state: ResendPart(before=wish.before, since=None if wish.takes_old else now - OLD)
        for state, wish in wishes.items()
        if wanted.state in (None, state)
    }
    asked = ResendRequest(filter=wanted, parts=parts, who=who, address=address)
    job, is_begun = store.resends.start(wanted.shop_id, asked, total=total, now=now)
    return Sent(number=0, job=job, is_begun=is_begun)


def _filters(wanted: DeliveryFilter, wishes: Mapping[State, Wish], now: datetime) -> list[DeliveryFilter]:
    """What was wished for, by state."""
    found = []
    for state, wish in wishes.items():
        if wanted.state in (None, state):
            since = wanted.since if wish.takes_old else max(now - OLD, wanted.since or now - OLD)
            found.append(replace(wanted, state=state, before_id=wish.before, since=since))
    return found


def _total(store: Store, filters: Sequence[DeliveryFilter]) -> int | None:
    """How many those are; None when they are more than are counted."""
    counts = [store.log.count(each, most=MAX_COUNTED) for each in filters]
    return sum(each.number for each in counts) if all(each.is_all for each in counts) else None


def _all_of(store: Store, wanted: DeliveryFilter, *, who: str, address: str, now: datetime) -> int:
    """Send these few again, however many looks it takes to find them; how many they were."""
    number = 0
    while True:
        sent = send_again(store, replace(wanted, limit=AT_ONCE), who=who, address=address, now=now)
        number += sent.number
        if sent.older is None or number >= AT_ONCE:
            return number
        wanted = replace(wanted, before_id=sent.older)
