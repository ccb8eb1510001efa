"""Where in a shop's log something can be: ID ranges from the counted hours, so that what is rare is found without a walk."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from plugin.ports import DeliveryFilter
from plugin.storage.db import tables
from plugin.storage.db.crypto import index_key
from plugin.storage.db.hour_marks import start_of_hour
from plugin.storage.db.log_tables import hour_counts, hours
from plugin.storage.log.hours import walked

LONGEST = 10_000  #: ids looked at in one query
HOURS = 12  #: looked at together, at first

_counts, _deliveries = hour_counts.c, tables.deliveries.c
_ENDS = (func.min(_deliveries.id), func.max(_deliveries.id))


class IdRange(NamedTuple):
    """Ids from first to last, both included."""

    first: int
    last: int


def id_ranges(connection: Connection, filter: DeliveryFilter) -> Iterator[IdRange]:
    """Spans that hold everything the filter matches, newest first, none twice."""
    whole = _whole(connection, filter)
    if whole is None:
        return
    if not _needs_id_ranges(filter):
        yield whole
        return
    position = walked(connection)
    left, until = [IdRange(position + 1, whole.last)], filter.until
    for count in _steps():
        noted = _noted(connection, filter, until, whole.last, count)
        until = noted[-1].hour if noted else until
        # Workers' clocks differ by a little, so an older hour may hold a newer id: what is below it waits for that hour.
        below = _last_before(connection, filter, until) if len(noted) == count else 0
        left += _held_by(connection, filter, noted)
        for span in _apart(_clipped(left, IdRange(max(whole.first, below + 1), whole.last))):
            yield from _pieces(span)
        if not below:
            return
        left = _clipped(left, IdRange(whole.first, below))


def _steps() -> Iterator[int]:
    """Hours looked at together: few at first, because what is frequent is found at once."""
    count = HOURS
    while True:
        yield count
        count *= 4


def _needs_id_ranges(filter: DeliveryFilter) -> bool:
    """Whether no index leads to it: a state has one."""
    return bool(filter.kind or filter.reason_code or filter.locale is not None or filter.automation_id is not None)


def _whole(connection: Connection, filter: DeliveryFilter) -> IdRange | None:
    """From the first delivery the times allow to the last; None when there is none."""
    # Each by itself: asked for both in one, SQLite walks from one end to the other.
    ends = [select(end).where(_deliveries.shop_id == filter.shop_id).scalar_subquery() for end in _ENDS]
    first, last = connection.execute(select(*ends)).one()
    if first is None:
        return None
    if filter.before_id is not None:
        last = min(last, filter.before_id - 1)
    position = walked(connection)
    if filter.since:
        query = select(func.min(hours.c.first_id)).where(*_hours_of(filter))
        first = max(first, connection.execute(query).scalar() or position + 1)
    # What no hour knows yet may be of any time.
    if filter.until and not connection.execute(_newer(filter, position)).first():
        query = select(func.max(hours.c.last_id)).where(*_hours_of(filter))
        last = min(last, connection.execute(query).scalar() or 0)
    return IdRange(first, last) if first <= last else None


def _newer(filter: DeliveryFilter, position: int) -> Select[Any]:
    is_newer = and_(_deliveries.shop_id == filter.shop_id, _deliveries.id > position)
    in_time = _deliveries.created_at < filter.until if filter.until else _deliveries.id > 0
    return select(_deliveries.id).where(is_newer, in_time).limit(1)


def _hours_of(filter: DeliveryFilter) -> list[ColumnElement[bool]]:
    wanted = [hours.c.shop_id == filter.shop_id]
    if filter.since:
        wanted.append(hours.c.hour >= start_of_hour(filter.since))
    if filter.until:
        wanted.append(hours.c.hour < filter.until)
    return wanted


def _noted(connection: Connection, filter: DeliveryFilter, until: datetime | None, last: int, count: int) -> Sequence[Any]:
    """The next hours that may hold something up to this id, the newest first."""
    query = select(hours.c.hour, hours.c.first_id, hours.c.last_id, hours.c.is_whole, hours.c.due_at)
    query = query.where(*_hours_of(replace(filter, until=until)), hours.c.first_id <= last).order_by(hours.c.hour.desc())
    return connection.execute(query.limit(count)).all()


def _last_before(connection: Connection, filter: DeliveryFilter, until: datetime | None) -> int:
    """The last id of the hours before this one; 0 when there are none."""
    query = select(func.max(hours.c.last_id)).where(*_hours_of(replace(filter, until=until)))
    return connection.execute(query).scalar() or 0


def _held_by(connection: Connection, filter: DeliveryFilter, noted: Sequence[Any]) -> list[IdRange]:
    """What of these hours holds it: of whole ones what was counted, of the others everything."""
    unsure = [IdRange(row.first_id, row.last_id) for row in noted if not row.is_whole]
    if not (whole := [row for row in noted if row.is_whole]):
        return unsure
    wanted = [_counts.shop_id == filter.shop_id, _counts.hour.between(whole[-1].hour, whole[0].hour)]
    if filter.kind:
        wanted.append(_counts.kind == filter.kind.value)
    if filter.locale is not None:
        wanted.append(_counts.locale == index_key(filter.locale))
    if filter.automation_id is not None:
        wanted.append(_counts.flow == filter.automation_id)
    if filter.state:
        # Kind, language and flow never change; a state may while its hour is due to be counted again.
        may_change = [row.hour for row in whole if row.due_at is not None]
        wanted.append((_counts.state == filter.state.value) | _counts.hour.in_(may_change))
    query = select(func.min(_counts.first_id), func.max(_counts.last_id)).where(*wanted).group_by(_counts.hour)
    return unsure + [IdRange(first, last) for first, last in connection.execute(query)]


def _clipped(found: list[IdRange], whole: IdRange) -> list[IdRange]:
    clipped = (IdRange(max(span.first, whole.first), min(span.last, whole.last)) for span in found)
    return [span for span in clipped if span.first <= span.last]


def _apart(found: list[IdRange]) -> list[IdRange]:
    """The same ids in id_ranges that do not meet, newest first."""
    apart: list[IdRange] = []
    for span in sorted(found):
        if apart and span.first <= apart[-1].last + 1:
            apart[-1] = IdRange(apart[-1].first, max(span.last, apart[-1].last))
        else:
            apart.append(span)
    return apart[::-1]


def _pieces(span: IdRange) -> Iterator[IdRange]:
    last = span.last
    while last >= span.first:
        yield IdRange(max(span.first, last - LONGEST + 1), last)
        last -= LONGEST
