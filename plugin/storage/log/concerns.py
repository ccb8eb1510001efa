"""What of a shop did not leave and why, and what left and lacked something: of the newest, as far as one look goes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, func, select

from plugin.domain.delivery import State
from plugin.domain.event import sentences
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import Concern, Lack
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.hour_marks import start_of_hour
from plugin.storage.db.log_tables import hours
from plugin.storage.log.hours import walked

STATES: Final = (State.FAILED, State.HELD, State.SKIPPED)
MOST: Final = 5_000  #: of one state that are looked at

_deliveries = tables.deliveries.c


def concerns(connection: Connection, shop_id: int, *, since: datetime, codes: frozenset[ReasonCode]) -> list[Concern]:
    """Those planned since that hour; of what was skipped only what was skipped for one of these reasons."""
    first = _first_since(connection, shop_id, since)
    found = [one for state in STATES for one in _in_state(connection, shop_id, state, first)]
    asked = [one for one in found if one[0] is not State.SKIPPED or one[2] in codes]
    begun = _planned_at(connection, shop_id, [oldest for *_, oldest in asked])
    return [
        Concern(state=state, kind=kind, code=code, number=number, is_all=is_all, oldest_at=begun[oldest])
        for state, kind, code, number, is_all, oldest in asked
        if oldest in begun
    ]


def lacks(connection: Connection, shop_id: int, *, since: datetime) -> list[Lack]:
    """What was missing in those that SendPulse accepted; one that lacked two things counts for each."""
    rows = connection.execute(_accepted(shop_id, _first_since(connection, shop_id, since))).all()
    is_all = sum(row.number for row in rows) < MOST
    found: dict[tuple[EventKind, str], list[Any]] = {}
    for row in rows:
        for sentence in sentences(row.partial):
            found.setdefault((EventKind(row.kind), sentence), []).append(row)
    newest = {key: max(row.newest for row in some) for key, some in found.items()}
    begun = _planned_at(connection, shop_id, list(newest.values()))
    return [
        Lack(
            kind=kind, sentence=sentence, number=sum(row.number for row in some), is_all=is_all,
            newest=newest[kind, sentence], newest_at=begun[newest[kind, sentence]],
        )
        for (kind, sentence), some in found.items() if newest[kind, sentence] in begun
    ]  # fmt: skip


def _planned_at(connection: Connection, shop_id: int, ids: Sequence[int]) -> Mapping[int, datetime]:
    query = select(_deliveries.id, _deliveries.created_at).where(AnyOf(_deliveries.id, "ids"), _deliveries.shop_id == shop_id)
    return {row.id: row.created_at for row in connection.execute(query, {"ids": ids})}


def _first_since(connection: Connection, shop_id: int, since: datetime) -> int:
    """The first delivery of that hour; where no hour knows one, the first that is newer than the hours."""
    query = select(func.min(hours.c.first_id)).where(hours.c.shop_id == shop_id, hours.c.hour >= start_of_hour(since))
    return connection.execute(query).scalar() or walked(connection) + 1


def _in_state(
    connection: Connection, shop_id: int, state: State, first: int
) -> Iterator[tuple[State, EventKind, ReasonCode | None, int, bool, int]]:
    rows: Sequence[Any] = connection.execute(newest(shop_id, state, first)).all()
    is_all = sum(row.number for row in rows) < MOST
    for row in rows:
        yield state, EventKind(row.kind), _code(row.reason_code), row.number, is_all, row.oldest


def newest(shop_id: int, state: State, first: int) -> Select[Any]:
    """The newest in this state by kind and reason; neither their letters nor anything behind them in the row is read."""
    return _by(shop_id, state, first, _deliveries.reason_code)


def _accepted(shop_id: int, first: int) -> Select[Any]:
    return _by(shop_id, State.DELIVERED, first, _deliveries.partial)


def _by(shop_id: int, state: State, first: int, column: Column[str]) -> Select[Any]:
    some = select(_deliveries.id, _deliveries.kind, column)
    some = some.where(_deliveries.shop_id == shop_id, _deliveries.state == state.value, _deliveries.id >= first)
    row = some.order_by(_deliveries.id.desc()).limit(MOST).subquery("row").c
    counted = (func.count().label("number"), func.min(row.id).label("oldest"), func.max(row.id).label("newest"))
    return select(row.kind, row[column.key], *counted).group_by(row.kind, row[column.key])


def _code(stored: str) -> ReasonCode | None:
    """None in rows of before there were codes, and where a newer version wrote another one."""
    return ReasonCode(stored) if stored in list(ReasonCode) else None
