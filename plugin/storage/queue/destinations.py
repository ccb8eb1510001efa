"""Destinations: the SendPulse accounts of each shop as rows, with their pace and health."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, Text, case, literal, null, select, update

from plugin.domain.destination import Health
from plugin.domain.kinds import EventKind
from plugin.domain.routing import Route, Send
from plugin.domain.settings import Account, ShopSettings
from plugin.ports import DestinationHealth
from plugin.storage.db import tables
from plugin.storage.db.bulk import BulkInsert
from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.together import Changes

_destinations, _deliveries = tables.destinations, tables.deliveries

HEALTHY: dict[str, Any] = {
    "health": Health.CLOSED.value, "recent": "", "paused_until": None, "probes": 0, "failing_since": None,
    "reason": "", "fix": "",
}  # fmt: skip
"""As if nothing had ever been wrong."""


def key_of(crypto: Crypto, account: Account, shop_id: int, route: Route) -> str:
    """The account a route leads to: by its number where the event URL tells it, else by its credentials.

    It is this shop's alone. A shop only claims that an account is its own: whoever copies another's number or client id
    must not slow or pause the other.
    """
    return own_key(shop_id, _account_key(crypto, account, shop_id, route))


def own_key(shop_id: int, account_key: str) -> str:
    """An account as this shop's."""
    return f"{shop_id}/{account_key}"


def _account_key(crypto: Crypto, account: Account, shop_id: int, route: Route) -> str:
    if route.event_url and route.send is not Send.NAME:
        return f"account:{route.event_url.account}"
    credential = account.client_id or (account.api_key.reveal() if account.api_key else f"shop {shop_id}")
    return f"rest:{crypto.hash_account(credential)}"


def open_routes(settings: ShopSettings) -> dict[EventKind, Route]:
    """The routes by which something is sent."""
    return {kind: route for kind, route in settings.table.routes.items() if route.is_open}


def keys_of(crypto: Crypto, settings: ShopSettings, shop_id: int) -> set[str]:
    """Every destination a shop's routes lead to."""
    return {key_of(crypto, settings.account, shop_id, route) for route in open_routes(settings).values()}


def where_something_waits(connection: Connection, shop_id: int) -> set[str]:
    """Every destination something of a shop waits for, also one no route leads to any more."""
    waits = (_deliveries.c.shop_id == shop_id) & _deliveries.c.due_at.is_not(None)
    return set(connection.execute(select(_deliveries.c.destination).where(waits).distinct()).scalars())


def wake(changes: Changes, rates: Mapping[tuple[int, str], float], *, now: datetime) -> None:
    """Something new waits for these destinations: they are looked at as soon as their pace and health allow.

    `rates`: events a second, by shop and key.
    """
    rows = [
        {"key": key, "shop_id": shop_id, "rate": rate, "next_at": now, "ready_at": now}
        for (shop_id, key), rate in sorted(rates.items())
    ]
    changes.add(_WAKE, rows)


def wake_known(connection: Connection, keys: Iterable[str], *, now: datetime) -> None:
    """The same for destinations that are there, whose pace stays."""
    known = _destinations.c.key.in_(sorted(keys))
    connection.execute(update(_destinations).where(known).values(ready_at=ready_at(literal(now, Moment()))))


def reopen(connection: Connection, keys: Iterable[str], *, now: datetime) -> int:
    """Send to these again as if nothing had been wrong; how many were paused."""
    next_at = _destinations.c.next_at
    is_paused = _destinations.c.key.in_(sorted(keys)) & (_destinations.c.health != Health.CLOSED.value)
    values = HEALTHY | {"ready_at": case((next_at > now, next_at), else_=literal(now, Moment()))}
    return int(connection.execute(update(_destinations).where(is_paused).values(values)).rowcount)


def health_of(connection: Connection, keys: Iterable[str]) -> list[DestinationHealth]:
    """The health of these destinations, in the order of their keys."""
    columns = _destinations.c
    query = select(columns.health, columns.reason, columns.fix, columns.paused_until, columns.delivered_at)
    rows = connection.execute(query.where(columns.key.in_(sorted(keys))).order_by(columns.key)).all()
    return [
        DestinationHealth(
            health=Health(row.health),
            reason=row.reason,
            fix=row.fix,
            paused_until=row.paused_until,
            delivered_at=row.delivered_at,
        )
        for row in rows
    ]


def ready_at(now: ColumnElement[Any]) -> ColumnElement[Any]:
    """The earliest look that pace and health allow; an earlier one that is planned stays."""
    columns = _destinations.c
    allowed = case((columns.paused_until > now, columns.paused_until), (columns.next_at > now, columns.next_at), else_=now)
    planned = case((columns.ready_at < allowed, columns.ready_at), else_=allowed)
    return case((columns.health == Health.DISABLED.value, null()), else_=planned)


_WAKE = BulkInsert(
    _destinations,
    {"key": Text(), "shop_id": Id, "rate": Float(), "next_at": Moment(), "ready_at": Moment()},
    lambda insert: insert.on_conflict_do_update(
        index_elements=["key"], set_={"rate": insert.excluded.rate, "ready_at": ready_at(insert.excluded.ready_at)}
    ),
    order=("key",),
)
