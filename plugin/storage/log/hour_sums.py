"""Deliveries summed up by hour, kind, language, flow, state and delay: the one statement everything is counted with."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from plugin.domain.delays import BOUNDS
from plugin.domain.delivery import State, Verdict
from plugin.domain.reason_codes import UNMATCHED
from plugin.storage.db import tables
from plugin.storage.db.columns import Moment

KEY = ("kind", "locale", "flow", "state", "is_matched", "delay")  #: what a sum is about, beside its shop and hour

_deliveries, _events, _attempts = tables.deliveries, tables.events, tables.attempts


class _TwoTimes(ColumnElement[Any]):
    """An expression over two points in time, or one twice, written differently on each database."""

    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 SQLAlchemy's
        ("first", InternalTraversal.dp_clauseelement),
        ("second", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first, second


class _Seconds(_TwoTimes):
    """The seconds from the first to the second."""

    inherit_cache = True
    type = Float()


class _Hour(_TwoTimes):
    """The beginning of the first one's hour, in UTC."""

    inherit_cache = True
    type = Moment()


@compiles(_Seconds, "sqlite")
def _seconds_on_sqlite(element: _Seconds, compiler: SQLCompiler, **kw: Any) -> str:
    first, second = compiler.process(element.first, **kw), compiler.process(element.second, **kw)
    return f"((julianday({second}) - julianday({first})) * 86400.0)"


@compiles(_Seconds)
def _seconds(element: _Seconds, compiler: SQLCompiler, **kw: Any) -> str:
    first, second = compiler.process(element.first, **kw), compiler.process(element.second, **kw)
    return f"EXTRACT(EPOCH FROM ({second} - {first}))"


@compiles(_Hour, "sqlite")
def _hour_on_sqlite(element: _Hour, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strftime('%Y-%m-%d %H:00:00.000000', {compiler.process(element.first, **kw)})"


@compiles(_Hour)
def _hour(element: _Hour, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date_trunc('hour', {compiler.process(element.first, **kw)}, 'UTC')"


def sums(where: ColumnElement[bool]) -> Select[Any]:
    """The deliveries that fit, by shop, hour and key: how many, and the first and last of them."""
    row = _each().where(where).subquery("row")
    key = [row.c.shop_id, row.c.hour, *(row.c[name] for name in KEY)]
    number = row.c.id
    counted = [func.count().label("count"), func.min(number).label("first_id"), func.max(number).label("last_id")]
    return select(*key, *counted).group_by(*key)


@cache
def _each() -> Select[Any]:
    columns = _deliveries.c
    return select(
        columns.shop_id, _Hour(columns.created_at, columns.created_at).label("hour"), columns.kind, columns.locale,
        func.coalesce(columns.automation_id, 0).label("flow"), columns.state, _is_matched().label("is_matched"),
        _bucket().label("delay"), columns.id,
    ).join(_events, _events.c.id == columns.event_id)  # fmt: skip


def _is_matched() -> ColumnElement[int]:
    """Whether a flow fitted the buyer's language, or nothing asked for one."""
    is_unmatched = _deliveries.c.flow_match.in_([match.value for match in UNMATCHED])
    return case((is_unmatched, 0), else_=1)


def _bucket() -> ColumnElement[int]:
    """From the moment the event was stored to SendPulse's first yes, as a bucket; sending again makes nothing slower."""
    is_yes = and_(_attempts.c.delivery_id == _deliveries.c.id, _attempts.c.verdict == Verdict.DELIVERED.value)
    first_yes = select(func.min(_attempts.c.finished_at)).where(is_yes).correlate(_deliveries).scalar_subquery()
    seconds = _Seconds(_events.c.created_at, func.coalesce(first_yes, _deliveries.c.finished_at, _deliveries.c.created_at))
    steps = [(seconds <= bound, number) for number, bound in enumerate(BOUNDS)]
    return case((_deliveries.c.state != State.DELIVERED.value, -1), *steps, else_=len(BOUNDS))
