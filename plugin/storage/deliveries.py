"""The way out: deliveries claimed, attempts written before they are made, answers after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from plugin.domain.delivery import Delivery, Outcome, State, Verdict
from plugin.domain.event import EventKind
from plugin.domain.routing import Send
from plugin.domain.secret import EventUrl
from plugin.ports import DeliveryFilter, Parcel
from plugin.storage import leases, tables
from plugin.storage.crypto import Crypto
from plugin.storage.engine import Database
from plugin.storage.events import home_of, skip_those_who_left
from plugin.storage.log import listed
from plugin.storage.replay import replay
from plugin.storage.shops import Home, SqlShops

_deliveries, _attempts = tables.deliveries, tables.attempts

STOPPED = "The worker was stopped before the answer came: SendPulse may have the event."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedParcel(Parcel):
    """A parcel with the fence its delivery was claimed at."""

    fence: int


class SqlDeliveries:
    """`ports.Deliveries` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops) -> None:
        self._database, self._crypto, self._shops = database, crypto, shops

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[Parcel]:
        # The place for scheduling by destination: lease a destination here, then take a slice of what is due to it.
        if leases.nothing_is_due(self._database, _deliveries, now):
            return ()
        with self._database.write() as connection:
            rows = leases.take(connection, _deliveries, limit=limit, now=now, lease=lease)
            _let_go(connection, [row["id"] for row in rows if row["state"] == State.SENDING], now)
            homes = self._shops.homes(connection, {row["shop_id"] for row in rows})
            rows = skip_those_who_left(connection, _deliveries, rows, homes, now=now)
        return leases.each_readable(rows, "delivery", lambda row: self._parcel(row, home_of(row, homes)))

    def begin(self, parcel: Parcel, *, now: datetime) -> int | None:
        delivery = parcel.delivery
        is_held = leases.is_held(_deliveries, id=delivery.id, shop_id=delivery.shop_id, claimed=parcel)
        # After its lease the delivery may be claimed at any moment: a POST begun then could be made twice.
        is_ours = is_held & (_deliveries.c.state == State.WAITING) & (_deliveries.c.lease_until > now)
        values = {"state": State.SENDING.value, "attempts": _deliveries.c.attempts + 1}
        with self._database.write() as connection:
            if not connection.execute(update(_deliveries).where(is_ours).values(values)).rowcount:
                return None
            return _new_attempt(connection, delivery, now)

    def finish(self, parcel: Parcel, attempt_id: int, outcome: Outcome, *, next_at: datetime | None, now: datetime) -> None:
        delivery = parcel.delivery
        is_held = leases.is_held(_deliveries, id=delivery.id, shop_id=delivery.shop_id, claimed=parcel)
        is_ours = is_held & (_deliveries.c.state == State.SENDING)
        with self._database.write() as connection:
            if connection.execute(update(_deliveries).where(is_ours).values(_ending(outcome, next_at, now))).rowcount:
                is_open = (_attempts.c.id == attempt_id) & (_attempts.c.delivery_id == delivery.id)
                is_open &= (_attempts.c.shop_id == delivery.shop_id) & _attempts.c.finished_at.is_(None)
                connection.execute(update(_attempts).where(is_open).values(_answer(outcome, now)))

    def list(self, filter: DeliveryFilter) -> Sequence[Mapping[str, Any]]:
        with self._database.read() as connection:
            return listed(connection, filter)

    def replay(self, filter: DeliveryFilter, *, now: datetime) -> int:
        with self._database.write() as connection:
            return replay(connection, filter, now=now)

    def _parcel(self, row: RowMapping, home: Home) -> Parcel:
        letter = self._crypto.open_json(row["letter"])
        return ClaimedParcel(
            delivery=_delivery(row), shop=home.shop, send=Send(row["send"]),
            event_url=EventUrl(letter["event_url"]) if letter["event_url"] else None,
            event_name=letter["event_name"], body=letter["body"], account=home.settings.account,
            fence=leases.fence_after(row),
        )  # fmt: skip


def _delivery(row: RowMapping) -> Delivery:
    """As it stands after the claim: waiting, also when a dead worker left it sending."""
    return Delivery(
        id=row["id"], shop_id=row["shop_id"], event_id=row["event_id"], destination=row["destination"],
        kind=EventKind(row["kind"]), state=State.WAITING, attempts=row["attempts"], created_at=row["created_at"],
        due_at=row["due_at"], locale=row["locale"], automation_id=row["automation_id"], rule=row["rule"],
        reason=row["reason"], fix=row["fix"],
    )  # fmt: skip


def _let_go(connection: Connection, delivery_ids: Sequence[int], now: datetime) -> None:
    """Deliveries a dead worker left while sending wait again, and their attempt says what is known of it."""
    if not delivery_ids:
        return
    connection.execute(update(_deliveries).where(_deliveries.c.id.in_(delivery_ids)).values(state=State.WAITING.value))
    is_open = _attempts.c.delivery_id.in_(delivery_ids) & _attempts.c.finished_at.is_(None)
    stopped = _answer(Outcome(verdict=Verdict.UNCERTAIN, reason=STOPPED), now)
    connection.execute(update(_attempts).where(is_open).values(stopped))


def _new_attempt(connection: Connection, delivery: Delivery, now: datetime) -> int:
    number = select(func.coalesce(func.max(_attempts.c.number), 0) + 1).where(_attempts.c.delivery_id == delivery.id)
    row = {"shop_id": delivery.shop_id, "delivery_id": delivery.id, "number": number.scalar_subquery(), "started_at": now}
    return int(connection.execute(insert(_attempts).values(row).returning(_attempts.c.id)).scalar_one())


def _answer(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "finished_at": now, "verdict": outcome.verdict.value, "status": outcome.status,
        "reason": outcome.reason, "fix": outcome.fix, "answer": outcome.answer,
    }  # fmt: skip


def _ending(outcome: Outcome, next_at: datetime | None, now: datetime) -> dict[str, Any]:
    if outcome.verdict is Verdict.DELIVERED:
        return leases.CLOSED | {"state": State.DELIVERED.value, "reason": "", "fix": "", "finished_at": now}
    if next_at is not None:
        return leases.NOT_HELD | {"state": State.WAITING.value, "due_at": next_at}
    return leases.CLOSED | {"state": State.FAILED.value, "reason": outcome.reason, "fix": outcome.fix, "finished_at": now}
