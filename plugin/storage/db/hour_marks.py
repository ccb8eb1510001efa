"""Marks on hours whose deliveries changed, so that the log's figures count them anew."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import besides
from plugin.storage.db.log_tables import hours

_deliveries = tables.deliveries


def start_of_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def mark(connection: Connection, shop_id: int, moments: Iterable[datetime], *, now: datetime) -> None:
    """What was planned at these moments changed: count their hours anew."""
    changed = {start_of_hour(moment) for moment in moments}
    chosen = (hours.c.shop_id == shop_id) & hours.c.hour.in_(sorted(changed))
    is_later = or_(hours.c.due_at.is_(None), hours.c.due_at > now) & (hours.c.is_whole == 1)
    connection.execute(update(hours).where(chosen, is_later).values(due_at=now))


def mark_events(connection: Connection, shop_id: int, event_ids: Sequence[int], *, now: datetime) -> None:
    """The same for everything these events became, before it is deleted at a person's wish."""
    columns = _deliveries.c
    query = select(columns.created_at).where(besides(columns.shop_id, shop_id), AnyOf(columns.event_id, "ids", event_ids))
    mark(connection, shop_id, connection.execute(query).scalars(), now=now)
