"""Where in a shop's log something can be: spans of ids from the counted hours, so that what is rare is found without a walk."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from plugin.ports import DeliveryFilter
from plugin.storage import tables
from plugin.storage.crypto import index_key
from plugin.storage.hour_sums import start_of_hour
from plugin.storage.hours import walked
from plugin.storage.log_tables import hour_counts, hours

LONGEST = 10_000  #: ids looked at in one query

_counts, _deliveries = hour_counts.c, tables.deliveries.c


class Span(NamedTuple):
    """Ids from first to last, both included."""

    first: int
    last: int


def spans(connection: Connection, filter: DeliveryFilter) -> Iterator[Span]:
    """Spans that hold everything the filter matches, newest first, none twice."""
    whole = _whole(connection, filter)
    if whole is None:
        return
    if not _names_something_rare(filter):
        yield whole
        return
    position = walked(connection)
    found = [Span(max(position + 1, whole.first), whole.last), *_exact(connection, filter), *_unsure(connection, filter)]
    for span in _apart(_clipped(found, whole)):
        yield from _pieces(span)


def _names_something_rare(filter: DeliveryFilter) -> bool:
    """Whether no index leads to it: a state has one."""
    return bool(filter.kind or filter.locale is not None or filter.automation_id is not None)


def _whole(connection: Connection, filter: DeliveryFilter) -> Span | None:
    """From the first delivery the times allow to the last; None when there is none."""
    edges = select(func.min(_deliveries.id), func.max(_deliveries.id)).where(_deliveries.shop_id == filter.shop_id)
    first, last = connection.execute(edges).one()
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
    return Span(first, last) if first <= last else None


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


def _exact(connection: Connection, filter: DeliveryFilter) -> list[Span]:
    """Of whole hours: kind, language and flow never change there; a state may while the hour is due again."""
    is_of = and_(_counts.shop_id == hours.c.shop_id, _counts.hour == hours.c.hour)
    wanted = [*_hours_of(filter), hours.c.is_whole == 1]
    if filter.kind:
        wanted.append(_counts.kind == filter.kind.value)
    if filter.locale is not None:
        wanted.append(_counts.locale == index_key(filter.locale))
    if filter.automation_id is not None:
        wanted.append(_counts.flow == filter.automation_id)
    if filter.state:
        wanted.append((_counts.state == filter.state.value) | hours.c.due_at.is_not(None))
    query = select(_counts.first_id, _counts.last_id).join_from(hours, hour_counts, is_of).where(*wanted)
    return [Span(first, last) for first, last in connection.execute(query)]


def _unsure(connection: Connection, filter: DeliveryFilter) -> list[Span]:
    """Hours to which something may have been added since they were counted."""
    query = select(hours.c.first_id, hours.c.last_id).where(*_hours_of(filter), hours.c.is_whole == 0)
    return [Span(first, last) for first, last in connection.execute(query)]


def _clipped(found: list[Span], whole: Span) -> list[Span]:
    clipped = (Span(max(span.first, whole.first), min(span.last, whole.last)) for span in found)
    return [span for span in clipped if span.first <= span.last]


def _apart(found: list[Span]) -> list[Span]:
    """The same ids in spans that do not meet, newest first."""
    apart: list[Span] = []
    for span in sorted(found):
        if apart and span.first <= apart[-1].last + 1:
            apart[-1] = Span(apart[-1].first, max(span.last, apart[-1].last))
        else:
            apart.append(span)
    return apart[::-1]


def _pieces(span: Span) -> Iterator[Span]:
    last = span.last
    while last >= span.first:
        yield Span(max(span.first, last - LONGEST + 1), last)
        last -= LONGEST
