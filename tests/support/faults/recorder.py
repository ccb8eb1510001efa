"""A SendPulse that looks into the database at every POST, and demands what the schedule promises."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Table, select

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.retry import JITTER, SCHEDULE
from plugin.ports import ClaimedDelivery
from plugin.storage.db import tables
from plugin.storage.db.engine import Database
from tests.support.fake_platform import DELIVERED, FakeClock
from tests.support.faults.paused_delivery import PausedDelivery

STATES = ("cart_updated", "customer_updated")  #: each replaces the one before
CARTS = ("cart_updated",)
AGAIN = (Verdict.TRY_AGAIN, Verdict.UNCERTAIN)

_deliveries, _attempts, _destinations = tables.deliveries, tables.attempts, tables.destinations


class PromiseBroken(AssertionError):
    """Something was sent that should not have been, or when it should not have been."""


@dataclass
class Witness:
    """Takes every POST; what it cannot forgive is a `PromiseBroken`."""

    watch: Database
    clock: FakeClock
    rate: float
    paused: dict[int, PausedDelivery] = field(
        default_factory=dict
    )  #: by attempt; a POST that nobody pauses is answered yes at once
    taken: Counter[int] = field(default_factory=Counter)  #: POSTs that arrived, by delivery
    posted: set[int] = field(default_factory=set)  #: attempts
    again_at: dict[int, datetime] = field(default_factory=dict)  #: when a delivery may leave again at the earliest
    made: Counter[int] = field(default_factory=Counter)  #: attempts the schedule counts, by delivery
    heard: set[int] = field(default_factory=set)  #: attempts whose answers were stored
    denied: set[int] = field(default_factory=set)  #: deliveries that were not taken because the merchant must act
    denied_at: dict[int, datetime] = field(default_factory=dict)  #: since when each waits for that
    worked_at: dict[str, datetime] = field(default_factory=dict)  #: when a destination last took something
    sent_anew: set[int] = field(default_factory=set)  #: deliveries the merchant sent again, until they leave
    chosen: set[int] = field(default_factory=set)  #: the same, for ever: the merchant wants them however old they are
    last: dict[str, ClaimedDelivery] = field(default_factory=dict)  #: by destination
    last_at: dict[str, datetime] = field(default_factory=dict)
    newest: dict[tuple[str, str], datetime] = field(default_factory=dict)  #: the newest state that left, by object
    is_broken: bool = False

    def __call__(self, claimed: ClaimedDelivery) -> Outcome:
        """A POST arrives."""
        now, delivery = self.clock(), claimed.delivery
        paused_delivery = self.paused.get(claimed.attempt_id)
        if paused_delivery is None:
            self.claimed(claimed)
        self._was_written_down(claimed)
        self._is_paced(claimed, now)
        self._is_alone(claimed, now)
        self._may_leave_again(claimed, now)
        self._says_nothing_old(claimed)
        self.taken[delivery.id] += 1
        self.posted.add(claimed.attempt_id)
        self.last[delivery.destination], self.last_at[delivery.destination] = claimed, now
        self.sent_anew.discard(delivery.id)
        if paused_delivery is None:
            self.worked_at[delivery.destination] = now
        return paused_delivery.post() if paused_delivery else DELIVERED

    def claimed(self, claimed: ClaimedDelivery) -> None:
        """A worker took it, just now."""
        self._leaves_in_order(claimed)
        self._is_allowed_by_the_breaker(claimed)
        self.made[claimed.delivery.id] += 1

    def answered(self, claimed: ClaimedDelivery, outcome: Outcome) -> None:
        """SendPulse answered; it counts when the answer was stored."""
        delivery_id = claimed.delivery.id
        self.paused.pop(claimed.attempt_id, None)
        stored = (outcome.verdict.value, outcome.reason)
        if not any(stored == (row["verdict"], row["reason"]) for row in self._rows(_attempts, id=claimed.attempt_id)):
            return
        self.heard.add(claimed.attempt_id)
        if outcome.verdict is Verdict.DELIVERED:
            self.worked_at[claimed.delivery.destination] = self.clock()
        if outcome.needs_merchant and not self._is_denied_alone(claimed):
            self.made[delivery_id] -= 1
            self.denied.add(delivery_id)
            self.denied_at[delivery_id] = self.clock()
        elif outcome.needs_merchant or outcome.verdict in AGAIN:
            self._is_not_given_up_early(delivery_id)
            made = min(self.made[delivery_id], len(SCHEDULE))
            wait = SCHEDULE[made - 1] * (1 - JITTER)
            self.again_at[delivery_id] = self.clock() + max(wait, outcome.after or timedelta(0))

    def sent_again(self, delivery_ids: Sequence[int]) -> None:
        """The merchant wants these once more: their schedule begins anew."""
        self.sent_anew.update(delivery_ids)
        self.chosen.update(delivery_ids)
        for delivery_id in delivery_ids:
            self.made.pop(delivery_id, None)
            self.denied_at.pop(delivery_id, None)
            self.again_at.pop(delivery_id, None)

    def demand(self, is_kept: bool, promise: str, *facts: Any) -> None:
        """The promise, when it is not kept."""
        if not is_kept:
            self.is_broken = True
            raise PromiseBroken(f"{promise} {' '.join(map(str, facts))}".strip())

    # ------------------------------------------------------------------ what is promised

    def _was_written_down(self, claimed: ClaimedDelivery) -> None:
        attempts = self._rows(_attempts, delivery_id=claimed.delivery.id)
        this = [row for row in attempts if row["id"] == claimed.attempt_id]
        self.demand(bool(this), "An attempt is written before it is made.")
        self.demand(this[0]["finished_at"] is None, "An attempt is made once.")
        before = [row for row in attempts if row["number"] < this[0]["number"]]
        if before and claimed.delivery.id not in self.sent_anew:
            verdict = max(before, key=lambda row: int(row["number"]))["verdict"]
            is_justified = verdict in AGAIN or claimed.delivery.id in self.denied
            self.demand(is_justified, "Nothing is sent again after an answer that was final:", verdict)

    def _is_paced(self, claimed: ClaimedDelivery, now: datetime) -> None:
        key = claimed.delivery.destination
        last_at, last = self.last_at.get(key), self.last.get(key)
        if last_at is None or last is None or self._is_lost(last, now):
            return
        since = now - last_at
        self.demand(since >= timedelta(seconds=1 / self.rate), "No account is sent to faster than its rate:", since)

    def _is_alone(self, claimed: ClaimedDelivery, now: datetime) -> None:
        others = [
            paused_delivery for paused_delivery in self.paused.values()
            if paused_delivery.is_at_sendpulse and paused_delivery.claimed.delivery.destination == claimed.delivery.destination
            and paused_delivery.claimed.leased_until and now < paused_delivery.claimed.leased_until
        ]  # fmt: skip
        self.demand(not others, "One account is sent to by one worker at a time.")

    def _may_leave_again(self, claimed: ClaimedDelivery, now: datetime) -> None:
        again_at = self.again_at.pop(claimed.delivery.id, now)
        self.demand(now >= again_at, "A retry waits as long as the schedule says:", again_at - now, "too early")

    def _says_nothing_old(self, claimed: ClaimedDelivery) -> None:
        [row] = self._rows(_deliveries, id=claimed.delivery.id)
        if row["kind"] in STATES and claimed.delivery.id not in self.chosen:
            [happening] = self._rows(tables.events, id=row["event_id"])
            its = (row["kind"], happening["object_id"])
            newest = self.newest.get(its, row["happened_at"])
            self.demand(row["happened_at"] >= newest, "An older state never leaves after a newer:", row["kind"])
            self.newest[its] = row["happened_at"]

    def _leaves_in_order(self, claimed: ClaimedDelivery) -> None:
        [row] = self._rows(_deliveries, id=claimed.delivery.id)
        others = self._rows(_deliveries, basket=row["basket"], destination=row["destination"]) if row["basket"] else ()
        waits = [(other["happened_at"], other["id"]) for other in others if other["due_at"] is not None]
        self.demand(min(waits, default=_age(row)) >= _age(row), "Nothing of a basket leaves before what happened earlier.")
        hashes = {bought["hash"] for bought in self._rows(tables.purchases)}
        is_late = row["kind"] in CARTS and row["basket"] in hashes and row["id"] not in self.chosen
        self.demand(not is_late, "Nothing is said of a cart that was bought.")

    def _is_allowed_by_the_breaker(self, claimed: ClaimedDelivery) -> None:
        [row] = self._rows(_destinations, key=claimed.delivery.destination)
        self.demand(row["health"] != "disabled", "Nothing leaves for an account that is switched off.")
        is_paused = row["paused_until"] is not None and self.clock() < row["paused_until"]
        self.demand(not is_paused, "Nothing leaves for an account that is paused:", row["health"])

    def _is_not_given_up_early(self, delivery_id: int) -> None:
        [row] = self._rows(_deliveries, id=delivery_id)
        is_early = row["state"] == "failed" and self.made[delivery_id] <= len(SCHEDULE)
        self.demand(not is_early, "Nothing is given up before its schedule is over:", self.made[delivery_id], "attempts")

    def _is_denied_alone(self, claimed: ClaimedDelivery) -> bool:
        """Whether its account took something since the merchant had to act for it: then it is its own fault."""
        worked_at, denied_at = self.worked_at.get(claimed.delivery.destination), self.denied_at.get(claimed.delivery.id)
        return worked_at is not None and denied_at is not None and worked_at > denied_at

    def _is_lost(self, last: ClaimedDelivery, now: datetime) -> bool:
        """Whether a machine made it that slept before and lost its lease: nobody else could know of it."""
        return last.attempt_id not in self.heard and last.leased_until is not None and last.leased_until <= now

    def _rows(self, table: Table, **wanted: Any) -> Sequence[RowMapping]:
        query = select(table).where(*(table.c[name] == value for name, value in wanted.items()))
        with self.watch.read() as connection:
            return connection.execute(query).mappings().all()


def _age(row: RowMapping) -> tuple[datetime, int]:
    return row["happened_at"], row["id"]
