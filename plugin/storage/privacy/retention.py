"""Clearing away what is old, in small transactions that find their rows by an index and wait for nobody."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, delete, func, or_, select, update

from plugin.domain.delivery import State
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import RetentionCandidate
from plugin.storage.db import cart_tables, log_tables, people_tables, tables
from plugin.storage.db.audit_tables import audit
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.log import hours
from plugin.storage.privacy.departed import delete_departed
from plugin.storage.privacy.expiry import expire
from plugin.storage.privacy.replaced_secrets import ReplacedSecrets
from plugin.storage.privacy.unnoted import UnnotedPeople
from plugin.storage.shops import audit_pruning
from plugin.storage.shops.consents import consents

ROWS = 500  #: the most a transaction changes, but for one event with more deliveries and attempts than that

_webhooks, _events, _deliveries, _attempts = tables.webhooks, tables.events, tables.deliveries, tables.attempts
_links, _tokens, _words = tables.links, tables.tokens, log_tables.delivery_words

OPEN = (State.WAITING.value, State.SENDING.value, State.HELD.value)  #: states of deliveries that keep their event


@dataclass(frozen=True, slots=True)
class _Family:
    """Events with what hangs on them, locked and settled."""

    event_ids: list[int]
    delivery_ids: list[int]
    rows: int  #: attempts included


class SqlRetention:
    """`ports.Retention` on our tables."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._secrets, self._unnoted = ReplacedSecrets(database, crypto), UnnotedPeople(database, crypto)

    def webhooks(self, *, after_id: int, limit: int) -> Sequence[RetentionCandidate]:
        columns = _webhooks.c
        query = select(columns.id, columns.received_at, columns.due_at.is_not(None), columns.body.is_not(None))
        rows = self._database.read_once(query.where(columns.id > after_id).order_by(columns.id).limit(limit))
        return [
            RetentionCandidate(id=id, since=at, waits=waits, has_content=has_content) for id, at, waits, has_content in rows
        ]

    def empty_webhooks(self, ids: Sequence[int]) -> int:
        with self._database.write() as connection:
            free = _closed(connection, _webhooks, ids)
            changed = update(_webhooks).where(_webhooks.c.id.in_(free), _webhooks.c.body.is_not(None)).values(body=None)
            return connection.execute(changed).rowcount

    def delete_webhooks(self, ids: Sequence[int]) -> int:
        with self._database.write() as connection:
            free = _closed(connection, _webhooks, ids)
            return connection.execute(delete(_webhooks).where(_webhooks.c.id.in_(free))).rowcount

    def events(self, *, after_id: int, limit: int) -> Sequence[RetentionCandidate]:
        columns = _events.c
        query = select(columns.id, columns.created_at, columns.due_at.is_not(None), columns.emptied_at.is_(None))
        with self._database.read() as connection:
            rows = connection.execute(query.where(columns.id > after_id).order_by(columns.id).limit(limit)).all()
            ids = [row.id for row in rows]
            waiting, expired = _waiting(connection, ids), _expired(connection, ids)
        return [
            RetentionCandidate(id=id, since=at, waits=waits or id in waiting, has_content=content, expired_at=expired.get(id))
            for id, at, waits, content in rows
        ]

    def empty_events(self, ids: Sequence[int], *, now: datetime) -> int:
        with self._database.write() as connection:
            family = _lock_family(connection, ids)
            self._empty(connection, family.event_ids, family.delivery_ids, now)
        return family.rows

    def expire_events(self, ids: Sequence[int], *, now: datetime) -> int:
        with self._database.write() as connection:
            expired = expire(connection, ids, now=now)
            deliveries, busy = _lock_deliveries(connection, expired)
            over = sorted(set(expired) - busy)
            self._empty(connection, over, [id for id, event_id in deliveries if event_id not in busy], now)
        return len(expired)

    def _empty(self, connection: Connection, ids: Sequence[int], delivery_ids: Sequence[int], now: datetime) -> None:
        # The hashes go with the rest: nothing is left that a person could ask to be found by.
        nobody = {"body": self._crypto.seal(b""), "email_hash": "", "phone_hash": "", "people": "", "emptied_at": now}
        _empty_webhooks_of(connection, ids)
        connection.execute(update(_events).where(_events.c.id.in_(ids)).values(nobody))
        connection.execute(update(_deliveries).where(_deliveries.c.id.in_(delivery_ids)).values(letter=None))
        connection.execute(delete(_words).where(_words.c.delivery_id.in_(delivery_ids)))
        connection.execute(update(_attempts).where(_attempts.c.delivery_id.in_(delivery_ids)).values(answer=""))

    def delete_events(self, ids: Sequence[int]) -> int:
        with self._database.write() as connection:
            family = _lock_family(connection, ids)
            hours.keep_counted(connection, self._database, family.delivery_ids)
            connection.execute(delete(_events).where(_events.c.id.in_(family.event_ids)))  # the rest goes by foreign keys
        return family.rows

    def shop_ids(self, *, after_id: int, limit: int) -> Sequence[int]:
        column = tables.shops.c.id
        return [
            row.id for row in self._database.read_once(select(column).where(column > after_id).order_by(column).limit(limit))
        ]

    def delete_products(self, shop_id: int, *, before: datetime) -> int:
        columns = tables.products.c
        return self._delete_oldest(columns.key, columns.fetched_at, before, columns.shop_id == shop_id)

    def delete_purchases(self, shop_id: int, *, before: datetime) -> int:
        columns = tables.purchases.c
        return self._delete_oldest(columns.hash, columns.bought_at, before, columns.shop_id == shop_id)

    def delete_cart_marks(self, shop_id: int, *, before: datetime) -> int:
        columns = cart_tables.cart_marks.c
        return self._delete_oldest(columns.hash, columns.at, before, columns.shop_id == shop_id)

    def delete_consents(self, shop_id: int, *, before: datetime) -> int:
        columns = consents.c
        return self._delete_oldest(columns.hash, columns.told_at, before, columns.shop_id == shop_id)

    def delete_data_requests(self, shop_id: int, *, before: datetime) -> int:
        columns = people_tables.data_requests.c
        return self._delete_oldest(columns.id, columns.received_at, before, columns.shop_id == shop_id)

    def delete_erasures(self, shop_id: int, *, before: datetime) -> int:
        columns = people_tables.sendpulse_erasures.c
        is_over = (columns.shop_id == shop_id) & columns.due_at.is_(None)
        return self._delete_oldest(columns.id, columns.asked_at, before, is_over)

    def delete_audit(self, shop_id: int, *, before: datetime) -> int:
        is_outside = (audit.c.shop_id == shop_id) & audit.c.number.is_(None)
        deleted = self._delete_oldest(audit.c.id, audit.c.at, before, is_outside)
        return deleted + audit_pruning.delete_oldest(self._database, self._crypto, shop_id, before=before, limit=ROWS)

    def delete_product_names(self, shop_id: int, *, before: datetime) -> int:
        columns = log_tables.product_names.c
        return self._delete_oldest(columns.name, columns.seen_at, before, columns.shop_id == shop_id)

    def delete_hours(self, shop_id: int, *, before: datetime) -> int:
        columns = log_tables.hours.c
        return self._delete_oldest(columns.hour, columns.hour, before, columns.shop_id == shop_id)

    def delete_links(self, shop_id: int, *, before: datetime) -> int:
        with self._database.read() as connection:
            since = _waits_since(connection, shop_id)
        if since is not None and since < before:
            return 0
        return self._delete_oldest(_links.c.token, _links.c.used_at, before, _links.c.shop_id == shop_id)

    def delete_departed(self, *, before: datetime) -> int:
        return delete_departed(self._database, self._crypto, before=before)

    def drop_replaced_secrets(self) -> int:
        return self._secrets.walk()

    def note_people(self) -> int:
        return self._unnoted.walk()

    def delete_tokens(self, *, before: datetime) -> int:
        is_unlocked = or_(_tokens.c.lock_until.is_(None), _tokens.c.lock_until < before)
        return self._delete_oldest(_tokens.c.account, _tokens.c.expires_at, before, is_unlocked)

    def _delete_oldest(self, key: Column[object], at: Column[datetime], before: datetime, where: ColumnElement[bool]) -> int:
        """Delete the oldest rows, named by `key` within `where`; a row that was renewed meanwhile stays."""
        is_old = where & (at < before)
        oldest = select(key).where(is_old).order_by(at).limit(ROWS)
        if not self._database.read_once(oldest.limit(1)):
            return 0
        with self._database.write() as connection:
            keys = connection.execute(oldest.with_for_update(skip_locked=True)).scalars().all()
            return connection.execute(delete(key.table).where(is_old, key.in_(keys))).rowcount


def _empty_webhooks_of(connection: Connection, event_ids: Sequence[int]) -> None:
    """Nobody would find the person in what is left of them."""
    found = select(_events.c.webhook_id).where(_events.c.id.in_(event_ids), _events.c.webhook_id.is_not(None))
    webhook_ids = connection.execute(found).scalars().all()
    is_done = _webhooks.c.id.in_(webhook_ids) & _webhooks.c.due_at.is_(None)
    connection.execute(update(_webhooks).where(is_done, _webhooks.c.body.is_not(None)).values(body=None))


def _closed(connection: Connection, table: Table, ids: Collection[int]) -> Sequence[int]:
    """Those of these rows with nothing more to do, locked; what another worker has claimed stays."""
    query = select(table.c.id).where(table.c.id.in_(ids), table.c.due_at.is_(None)).order_by(table.c.id).limit(ROWS)
    return connection.execute(query.with_for_update(skip_locked=True)).scalars().all()


def _waiting(connection: Connection, event_ids: Sequence[int]) -> set[int]:
    """Those of these events that a delivery or a timer still needs."""
    is_open = _deliveries.c.event_id.in_(event_ids) & (_deliveries.c.state.in_(OPEN) | _deliveries.c.due_at.is_not(None))
    delivered = connection.execute(select(_deliveries.c.event_id).where(is_open)).scalars()
    timed = connection.execute(select(tables.timers.c.event_id).where(tables.timers.c.event_id.in_(event_ids))).scalars()
    return {*delivered, *timed}


def _expired(connection: Connection, event_ids: Sequence[int]) -> dict[int, datetime]:
    """When the log was told of those of these events that waited for too long."""
    event_id, finished_at = _deliveries.c.event_id, _deliveries.c.finished_at
    is_expired = event_id.in_(event_ids) & (_deliveries.c.reason_code == ReasonCode.EXPIRED.value)
    found = select(event_id, func.max(finished_at)).where(is_expired).group_by(event_id)
    return {row[0]: row[1] for row in connection.execute(found)}


def _lock_family(connection: Connection, ids: Collection[int]) -> _Family:
    """Those of these events of which nothing waits, as many as fit into one transaction, locked with their deliveries.

    Locked before they are looked at, because a merchant may just send one again; nothing new can begin to wait of an
    event that is closed and locked.
    """
    event_ids = _closed(connection, _events, ids)
    deliveries, busy = _lock_deliveries(connection, event_ids)
    attempts = _attempts_of(connection, [id for id, _ in deliveries])
    chosen, delivery_ids, rows = list[int](), list[int](), 0
    for event_id in event_ids:
        own = [id for id, owner in deliveries if owner == event_id]
        more = 1 + len(own) + sum(attempts.get(id, 0) for id in own)
        if event_id not in busy and (not chosen or rows + more <= ROWS):
            chosen.append(event_id)
            delivery_ids += own
            rows += more
    return _Family(chosen, delivery_ids, rows)


def _lock_deliveries(connection: Connection, event_ids: Sequence[int]) -> tuple[Sequence[Row[int, int]], set[int]]:
    """The deliveries of these events, each with its event, and the events something waits of or somebody is changing."""
    of_them = select(_deliveries.c.id, _deliveries.c.event_id).where(_deliveries.c.event_id.in_(event_ids))
    locked = {id for id, _ in connection.execute(of_them.with_for_update(skip_locked=True))}
    deliveries = connection.execute(of_them.order_by(_deliveries.c.id)).all()
    return deliveries, _waiting(connection, event_ids) | {event_id for id, event_id in deliveries if id not in locked}


def _attempts_of(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, int]:
    """How many attempts each of these deliveries has."""
    column = _attempts.c.delivery_id
    counted = select(column, func.count()).where(column.in_(delivery_ids)).group_by(column)
    return {delivery_id: number for delivery_id, number in connection.execute(counted)}  # noqa: C416 rows are no pairs


def _waits_since(connection: Connection, shop_id: int) -> datetime | None:
    """When the oldest delivery of the shop that may still leave was made."""
    columns = _deliveries.c
    # Its id from an index first: asked for the row at once, SQLite may walk along all ids until one fits.
    first = [
        select(func.min(columns.id)).where(columns.shop_id == shop_id, columns.state == state.value).scalar_subquery()
        for state in (State.WAITING, State.SENDING)
    ]
    made = connection.execute(select(columns.created_at).where(columns.id.in_(first))).scalars()
    return min(made, default=None)
