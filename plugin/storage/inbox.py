"""Webhooks, once each: received in one commit, claimed, translated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from plugin.domain.event import StoreEvent
from plugin.domain.notice import Translation
from plugin.ports import EndTimers, StoredWebhook, VerifiedWebhook
from plugin.storage import leases, shops, tables
from plugin.storage.crypto import Crypto, index_key
from plugin.storage.engine import Database
from plugin.storage.event_rows import event_row
from plugin.storage.notices import Notices
from plugin.storage.timers import Timers

_webhooks = tables.webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedWebhook(StoredWebhook):
    """A webhook with the fence it was claimed at."""

    fence: int


class SqlInbox:
    """`ports.Inbox` on our tables."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._notices, self._timers = Notices(database, crypto), Timers(database, crypto)

    def receive(self, webhook: VerifiedWebhook, *, now: datetime) -> bool:
        # The place for group commit: rows of many requests in one transaction, each answered after its commit.
        row = {
            "shop_id": webhook.shop.id, "key": index_key(webhook.key), "topic": webhook.topic, "received_at": now,
            "triggered_at": webhook.triggered_at, "state": "waiting", "due_at": now, "body": self._crypto.seal(webhook.body),
        }  # fmt: skip
        with self._database.write() as connection:
            return bool(self._database.insert_new(connection, _webhooks, [row]))

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[StoredWebhook]:
        if leases.nothing_is_due(self._database, _webhooks, now):
            return ()
        with self._database.write() as connection:
            rows = leases.take(connection, _webhooks, limit=limit, now=now, lease=lease)
            found = connection.execute(select(tables.shops).where(tables.shops.c.id.in_({row["shop_id"] for row in rows})))
            homes = {row["id"]: shops.shop_of(row) for row in found.mappings()}

        def read(row: RowMapping) -> StoredWebhook:
            body = self._crypto.open(row["body"])
            return ClaimedWebhook(
                id=row["id"], shop=homes[row["shop_id"]], topic=row["topic"], body=body, received_at=row["received_at"],
                tries=row["tries"] + 1, fence=leases.fence_after(row),
            )  # fmt: skip

        return leases.each_readable(rows, "webhook", read)

    def translated(
        self, webhook: StoredWebhook, translation: Translation, *, now: datetime, purchases: Sequence[EndTimers] = ()
    ) -> int:
        shop_id = webhook.shop.id
        with self._database.write() as connection:
            if translation.notices or purchases:
                shops.lock(connection, shop_id)
            # A shop that left is obeyed when it asks us to forget, which it does after leaving, but sends nothing.
            has_left = self._has_left(connection, shop_id)
            if not self._close(connection, webhook, finished_at=now, **_ending(translation, has_left)):
                return 0
            count = 0 if has_left else self._store(connection, webhook, translation.events, now)
            if not count:
                # What made no event has said all it had to say, and nobody can find a person in it.
                connection.execute(update(_webhooks).where(_webhooks.c.id == webhook.id).values(body=None))
            for purchase in () if has_left else purchases:
                self._timers.end_all(connection, shop_id, purchase)
            for notice in translation.notices:
                self._notices.obey(connection, shop_id, notice, now=now)
        return count

    def failed(self, webhook: StoredWebhook, reason: str, *, now: datetime) -> None:
        with self._database.write() as connection:
            self._close(connection, webhook, state="failed", reason=reason, finished_at=now)

    def postpone(self, webhook: StoredWebhook, *, until: datetime) -> None:
        with self._database.write() as connection:
            self._close(connection, webhook, due_at=until)

    def _has_left(self, connection: Connection, shop_id: int) -> bool:
        query = select(tables.shops.c.left_at).where(tables.shops.c.id == shop_id)
        return connection.execute(query).scalar() is not None

    def _close(self, connection: Connection, webhook: StoredWebhook, **values: Any) -> bool:
        """Write how it ended, if it is still ours."""
        is_held = leases.is_held(_webhooks, id=webhook.id, shop_id=webhook.shop.id, claimed=webhook)
        return bool(connection.execute(update(_webhooks).where(is_held).values(leases.CLOSED | values)).rowcount)

    def _store(self, connection: Connection, webhook: StoredWebhook, found: tuple[StoreEvent, ...], now: datetime) -> int:
        rows = [event_row(self._crypto, webhook.shop.id, event, webhook_id=webhook.id, now=now) for event in found]
        rows.sort(key=lambda row: str(row["key"]))  # the same order in every worker: PostgreSQL need not break a deadlock
        return len(self._database.insert_new(connection, tables.events, rows))


def _ending(translation: Translation, has_left: bool) -> dict[str, str]:
    if translation.skip:
        return {"state": "skipped", "reason": translation.skip.reason, "fix": translation.skip.fix}
    if has_left and not translation.notices:
        return {"state": "skipped", "reason": shops.LEFT}
    return {"state": "translated"}
