"""What became of every acknowledged webhook: delivered, waiting or explained; anything else is lost.

A webhook is known by its delivery key, its event by the order's number, its POSTs by the order's number in their bodies.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import RowMapping, select

from plugin.domain.delivery import State, Verdict
from plugin.storage import SqlStore
from plugin.storage.db import tables

_webhooks, _events, _deliveries, _attempts = tables.webhooks, tables.events, tables.deliveries, tables.attempts

OPEN = frozenset({State.WAITING, State.SENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of some orders."""

    lost: frozenset[str]  #: acknowledged, and nothing here or at SendPulse knows of it
    waiting: frozenset[str]
    explained: frozenset[str]  #: not sent, and the log says why
    delivered: frozenset[str]
    repeated: int  #: POSTs SendPulse took beyond the first of each order
    uncertain: int  #: attempts the log calls uncertain
    unmarked: frozenset[str]  #: taken more often than the log admits

    def row(self) -> str:
        """The figures in one line."""
        return (
            f"lost {len(self.lost)}, delivered {len(self.delivered)}, waiting {len(self.waiting)}, "
            f"explained {len(self.explained)}, repeated {self.repeated}, uncertain {self.uncertain}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """What the database says, by order number."""

    webhooks: Mapping[str, RowMapping]
    events: Mapping[str, RowMapping]
    deliveries: Mapping[str, RowMapping]
    verdicts: Mapping[str, Counter[str]]  #: of the attempts


def account_for(store: SqlStore, acknowledged: Collection[str], taken: Counter[str]) -> Account:
    """What became of these orders, by the log and by what SendPulse took."""
    log = _read(store)
    found: dict[str, set[str]] = defaultdict(set)
    for order in acknowledged:
        found[_fate(order, log, taken)].add(order)
    known = [log.verdicts.get(order, Counter()) for order in acknowledged]
    return Account(
        lost=frozenset(found["lost"]),
        waiting=frozenset(found["waiting"]),
        explained=frozenset(found["explained"]),
        delivered=frozenset(found["delivered"]),
        repeated=sum(max(0, taken[order] - 1) for order in acknowledged),
        uncertain=sum(verdicts[Verdict.UNCERTAIN.value] for verdicts in known),
        unmarked=frozenset(order for order in acknowledged if _is_unmarked(taken[order], log.verdicts.get(order, Counter()))),
    )


def open_attempts(store: SqlStore) -> set[int]:
    """The attempts whose answers are not written: what is in flight, or was when somebody was killed."""
    with store.database.read() as connection:
        return set(connection.execute(select(_attempts.c.id).where(_attempts.c.finished_at.is_(None))).scalars())


def orders_of(store: SqlStore, attempt_ids: Collection[int]) -> Counter[str]:
    """How many of these attempts were made for each order."""
    query = select(_attempts.c.id, _events.c.object_id).join(_deliveries, _deliveries.c.id == _attempts.c.delivery_id)
    with store.database.read() as connection:
        found = connection.execute(query.join(_events, _events.c.id == _deliveries.c.event_id)).all()
    return Counter(order for attempt_id, order in found if attempt_id in attempt_ids)


def _fate(order: str, log: _Log, taken: Counter[str]) -> str:
    webhook, event, delivery = log.webhooks.get(order), log.events.get(order), log.deliveries.get(order)
    if webhook is None:
        return "lost"
    if delivery is not None:
        return _fate_of(delivery, taken[order])
    if event is not None:
        return "waiting" if event["due_at"] else "lost"
    if webhook["due_at"]:
        return "waiting"
    return "explained" if webhook["reason"] else "lost"


def _fate_of(delivery: RowMapping, taken: int) -> str:
    if delivery["state"] == State.DELIVERED:
        return "delivered" if taken else "lost"  # the log would lie
    if delivery["state"] in OPEN:
        return "waiting" if delivery["due_at"] else "lost"
    return "explained" if delivery["reason"] else "lost"


def _is_unmarked(taken: int, verdicts: Counter[str]) -> bool:
    """Whether SendPulse took it more often than the log says it may have."""
    return taken > verdicts[Verdict.DELIVERED.value] + verdicts[Verdict.UNCERTAIN.value] + verdicts[""]


def _read(store: SqlStore) -> _Log:
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    of_order = _deliveries.join(_events, _deliveries.c.event_id == _events.c.id)
    attempts = select(_events.c.object_id, _attempts.c.verdict).select_from(of_order.join(_attempts))
    with store.database.read() as connection:
        webhooks = connection.execute(select(_webhooks.c.key, _webhooks.c.due_at, _webhooks.c.reason)).mappings().all()
        events = connection.execute(select(_events.c.object_id, _events.c.due_at)).mappings().all()
        columns = (_events.c.object_id, _deliveries.c.state, _deliveries.c.due_at, _deliveries.c.reason)
        deliveries = connection.execute(select(*columns).select_from(of_order)).mappings().all()
        for object_id, verdict in connection.execute(attempts):
            verdicts[object_id][verdict] += 1
    return _Log(
        webhooks={row["key"].removeprefix("delivery-").partition(":")[0]: row for row in webhooks},
        events={row["object_id"]: row for row in events},
        deliveries={row["object_id"]: row for row in deliveries},
        verdicts=verdicts,
    )
