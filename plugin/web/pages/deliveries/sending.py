"""Sending again all that match: counted by state first, then done in steps that keep nobody waiting."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from plugin.domain.delivery import State
from plugin.ports import DeliveryFilter, Store
from plugin.upkeep.replay import send_again
from plugin.web.delivery_texts import resend_effect, state_titles
from plugin.web.forms.delivery_filter import is_number

BATCH_SIZE: Final = 500  #: deliveries in one commit
MAX_BATCHES: Final = 20  #: in one request; whoever wants more goes on
MAX_COUNTED: Final = 10_000
SENDABLE: Final = (State.FAILED, State.HELD, State.SKIPPED, State.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What matches in one state."""

    state: State
    label: str
    number: int
    is_all: bool  #: False: there are more than were counted
    effect: str  #: what sending again does to them
    before: int  #: only those older than this: what comes after the count is not part of it

    @property
    def name(self) -> str:
        return f"again-{self.state}"

    @property
    def is_offered(self) -> bool:
        """Whether it is ticked from the start: what SendPulse has already is the merchant's own wish."""
        return self.state is not State.DELIVERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was done, and where to go on when it was not all."""

    number: int
    remaining: Mapping[State, int]

    @property
    def names(self) -> dict[str, int]:
        return {f"again-{state}": before for state, before in self.remaining.items()}


def choices(store: Store, wanted: DeliveryFilter) -> list[Choice]:
    """Each state that can be sent again and has something in it."""
    newest = store.log.page(replace(wanted, limit=1)).rows
    states = [state for state in SENDABLE if wanted.state in (None, state)]
    if not newest:
        return []
    before = newest[0].id + 1
    found = []
    for state in states:
        counted = store.log.count(replace(wanted, state=state, before_id=before), most=MAX_COUNTED)
        if counted.number or not counted.is_all:
            labels = {"label": state_titles()[state], "effect": resend_effect(state)}
            found.append(Choice(state=state, number=counted.number, is_all=counted.is_all, before=before, **labels))
    return found


def chosen(form: Mapping[str, str]) -> dict[State, int]:
    """The states that were ticked, each with where it begins."""
    ticked = {state: form.get(f"again-{state}", "") for state in SENDABLE}
    return {state: int(before) for state, before in ticked.items() if is_number(before)}


def send(
    store: Store, wanted: DeliveryFilter, chosen: Mapping[State, int], *, who: str, now: datetime, address: str = ""
) -> Sent:
    """Send again what was chosen, newest first, as far as one request goes."""
    remaining, number = dict(chosen), 0
    for _step in range(MAX_BATCHES):
        state: State | None = next(iter(remaining), None)
        if state is None or wanted.state not in (None, state):
            break
        step = replace(wanted, state=state, limit=BATCH_SIZE, before_id=remaining[state])
        sent = send_again(store, step, who=who, address=address, now=now)
        number += sent.number
        if sent.older is None:
            del remaining[state]
        else:
            remaining[state] = sent.older
    return Sent(number=number, remaining=remaining)
