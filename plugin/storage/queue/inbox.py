"""Webhooks, once each: received in one commit, claimed, translated."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from plugin.domain.carts import Purchase
from plugin.domain.event import Buyer, StoreEvent
from plugin.domain.notice import ConsentChanged, Notice, ShopLeft, Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import WebhookState
from plugin.pipeline import hold
from plugin.ports import StoredWebhook, VerifiedWebhook
from plugin.storage.db import tables, wake
from plugin.storage.db.claim_columns import CLOSED
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.db.engine import Database
from plugin.storage.db.group_commit import GroupCommit
from plugin.storage.queue import buyers, leases
from plugin.storage.queue.event_rows import event_row
from plugin.storage.queue.timer_rows import TimerRows
from plugin.storage.shops import shops
from plugin.storage.shops.shop_cache import ShopCache

# Shopify hangs up after 5 seconds; an answer before that is one the store can read.
# https://shopify.dev/docs/apps/build/webhooks
PATIENCE_SECONDS = 4.0

FORGOTTEN = "The store asked to forget the person this was about before it was read."

_REASONS = {ReasonCode.FORGOTTEN: FORGOTTEN, ReasonCode.UNINSTALLED: shops.LEFT}
_webhooks = tables.webhooks


class NoticeHandler(Protocol):
    """What obeys a store's notices; it stands above the queue, so the queue is given it."""

    def unread(self, shop_id: int, notices: Iterable[Notice]) -> Collection[int]:
        """The webhooks no event was made of that name people to forget."""

    def obey(
        self, connection: Connection, webhook: StoredWebhook, notice: Notice, *, unread: Collection[int], now: datetime
    ) -> None:
        """Do what the notice asks, within the caller's transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedWebhook(StoredWebhook):
    """A webhook with the fence it was claimed at."""

    fence: int


class SqlInbox:
    """`ports.Inbox` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, known: ShopCache, *, notices: NoticeHandler) -> None:
        self._database, self._crypto, self._known, self._notices = database, crypto, known, notices
        self._commit = GroupCommit(self._keep, patience_seconds=PATIENCE_SECONDS)
        found = (_webhooks.c.shop_id, _webhooks.c.key, *wake.notify_on_insert(database))
        self._insert = database.insert(_webhooks).on_conflict_do_nothing().returning(*found)
        self._timers = TimerRows(database, crypto)

    def receive(self, webhook: VerifiedWebhook, *, now: datetime) -> bool:
        row = {
            "shop_id": webhook.shop.id, "key": index_key(webhook.key), "topic": webhook.topic, "received_at": now,
            "triggered_at": webhook.triggered_at, "state": WebhookState.WAITING.value, "due_at": now,
            "body": self._crypto.seal(webhook.body),
        }  # fmt: skip
        return self._commit(row)

    def _keep(self, rows: Sequence[dict[str, Any]]) -> list[bool]:
        """Commit them in one statement; for each, whether it is new: of two with one key, the first."""
        # In the same order in every process: else two that store the same webhooks wait for each other.
        ordered = sorted(rows, key=_identity)
        new = {(row.shop_id, row.key) for row in self._database.write_again(self._insert, ordered)}
        return [_took(new, _identity(row)) for row in rows]

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[StoredWebhook]:
        if leases.nothing_is_due(self._database, _webhooks, now):
            return ()
        # What nobody can read stays leased, however much of it is due: behind it may be what somebody can.
        return leases.first_readable(lambda: self._take(limit=limit, now=now, lease=lease))

    def _take(self, *, limit: int, now: datetime, lease: timedelta) -> tuple[int, Sequence[StoredWebhook]]:
        """How many were taken, and those of them that can be read."""
        with self._database.write() as connection:
            rows = leases.take(connection, _webhooks, limit=limit, now=now, lease=lease)
            contexts = shops.known(connection, {row["shop_id"] for row in rows})

        def read(row: RowMapping) -> StoredWebhook:
            body = self._crypto.open(row["body"])
            return ClaimedWebhook(
                id=row["id"], shop=contexts[row["shop_id"]], topic=row["topic"], body=body,
                tries=row["tries"] + 1, sent_at=row["triggered_at"] or row["received_at"], fence=leases.fence_after(row),
                is_poison_suspect=leases.is_poison_suspect(row),
            )  # fmt: skip

        return len(rows), leases.each_readable(rows, "webhook", read)

    def translated(
        self, webhook: StoredWebhook, translation: Translation, *, now: datetime, purchases: Sequence[Purchase] = ()
    ) -> int:
        shop_id = webhook.shop.id
        unread = self._notices.unread(shop_id, translation.notices)
        with self._database.write() as connection:
            if translation.notices or translation.buyer or purchases:
                shops.lock(connection, shop_id)
            # A shop that left is obeyed when it asks us to forget, which it does after leaving, but sends nothing.
            why_not = self._why_not(connection, webhook)
            if not self._close(connection, webhook, finished_at=now, **_ending(translation, why_not)):
                return 0
            count = 0 if why_not else self._store(connection, webhook, translation.events, now)
            if not count:
                # What made no event has said all it had to say, and nobody can find a person in it.
                connection.execute(_CLEAR_BODY, {"its_id": webhook.id})
            if translation.buyer and not why_not:
                purchases = (*purchases, *self._completed(connection, shop_id, translation.buyer, now))
            for purchase in () if why_not else purchases:
                self._timers.buy(connection, shop_id, purchase, now=now)
            for notice in translation.notices:
                if isinstance(notice, ShopLeft) and self._is_overtaken(connection, webhook):
                    continue
                if isinstance(notice, ConsentChanged) and why_not:
                    continue  # it says more of a forgotten person
                self._notices.obey(connection, webhook, notice, unread=unread, now=now)
        if translation.notices:
            self._known.forget()
        return count

    def _completed(self, connection: Connection, shop_id: int, buyer: Buyer, now: datetime) -> Sequence[Purchase]:
        """Give the order's events their buyer, and say what these prove to be bought by them."""
        completed = buyers.complete(connection, self._crypto, shop_id, buyer, now=now)
        return hold.purchases(Translation(events=tuple(completed)))

    def failed(self, webhook: StoredWebhook, reason: str, *, code: ReasonCode, now: datetime) -> None:
        with self._database.write() as connection:
            why_not = self._why_not(connection, webhook)
            ended = {"state": WebhookState.FAILED.value, "reason_code": code.value, "reason": reason, "finished_at": now}
            if self._close(connection, webhook, **ended) and why_not is ReasonCode.FORGOTTEN:
                connection.execute(_CLEAR_BODY, {"its_id": webhook.id})

    def _why_not(self, connection: Connection, webhook: StoredWebhook) -> ReasonCode | None:
        """Why nothing of this webhook may be sent or remembered; None when it may. Its row stays locked."""
        row = connection.execute(_SELECT_STANDING_FOR_UPDATE, {"its_shop": webhook.shop.id, "its_id": webhook.id}).first()
        # The sentence, too: a process of the version before this one writes no code.
        if row is None or row.reason_code == ReasonCode.FORGOTTEN or row.reason == FORGOTTEN:
            return ReasonCode.FORGOTTEN
        return ReasonCode.UNINSTALLED if row.left_at else None

    def _is_overtaken(self, connection: Connection, webhook: StoredWebhook) -> bool:
        """Whether the shop has installed the app again since it was sent: an uninstall that comes late would undo that."""
        is_its = {"its_shop": webhook.shop.id, "its_id": webhook.id}
        return connection.execute(_SELECT_INSTALLED_SINCE, is_its).first() is not None

    def _close(self, connection: Connection, webhook: StoredWebhook, **values: Any) -> bool:
        """Write how it ended, if it is still ours."""
        return leases.change_held(connection, _webhooks, webhook, CLOSED | values)

    def _store(self, connection: Connection, webhook: StoredWebhook, found: tuple[StoreEvent, ...], now: datetime) -> int:
        rows = [event_row(self._crypto, webhook.shop.id, event, webhook_id=webhook.id, now=now) for event in found]
        rows.sort(key=lambda row: str(row["key"]))  # the same order in every worker: PostgreSQL need not break a deadlock
        return len(self._database.insert_new(connection, tables.events, rows))


_CLEAR_BODY = update(_webhooks).where(_webhooks.c.id == bindparam("its_id")).values(body=None)
_SELECT_STANDING_FOR_UPDATE = (
    select(tables.shops.c.left_at, _webhooks.c.reason_code, _webhooks.c.reason)
    .join(_webhooks)
    .where(tables.shops.c.id == bindparam("its_shop"), _webhooks.c.id == bindparam("its_id"))
    .with_for_update(of=_webhooks)
)

_SELECT_INSTALLED_SINCE = (
    select(tables.shops.c.id)
    .join(_webhooks)
    .where(
        tables.shops.c.id == bindparam("its_shop"),
        _webhooks.c.id == bindparam("its_id"),
        tables.shops.c.installed_at > _webhooks.c.triggered_at,
    )
)


def _identity(row: dict[str, Any]) -> tuple[int, str]:
    return row["shop_id"], row["key"]


def _took(new: set[tuple[int, str]], identity: tuple[int, str]) -> bool:
    """Whether it was among them; now it is not any more."""
    if identity not in new:
        return False
    new.remove(identity)
    return True


def _ending(translation: Translation, why_not: ReasonCode | None) -> dict[str, str]:
    if skip := translation.skip:
        said = {"reason_code": skip.code.value, "reason": skip.reason, "fix": skip.fix}
        return {"state": WebhookState.SKIPPED.value} | said
    if why_not and not translation.notices:
        return {"state": WebhookState.SKIPPED.value, "reason_code": why_not.value, "reason": _REASONS[why_not]}
    return {"state": WebhookState.TRANSLATED.value, "reason_code": "", "reason": ""}
