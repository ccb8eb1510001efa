"""Destinations: SendPulse accounts as rows, leased one worker at a time, with their pace and health."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, case, func, literal, null, or_, select, update

from plugin.domain.destination import Destination, Health
from plugin.domain.settings import Account, ShopSettings
from plugin.storage import tables
from plugin.storage.columns import Moment
from plugin.storage.crypto import Crypto
from plugin.storage.engine import Database

_destinations, _deliveries = tables.destinations, tables.deliveries

STATE = ("next_at", "recent", "paused_until", "probes", "failing_since", "reason", "fix")


def account_key(number: str) -> str:
    """The account an event URL belongs to, by the number at its end."""
    return f"account:{number}"


def rest_key(crypto: Crypto, account: Account, shop_id: int) -> str:
    """The account these REST credentials open."""
    credential = account.client_id or (account.api_key.reveal() if account.api_key else f"shop {shop_id}")
    return f"rest:{crypto.hash_account(credential)}"


def keys_of(crypto: Crypto, settings: ShopSettings, shop_id: int) -> set[str]:
    """Every destination a shop's routes lead to."""
    routes = [route for route in settings.table.routes.values() if route.enabled]
    urls = {account_key(route.event_url.account) for route in routes if route.event_url and route.send != "name"}
    return urls | {rest_key(crypto, settings.account, shop_id) for route in routes if route.send == "name"}


def wake(connection: Connection, database: Database, rates: Mapping[str, float], *, now: datetime) -> None:
    """Something new waits for these destinations: they are looked at as soon as their pace and health allow."""
    ready_at = _ready_at(now)
    for key, rate in sorted(rates.items()):
        statement = database.insert(_destinations).values(key=key, rate=rate, next_at=now, ready_at=now)
        changed = {"rate": rate, "ready_at": ready_at}
        connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed))


def wake_known(connection: Connection, keys: Iterable[str], *, now: datetime) -> None:
    """The same for destinations that are there, whose pace stays."""
    known = _destinations.c.key.in_(sorted(keys))
    connection.execute(update(_destinations).where(known).values(ready_at=_ready_at(now)))


def lease(connection: Connection, *, limit: int, now: datetime, until: datetime) -> Sequence[RowMapping]:
    """Lease destinations that may be sent to now, those that wait longest first; the rows as they stood before."""
    is_free = or_(_destinations.c.lease_until.is_(None), _destinations.c.lease_until <= now)
    ready = select(_destinations).where(_destinations.c.ready_at <= now, is_free)
    ready = ready.order_by(_destinations.c.ready_at, _destinations.c.key).limit(limit)
    rows = connection.execute(ready.with_for_update(skip_locked=True)).mappings().all()
    if rows:
        mine = _destinations.c.key.in_([row["key"] for row in rows])
        taken = {"lease_until": until, "fence": _destinations.c.fence + 1}
        connection.execute(update(_destinations).where(mine).values(taken))
    return rows


def ready_in(connection: Connection, *, now: datetime) -> timedelta | None:
    """The time until a free destination should be looked at; None when nothing waits for one."""
    first = select(func.min(_destinations.c.ready_at)).where(_destinations.c.lease_until.is_(None))
    ready_at = connection.execute(first).scalar()
    return max(ready_at - now, timedelta(0)) if ready_at else None


def departed(connection: Connection, rows: Sequence[RowMapping], *, now: datetime) -> None:
    """An event is leaving for each of these: the next one waits its turn."""
    for row in rows:
        turn = destination_of(row).sent(now)
        connection.execute(update(_destinations).where(_destinations.c.key == row["key"]).values(next_at=turn.next_at))


def rest(connection: Connection, keys: Sequence[str], *, now: datetime) -> None:
    """Give back leased destinations nothing could leave for; they are looked at when something else is due."""
    if keys:
        values = {"lease_until": None, "ready_at": _next_due(_deliveries.c.due_at > now)}
        connection.execute(update(_destinations).where(_destinations.c.key.in_(keys)).values(values))


def held(connection: Connection, fences: Mapping[str, int]) -> dict[str, RowMapping]:
    """Those of these leased destinations that are still the caller's, locked, in one order for everybody."""
    query = select(_destinations).where(_destinations.c.key.in_(sorted(fences)), _destinations.c.lease_until.is_not(None))
    rows = connection.execute(query.order_by(_destinations.c.key).with_for_update()).mappings().all()
    return {row["key"]: row for row in rows if row["fence"] == fences[row["key"]]}


def give_back(connection: Connection, destination: Destination) -> None:
    """Store a destination's pace and health and end its lease."""
    state = {name: getattr(destination, name) for name in STATE} | {"health": destination.health.value}
    earliest, due = destination.earliest, _next_due()
    ready_at = null() if destination.is_disabled else case((due <= earliest, literal(earliest, Moment())), else_=due)
    where = _destinations.c.key == destination.key
    connection.execute(update(_destinations).where(where).values(state | {"lease_until": None, "ready_at": ready_at}))


def destination_of(row: RowMapping) -> Destination:
    return Destination(
        key=row["key"], rate_per_second=row["rate"], health=Health(row["health"]), **{name: row[name] for name in STATE}
    )  # fmt: skip


def reopen(connection: Connection, keys: Iterable[str], *, now: datetime) -> int:
    """Send to these again as if nothing had been wrong; how many were paused."""
    is_paused = _destinations.c.key.in_(sorted(keys)) & (_destinations.c.health != Health.CLOSED.value)
    values = {
        "health": Health.CLOSED.value, "recent": "", "paused_until": None, "probes": 0, "failing_since": None,
        "reason": "", "fix": "", "ready_at": now,
    }  # fmt: skip
    return int(connection.execute(update(_destinations).where(is_paused).values(values)).rowcount)


def told(connection: Connection, keys: Iterable[str]) -> list[dict[str, Any]]:
    """Health as the merchant reads it; a key that holds credentials is a keyed hash already."""
    query = select(_destinations).where(_destinations.c.key.in_(sorted(keys))).order_by(_destinations.c.key)
    names = ("key", "health", "reason", "fix")
    return [
        {name: row[name] for name in names}
        | {"paused_until": row["paused_until"].isoformat() if row["paused_until"] else None, "rate_per_second": row["rate"]}
        for row in connection.execute(query).mappings()
    ]


def _ready_at(now: datetime) -> ColumnElement[Any]:
    """The earliest look that pace and health allow; an earlier one that is planned stays."""
    columns = _destinations.c
    at_once = literal(now, Moment())
    allowed = case((columns.paused_until > now, columns.paused_until), (columns.next_at > now, columns.next_at), else_=at_once)
    planned = case((columns.ready_at < allowed, columns.ready_at), else_=allowed)
    return case((columns.health == Health.DISABLED.value, null()), else_=planned)


def _next_due(*where: ColumnElement[bool]) -> ColumnElement[Any]:
    """When the next delivery of a destination is due."""
    waits = _deliveries.c.due_at.is_not(None) & (_deliveries.c.state == "waiting")
    of_it = select(func.min(_deliveries.c.due_at)).where(_deliveries.c.destination == _destinations.c.key, waits, *where)
    return of_it.scalar_subquery()
