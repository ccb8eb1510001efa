"""Webhooks, once each: received in one commit, claimed, translated."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from plugin.domain.carts import Purchase
from plugin.domain.errors import ShopGone, StorageDown
from plugin.domain.notice import BasketEnded, ConsentChanged, Notice, ProductsChanged, ShopLeft, Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.share import WHOLE, Share
from plugin.domain.states import WebhookState
from plugin.pipeline import hold
from plugin.ports import StoredWebhook, VerifiedWebhook
from plugin.storage.db import tables, wake
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkInsert, types_of
from plugin.storage.db.claim_columns import NOT_HELD
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.db.engine import Database
from plugin.storage.db.group_commit import GroupCommit
from plugin.storage.queue import buyers, leases, webhook_endings
from plugin.storage.queue.event_rows import event_row, insert_events
from plugin.storage.queue.renewal import ClaimLost, Renewal
from plugin.storage.queue.shops_in_turn import ShopsInTurn
from plugin.storage.queue.timer_rows import TimerRows
from plugin.storage.queue.webhook_endings import FORGOTTEN, Ending, ended
from plugin.storage.shops import shop_locks
from plugin.storage.shops.shops import SqlShops

# Shopify hangs up after 5 seconds; an answer before that is one the store can read.
# https://shopify.dev/docs/apps/build/webhooks
PATIENCE_SECONDS = 4.0

WORKERS_PATIENCE_SECONDS = 15.0  #: a worker's, whose webhooks come back when their lease has run out
PAUSE_SECONDS = 0.02  #: what is read so close together shares a commit

SMALL_NOTICES = (BasketEnded, ConsentChanged, ProductsChanged)  #: obeyed in no time, so they may share a commit

_webhooks = tables.webhooks


Prepared = Callable[[Connection, StoredWebhook, datetime], object]
"""Does what a notice asks, within the caller's transaction, with what was found before."""


class NoticeHandler(Protocol):
    """What obeys a store's notices; it stands above the queue, so the queue is given it."""

    def prepare(self, shop_id: int, notices: Sequence[Notice], *, meanwhile: Callable[[], None]) -> Sequence[Prepared]:
        """Do what of these takes long, before the transaction, and say for each what is left to do in it.

        `meanwhile` is called again and again.
        """

    def obey(self, connection: Connection, webhook: StoredWebhook, notice: Notice, *, now: datetime) -> None:
        """Do what a notice asks that needs no preparation, within the caller's transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedWebhook(StoredWebhook):
    """A webhook with the fence it was claimed at, and for how long."""

    fence: int
    lease: timedelta


class SqlInbox:
    """`ports.Inbox` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops, *, notices: NoticeHandler) -> None:
        self._database, self._crypto, self._shops, self._notices = database, crypto, shops, notices
        self._commit = GroupCommit(self._keep, patience_seconds=PATIENCE_SECONDS)
        self._timers, self._turns = TimerRows(database, crypto), ShopsInTurn(database, _webhooks)
        self._translate = GroupCommit(
            self._translate_together, patience_seconds=WORKERS_PATIENCE_SECONDS, pause_seconds=PAUSE_SECONDS
        )

    def receive(self, webhook: VerifiedWebhook, *, now: datetime) -> bool:
        row = {
            "shop_id": webhook.shop.id, "key": index_key(webhook.key), "topic": webhook.topic, "received_at": now,
            "triggered_at": webhook.triggered_at, "state": WebhookState.WAITING.value, "due_at": now,
            "body": self._crypto.seal(webhook.body),
        }  # fmt: skip
        try:
            return self._commit(row)
        except StorageDown as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            self._shops.cache.forget()
            raise ShopGone("The shop was deleted a moment ago.") from error

    def _keep(self, rows: Sequence[dict[str, Any]]) -> list[bool]:
        """Commit them in one statement; for each, whether it is new: of two with one key, the first."""
        new = {(row.shop_id, row.key) for row in _INSERT.run_again(self._database, rows)}
        return [_took(new, _identity(row)) for row in rows]

    def claim(self, *, limit: int, now: datetime, lease: timedelta, share: Share = WHOLE) -> Sequence[StoredWebhook]:
        # What nobody can read stays leased, however much of it is due: behind it may be what somebody can.
        return leases.first_readable(lambda: self._take(limit=limit, now=now, lease=lease, share=share))

    def _take(self, *, limit: int, now: datetime, lease: timedelta, share: Share) -> tuple[int, Sequence[StoredWebhook]]:
        """How many were taken, and those of them that can be read."""
        with self._turns.taking(limit=limit, now=now, lease=lease, share=share) as (connection, rows):
            if not rows:
                return 0, ()
            known = self._shops.known(connection, {row["shop_id"] for row in rows})

        def read(row: Mapping[Any, Any]) -> StoredWebhook:
            body = self._crypto.open(row["body"])
            shop, variables = known[row["shop_id"]]
            return ClaimedWebhook(
                id=row["id"], shop=shop, variables=variables, topic=row["topic"], body=body,
                tries=row["tries"] + 1, sent_at=row["triggered_at"] or row["received_at"], fence=leases.fence_after(row),
                lease=lease, is_poison_suspect=leases.is_poison_suspect(row),
            )  # fmt: skip

        return len(rows), leases.each_readable(rows, "webhook", read)

    def translated(
        self, webhook: StoredWebhook, translation: Translation, *, now: datetime, purchases: Sequence[Purchase] = ()
    ) -> int:
        read = _Read(webhook=webhook, translation=translation, purchases=purchases, now=now)
        if all(isinstance(notice, SMALL_NOTICES) for notice in translation.notices):
            return self._translate(read)
        try:
            prepared = self._notices.prepare(webhook.shop.id, translation.notices, meanwhile=self._renewal(webhook, now))
        except ClaimLost:
            return 0
        with self._database.write() as connection:
            if read.needs_lock:
                shop_locks.lock(connection, read.shop_id)
            count = self._keep_read(connection, [replace(read, prepared=prepared)])
        self._shops.cache.forget()
        return count[webhook.id]

    def _renewal(self, webhook: StoredWebhook, now: datetime) -> Renewal:
        if not isinstance(webhook, ClaimedWebhook):
            raise TypeError(f"{type(webhook).__name__} was not claimed from this store")
        return Renewal(self._database, _webhooks, webhook, now=now, lease=webhook.lease)

    def postpone(self, webhook: StoredWebhook, *, until: datetime) -> None:
        with self._database.write() as connection:
            leases.change_held(connection, _webhooks, webhook, NOT_HELD | {"due_at": until, "tries": webhook.tries - 1})

    def failed(self, webhook: StoredWebhook, reason: str, *, code: ReasonCode, now: datetime) -> None:
        ended = {"state": WebhookState.FAILED.value, "reason_code": code.value, "reason": reason, "fix": ""}
        self._translate(_Read(webhook=webhook, translation=Translation(), ended=ended, now=now))

    def _translate_together(self, group: Sequence["_Read"]) -> list[int]:
        """For each of these, how many of its events were new."""
        count: Counter[int] = Counter()
        shop_locks.keep_by_shop(self._database, group, lambda connection, part: count.update(self._keep_read(connection, part)))
        return [count[read.webhook.id] for read in group]

    def _keep_read(self, connection: Connection, group: Sequence["_Read"]) -> Counter[int]:
        """Keep these; how many events of each webhook were new."""
        now = max(read.now for read in group)
        standing = _standing(connection, [read.webhook for read in group])
        # A shop that left is obeyed when it asks us to forget, which it does after leaving, but sends nothing.
        why_not = {read.webhook.id: _why_not(standing.get(read.webhook.id)) for read in group}
        held = [read for read in group if leases.is_still_held(standing.get(read.webhook.id), read.webhook)]
        sends = [read for read in held if why_not[read.webhook.id] is None]
        webhook_endings.close(connection, [_ending(read, why_not[read.webhook.id]) for read in held])
        count = self._store(connection, sends, now)
        empty = [
            read.webhook.id for read in held if not count[read.webhook.id] and _has_said_all(read, why_not[read.webhook.id])
        ]
        if empty:
            connection.execute(_CLEAR_BODIES, {"ids": empty})
        webhook_endings.empty_failed(connection, sorted({read.shop_id for read in held if read.ended}))
        self._timers.buy(connection, self._bought(connection, sends, now), now=now)
        for read in held:
            self._obey(connection, read, why_not[read.webhook.id])
        return count

    def _bought(self, connection: Connection, sends: Sequence["_Read"], now: datetime) -> Sequence[tuple[int, Purchase]]:
        """What is bought by these, also by what was told to nobody before they named the buyer."""
        bought = [(read.webhook.shop.id, purchase) for read in sends for purchase in read.purchases]
        named = [(read.webhook.shop.id, read.translation.buyer) for read in sends if read.translation.buyer]
        for shop_id, events in buyers.complete(connection, self._crypto, named, now=now):
            bought += [(shop_id, purchase) for purchase in hold.purchases(Translation(events=tuple(events)))]
        return bought

    def _obey(self, connection: Connection, read: "_Read", why_not: ReasonCode | None) -> None:
        for number, notice in enumerate(read.translation.notices):
            if isinstance(notice, ShopLeft) and _is_overtaken(connection, read.webhook):
                continue
            if isinstance(notice, ConsentChanged) and why_not:
                continue  # it says more of a forgotten person
            if read.prepared:
                read.prepared[number](connection, read.webhook, read.now)
            else:
                self._notices.obey(connection, read.webhook, notice, now=read.now)

    def _store(self, connection: Connection, sends: Sequence["_Read"], now: datetime) -> Counter[int]:
        """How many events of each webhook were new."""
        rows = [
            event_row(self._crypto, read.webhook.shop.id, event, webhook_id=read.webhook.id, now=now)
            for read in sends
            for event in read.translation.events
        ]
        return Counter(row.webhook_id for row in insert_events(connection, rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A webhook with what it means, or how it ended without meaning anything."""

    webhook: StoredWebhook
    translation: Translation
    purchases: Sequence[Purchase] = ()
    ended: Mapping[str, str] = field(default_factory=dict)
    now: datetime
    prepared: Sequence[Prepared] = ()  #: for each notice; empty where none needs it

    @property
    def shop_id(self) -> int:
        return self.webhook.shop.id

    @property
    def needs_lock(self) -> bool:
        """Whether it changes what others of its shop depend on."""
        return bool(self.translation.notices or self.translation.buyer or self.purchases)


_INSERT = BulkInsert(
    _webhooks,
    types_of(_webhooks, "shop_id", "key", "topic", "received_at", "triggered_at", "state", "due_at", "body"),
    lambda insert: insert.on_conflict_do_nothing().returning(
        _webhooks.c.shop_id, _webhooks.c.key, *wake.notify_on_insert(insert)
    ),
    order=("shop_id", "key"),
)
_CLEAR_BODIES = update(_webhooks).where(AnyOf(_webhooks.c.id, "ids")).values(body=None)
_SELECT_STANDING_FOR_UPDATE = (
    select(
        _webhooks.c.id, _webhooks.c.shop_id, _webhooks.c.reason_code, _webhooks.c.reason, _webhooks.c.fence,
        _webhooks.c.lease_until, tables.shops.c.left_at,
    )
    .join(tables.shops, tables.shops.c.id == _webhooks.c.shop_id)
    .where(AnyOf(_webhooks.c.id, "ids"), AnyOf(_webhooks.c.shop_id, "shop_ids"))
    .order_by(_webhooks.c.id)
    .with_for_update(of=_webhooks)
)  # fmt: skip
_SELECT_INSTALLED_SINCE = (
    select(tables.shops.c.id)
    .join(_webhooks)
    .where(
        tables.shops.c.id == bindparam("its_shop"),
        _webhooks.c.id == bindparam("its_id"),
        tables.shops.c.installed_at > _webhooks.c.triggered_at,
    )
)


def _standing(connection: Connection, webhooks: Sequence[StoredWebhook]) -> dict[int, RowMapping]:
    """How these webhooks and their shops stand. Their rows stay locked."""
    its = {"ids": sorted(one.id for one in webhooks), "shop_ids": sorted({one.shop.id for one in webhooks})}
    return {row["id"]: row for row in connection.execute(_SELECT_STANDING_FOR_UPDATE, its).mappings()}


def _why_not(row: RowMapping | None) -> ReasonCode | None:
    """Why nothing of this webhook may be sent or remembered; None when it may."""
    # The sentence, too: a process of the version before this one writes no code.
    if row is None or row["reason_code"] == ReasonCode.FORGOTTEN or row["reason"] == FORGOTTEN:
        return ReasonCode.FORGOTTEN
    return ReasonCode.UNINSTALLED if row["left_at"] else None


def _has_said_all(read: _Read, why_not: ReasonCode | None) -> bool:
    """Whether the body of what made no event may go: nobody can find a person in it. What failed may be looked into."""
    return not read.ended or why_not is ReasonCode.FORGOTTEN or len(read.webhook.body) > webhook_endings.LARGEST_FAILED


def _is_overtaken(connection: Connection, webhook: StoredWebhook) -> bool:
    """Whether the shop has installed the app again since it was sent: an uninstall that comes late would undo that."""
    is_its = {"its_shop": webhook.shop.id, "its_id": webhook.id}
    return connection.execute(_SELECT_INSTALLED_SINCE, is_its).first() is not None


def _identity(row: dict[str, Any]) -> tuple[int, str]:
    return row["shop_id"], row["key"]


def _took(new: set[tuple[int, str]], identity: tuple[int, str]) -> bool:
    """Whether it was among them; now it is not any more."""
    if identity not in new:
        return False
    new.remove(identity)
    return True


def _ending(read: _Read, why_not: ReasonCode | None) -> Ending:
    return Ending(webhook_id=read.webhook.id, words=read.ended or ended(read.translation, why_not), at=read.now)
