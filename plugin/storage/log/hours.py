"""Deliveries counted by the hour they were planned in, beside the traffic and never within its transactions.

A walk along the deliveries' ids notes which hours there are and between which ids they lie. An hour is counted once it
is over, and again while something in it may still change: what waits, what was sent again, what was erased. Rows that
retention deletes stay counted: each is added to `gone`, and counting anew begins from there.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, delete, insert, select, update

from plugin.domain.delivery import State
from plugin.storage.db import tables
from plugin.storage.db.crypto import index_key
from plugin.storage.db.engine import Database
from plugin.storage.db.hour_marks import start_of_hour
from plugin.storage.db.log_tables import hour_counts, hours, walks
from plugin.storage.log.hour_sums import KEY, sums

WALK = "deliveries by hour"
STEP = 1_000  #: deliveries looked at in one step
AT_ONCE = 5  #: hours counted in one step
HOUR = timedelta(hours=1)
# Ids are given before their rows are committed: what is looked at later than this has nothing missing before it.
LAG = timedelta(minutes=2)
SOONEST, LATEST = timedelta(minutes=10), timedelta(hours=6)  #: before an hour in which something waits is counted again
MOVING = (State.WAITING.value, State.SENDING.value)  #: states that change by themselves

_deliveries = tables.deliveries

Sum = Mapping[str, Any] | RowMapping


class Hours:
    """Counts by small steps; `ports.Statistics` reads what they leave."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def step(self, *, now: datetime) -> int:
        """Do the next small thing; how much it was."""
        return self._walk(now) or self._count_due(now)

    def _walk(self, now: datetime) -> int:
        """Note the hours of the next deliveries."""
        columns = _deliveries.c
        with self._database.read() as connection:
            position = walked(connection)
            query = select(columns.id, columns.shop_id, columns.created_at).where(columns.id > position)
            rows = connection.execute(query.order_by(columns.id).limit(STEP)).all()
        young = next((index for index, row in enumerate(rows) if now - LAG < row.created_at <= now + HOUR), len(rows))
        if not (ready := rows[:young]):
            return 0
        spans: dict[tuple[int, datetime], tuple[int, int]] = {}
        for id, shop_id, created_at in ready:
            first, _ = spans.setdefault((shop_id, start_of_hour(created_at)), (id, id))
            spans[shop_id, start_of_hour(created_at)] = (first, id)
        with self._database.write() as connection:
            if not self._move_on(connection, position, ready[-1].id):
                return 0  # another process was first
            self._note(connection, spans)
        return len(ready)

    def _move_on(self, connection: Connection, position: int, reached: int) -> bool:
        connection.execute(self._database.insert(walks).values(name=WALK, position=0).on_conflict_do_nothing())
        is_here = (walks.c.name == WALK) & (walks.c.position == position)
        return bool(connection.execute(update(walks).where(is_here).values(position=reached)).rowcount)

    def _note(self, connection: Connection, spans: Mapping[tuple[int, datetime], tuple[int, int]]) -> None:
        rows = [_noted(*hour, *span) for hour, span in sorted(spans.items())]
        statement = self._database.insert(hours).values(rows)
        new = statement.excluded
        wider = {
            "first_id": case((hours.c.first_id < new.first_id, hours.c.first_id), else_=new.first_id),
            "last_id": case((hours.c.last_id > new.last_id, hours.c.last_id), else_=new.last_id),
            "due_at": new.due_at,
            "is_whole": 0,
        }
        connection.execute(statement.on_conflict_do_update(index_elements=["shop_id", "hour"], set_=wider))

    def _count_due(self, now: datetime) -> int:
        query = select(hours.c.shop_id, hours.c.hour).where(hours.c.due_at <= now).order_by(hours.c.due_at).limit(AT_ONCE)
        due = self._database.read_once(query)
        for shop_id, hour in due:
            with self._database.write() as connection:
                _count(connection, shop_id, hour, now)
        return len(due)


def walked(connection: Connection) -> int:
    """The last delivery whose hour is noted."""
    return connection.execute(select(walks.c.position).where(walks.c.name == WALK)).scalar() or 0


def in_hour(shop_id: int, hour: datetime, first_id: int, last_id: int) -> ColumnElement[bool]:
    """The deliveries of an hour that lie between these ids."""
    columns = _deliveries.c
    of_shop = and_(columns.shop_id == shop_id, columns.id.between(first_id, last_id))
    return and_(of_shop, columns.created_at >= hour, columns.created_at < hour + HOUR)


def keep_counted(connection: Connection, database: Database, delivery_ids: Collection[int]) -> None:
    """Note that these deliveries are about to go because they are old: they stay counted."""
    found = connection.execute(sums(_deliveries.c.id.in_(delivery_ids))).mappings().all()
    position = walked(connection)
    spans: dict[tuple[int, datetime], tuple[int, int]] = {}
    for row in found:
        first, last = spans.get((row["shop_id"], row["hour"]), (row["first_id"], row["last_id"]))
        spans[row["shop_id"], row["hour"]] = min(first, row["first_id"]), max(last, row["last_id"])
    for (shop_id, hour), (first, last) in sorted(spans.items()):
        _hold(connection, database, _noted(shop_id, hour, first, last), is_new=last > position)
    for row in sorted(found, key=lambda row: tuple(map(str, row.values()))):
        _add_gone(connection, row)


def _noted(shop_id: int, hour: datetime, first_id: int, last_id: int) -> dict[str, Any]:
    """An hour as it is noted: to be counted when it is over."""
    due_at = hour + HOUR + LAG
    return {"shop_id": shop_id, "hour": hour, "first_id": first_id, "last_id": last_id, "due_at": due_at}


def _hold(connection: Connection, database: Database, noted: Mapping[str, Any], *, is_new: bool) -> None:
    """Let nobody count this hour meanwhile. It may be one that was never noted, where counting came late."""
    connection.execute(database.insert(hours).values(noted).on_conflict_do_nothing())
    is_it = (hours.c.shop_id == noted["shop_id"]) & (hours.c.hour == noted["hour"])
    row = connection.execute(select(hours.c.due_at).where(is_it).with_for_update()).one()
    if is_new and row.due_at is None:
        connection.execute(update(hours).where(is_it).values(due_at=noted["due_at"]))


def _add_gone(connection: Connection, row: Sum) -> None:
    """A sum that was never written means the hour is still to be counted: it begins with what is gone."""
    key = {name: row[name] for name in KEY} | {
        "shop_id": row["shop_id"],
        "hour": row["hour"],
        "locale": index_key(row["locale"]),
    }
    is_it = and_(*(hour_counts.c[name] == value for name, value in key.items()))
    more = {"gone": hour_counts.c.gone + row["count"]}
    if not connection.execute(update(hour_counts).where(is_it).values(more)).rowcount:
        span = {"first_id": row["first_id"], "last_id": row["last_id"]}
        connection.execute(insert(hour_counts).values(key | span | {"count": row["count"], "gone": row["count"]}))


def _count(connection: Connection, shop_id: int, hour: datetime, now: datetime) -> None:
    """Count an hour anew: what is there, and what is gone since."""
    is_it = (hours.c.shop_id == shop_id) & (hours.c.hour == hour)
    row = connection.execute(select(hours.c.first_id, hours.c.last_id).where(is_it).with_for_update()).first()
    if row is None:
        return
    found = [dict(sum) for sum in connection.execute(sums(in_hour(shop_id, hour, *row))).mappings()]
    of_hour = (hour_counts.c.shop_id == shop_id) & (hour_counts.c.hour == hour)
    gone = connection.execute(select(hour_counts).where(of_hour, hour_counts.c.gone > 0)).mappings().all()
    connection.execute(delete(hour_counts).where(of_hour))
    if rows := _together(found, gone):
        connection.execute(insert(hour_counts), rows)
    again = _again_at(hour, now) if any(sum["state"] in MOVING for sum in found) else None
    is_whole = now >= hour + HOUR + LAG
    due_at = again if is_whole else hour + HOUR + LAG
    connection.execute(update(hours).where(is_it).values(due_at=due_at, is_whole=int(is_whole)))


def _together(found: Sequence[Sum], gone: Sequence[Sum]) -> list[dict[str, Any]]:
    """What is there and what is gone, one row for each key."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for part, is_gone in ((found, False), (gone, True)):
        for sum in part:
            number = sum["gone"] if is_gone else sum["count"]
            row = dict(sum) | {"locale": index_key(sum["locale"]), "count": 0, "gone": 0}
            kept = rows.setdefault(tuple(row[name] for name in KEY), row)
            kept["count"] += number
            kept["gone"] += number if is_gone else 0
            kept["first_id"], kept["last_id"] = min(kept["first_id"], sum["first_id"]), max(kept["last_id"], sum["last_id"])
    return list(rows.values())


def _again_at(hour: datetime, now: datetime) -> datetime:
    """The older what waits is, the less is it looked at."""
    return now + min(max((now - hour) / 10, SOONEST), LATEST)
