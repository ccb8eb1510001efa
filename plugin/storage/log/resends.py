"""`ports.Resends`: a row for each shop says what is still to be sent again, and each step moves it on in its own commit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, select, update

from plugin.domain.delivery import State
from plugin.ports import ClaimedResend, DeliveryFilter, Resend, ResendRequest, ResendState
from plugin.storage.db import tables
from plugin.storage.db.claim_columns import CLOSED, NOT_HELD
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.log_tables import resends
from plugin.storage.log.replay import note, resend
from plugin.storage.log.search import Search
from plugin.storage.queue import leases
from plugin.storage.queue.forwarding import Forwarding
from plugin.storage.shops.shops import shop_of

_columns, _shops = resends.c, tables.shops.c

_NOT_SUSPENDED = select(_shops.id).where(_shops.id == _columns.shop_id, _shops.suspended_at.is_(None)).exists()


class SqlResends:
    """`ports.Resends` on our table."""

    def __init__(self, database: Database, crypto: Crypto, forwarding: Forwarding, search: Search) -> None:
        self._database, self._crypto, self._forwarding, self._search = database, crypto, forwarding, search

    def latest(self, shop_id: int) -> Resend | None:
        with self._database.read() as connection:
            row = connection.execute(select(resends).where(_columns.shop_id == shop_id)).mappings().first()
        return _resend_of(row) if row else None

    def start(self, shop_id: int, request: ResendRequest, *, total: int | None, now: datetime) -> tuple[Resend, bool]:
        values = {
            "shop_id": shop_id, "state": ResendState.RUNNING.value, "total": total, "started_at": now, "due_at": now,
            "request": self._crypto.seal(msgspec.json.encode(request)),
            "remaining": _written({state: part.before for state, part in request.parts.items()}),
        }  # fmt: skip
        is_over = (_columns.shop_id == shop_id) & (_columns.state != ResendState.RUNNING.value)
        with self._database.write() as connection:
            connection.execute(delete(resends).where(is_over))
            new = self._database.insert(resends).values(values).on_conflict_do_nothing().returning(_columns.id)
            is_new = connection.execute(new).scalar() is not None
            row = connection.execute(select(resends).where(_columns.shop_id == shop_id)).mappings().one()
        return _resend_of(row), is_new

    def stop(self, shop_id: int, resend_id: int, *, now: datetime) -> Resend | None:
        its = (_columns.shop_id == shop_id) & (_columns.id == resend_id)
        with self._database.write() as connection:
            row = connection.execute(select(resends).where(its).with_for_update()).mappings().first()
            if row is None:
                return None
            if row["state"] == ResendState.RUNNING.value:
                ended = _ended(ResendState.STOPPED, now)
                connection.execute(update(resends).where(its).values(ended))
                self._note(connection, shop_id, row["request"], row["sent"], now)
                return _resend_of({**row, **ended})
        return _resend_of(row)

    def claim(self, *, now: datetime, lease: timedelta) -> ClaimedResend | None:
        if leases.nothing_is_due(self._database, resends, now):
            return None
        with self._database.write() as connection:
            due = leases.all_due(resends, _NOT_SUSPENDED)
            rows = leases.take(connection, resends, limit=1, now=now, lease=lease, due=due)
            for row in rows:
                shop = connection.execute(select(tables.shops).where(_shops.id == row["shop_id"])).mappings().one()
                fence = leases.fence_after(row)
                return ClaimedResend(
                    id=row["id"], shop=shop_of(shop), sent=row["sent"], tries=row["tries"] + 1, fence=fence
                )  # fmt: skip
        return None

    def step(self, claimed: ClaimedResend, *, most: int, now: datetime, again_at: datetime) -> int | None:
        with self._database.read() as connection:
            its = (_columns.shop_id == claimed.shop.id) & (_columns.id == claimed.id) & (_columns.fence == claimed.fence)
            row = connection.execute(select(resends).where(its)).mappings().first()
            if row is None or row["request"] is None:
                return None
            request, remaining = self._opened(row["request"]), _read(row["remaining"])
            state = next(iter(remaining))
            found = self._search.look(connection, _wanted(request, state, remaining[state], most))
        chosen = DeliveryFilter(shop_id=claimed.shop.id, state=state, ids=tuple(found.ids), limit=max(1, len(found.ids)))
        left = {**remaining, state: found.older} if found.older else {key: at for key, at in remaining.items() if key != state}
        with self._database.write() as connection:
            if not leases.change_held(connection, resends, claimed, {"due_at": again_at}):
                return None  # somebody has stopped it, or taken it over
            forward = self._forwarding.some
            number = resend(connection, self._crypto, chosen, forward=forward, now=now) if found.ids else 0
            moved = NOT_HELD | {"tries": 0, "sent": row["sent"] + number, "remaining": _written(left)}
            ended = {} if left else _ended(ResendState.DONE, now)
            leases.change_held(connection, resends, claimed, moved | ended)
            if not left:
                self._note(connection, claimed.shop.id, row["request"], row["sent"] + number, now)
        return number

    def _opened(self, sealed: bytes) -> ResendRequest:
        return msgspec.json.decode(self._crypto.open(sealed), type=ResendRequest)

    def _note(self, connection: Connection, shop_id: int, sealed: bytes, number: int, now: datetime) -> None:
        """Write down who had how many sent again."""
        if number:
            request = self._opened(sealed)
            note(connection, self._crypto, shop_id, number, who=request.who, address=request.address, now=now)


def _wanted(request: ResendRequest, state: State, before: int, most: int) -> DeliveryFilter:
    """The next of a state, newest first."""
    since = [moment for moment in (request.filter.since, request.parts[state].since) if moment]
    return replace(request.filter, state=state, before_id=before, since=max(since, default=None), limit=most)


def _ended(state: ResendState, now: datetime) -> dict[str, Any]:
    return CLOSED | {"state": state.value, "finished_at": now, "request": None}


def _written(remaining: Mapping[State, int]) -> str:
    return msgspec.json.encode({state.value: before for state, before in remaining.items()}).decode()


def _read(remaining: str) -> dict[State, int]:
    return msgspec.json.decode(remaining, type=dict[State, int])


def _resend_of(row: RowMapping | Mapping[str, Any]) -> Resend:
    plain = {name: row[name] for name in ("id", "sent", "total", "started_at", "finished_at")}
    return Resend(state=ResendState(row["state"]), **plain)
