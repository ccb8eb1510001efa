"""The way out, scheduled by destination: one delivery at a time for each SendPulse account."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Text, bindparam, cast, func, select, tuple_, update

from plugin.domain.delivery import Delivery, State
from plugin.domain.destination import Destination
from plugin.domain.errors import Misconfigured, StorageDown
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.routing import OnUncertain
from plugin.domain.share import WHOLE, Share
from plugin.ports import AttemptResult, ClaimedDelivery, DestinationHealth
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.group_commit import GroupCommit
from plugin.storage.queue import attempts, destination_leases, destinations, leases
from plugin.storage.queue.cart_marks import CartMarks
from plugin.storage.queue.delivery_endings import end, mark_uncertain
from plugin.storage.queue.forwarding import Forwarding, address_of
from plugin.storage.queue.seen import SeenSnapshot
from plugin.storage.queue.shared_destinations import SharedDestinations
from plugin.storage.queue.shop_contexts import context_of, skip_uninstalled
from plugin.storage.queue.unsent_carts import skip_pointless
from plugin.storage.shops.shops import ShopContext, SqlShops, request_sync

PAUSE_SECONDS = 0.02  #: answers that come so close together share a commit; far less than an account's pace
PATIENCE_SECONDS = 15.0  #: for an answer: one that is not stored is a POST that is made again

_deliveries = tables.deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class FencedDelivery(ClaimedDelivery):
    """A claimed delivery with the fences its delivery and its destination were claimed at."""

    fence: int
    destination_fence: int


class SqlDeliveries:
    """`ports.Deliveries` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops, forwarding: Forwarding) -> None:
        self._database, self._crypto, self._shops, self._forwarding = database, crypto, shops, forwarding
        self._shared = SharedDestinations(database, shops)
        self._marks = CartMarks(crypto)
        self._finish = GroupCommit(self._finish_together, patience_seconds=PATIENCE_SECONDS, pause_seconds=PAUSE_SECONDS)

    def claim(self, *, limit: int, now: datetime, lease: timedelta, share: Share = WHOLE) -> Sequence[ClaimedDelivery]:
        share = share.without(self._shops.suspended.ids())
        if self._nothing_is_ready(now, share.passing):
            return ()
        with self._database.write() as connection:
            leased = destination_leases.lease(connection, limit=limit, now=now, until=now + lease, share=share)
            if not leased:
                return ()
            abandoned = [row["key"] for row in leased if row["lease_until"] is not None]
            if abandoned:
                mark_uncertain(connection, abandoned, now)
            heads = self._next_by_destination(connection, [row["key"] for row in leased], now)
            contexts, rows = self._rows_of(connection, heads.values(), now)
            taken = {row["destination"] for row in rows}
            # One whose next delivery was just closed or is being changed by another worker may have another behind it.
            destination_leases.release_ready(connection, heads.keys() - taken, now=now)
            destination_leases.release_idle(connection, {row["key"] for row in leased} - heads.keys(), now=now)
            begun = self._begin(connection, [row for row in rows if _is_known(row, contexts)], now=now, lease=lease)
        fences = {row["key"]: leases.fence_after(row) for row in leased}

        def read(row: RowMapping) -> ClaimedDelivery:
            context = context_of(row, contexts)
            claimed = {"attempt_id": begun[row["id"]], "destination_fence": fences[row["destination"]]}
            return self._claimed(row, context, leased_until=now + lease, **claimed)

        return leases.each_readable(rows, "delivery", read)

    def finish(self, finished: AttemptResult, *, now: datetime) -> bool:
        return self._finish((finished, now))

    def _finish_together(self, group: Sequence[tuple[AttemptResult, datetime]]) -> list[bool]:
        """Finish these in one commit; for each, whether it was still its worker's."""
        finished, now = [one for one, _ in group], max(now for _, now in group)
        with self._database.write() as connection:
            leased = destination_leases.leased(connection, {one.claimed.delivery.destination for one in finished})
            ours = [one for one in finished if _is_ours(leased, one)]
            sending = self._still_sending(connection, ours)
            kept = [one for one in ours if _fences(one) in sending]
            end(connection, kept, now)
            attempts.answer(connection, {one.claimed.attempt_id: one.outcome for one in kept}, now)
            after = [_after(leased[one.claimed.delivery.destination], one, now) for one in ours]
            destination_leases.give_back(connection, after)
        moved = {
            one.claimed.delivery.shop_id
            for one, its in zip(ours, after, strict=True)
            if leased[one.claimed.delivery.destination]["health"] != its.health.value
        }
        self._request_sync(moved, now)
        self._forward({one.claimed.delivery.shop_id for one in kept if one.outcome.needs_merchant}, now)
        stored = {one.claimed.attempt_id for one in kept}
        return [one.claimed.attempt_id in stored for one in finished]

    def ready_in(self, *, now: datetime, passing: Collection[int] = ()) -> timedelta | None:
        return destination_leases.ready_in(self._database, now=now, passing={*passing, *self._shops.suspended.ids()})

    def waiting(self, shop_id: int, kind: EventKind) -> int:
        [(number,)] = self._database.read_once(_COUNT_WAITING, {"its_shop": shop_id, "its_kind": kind.value})
        return int(number)

    def destinations(self, shop_id: int) -> Sequence[DestinationHealth]:
        keys = destinations.keys_of(self._crypto, self._shops.settings(shop_id), shop_id)
        with self._database.read() as connection:
            return destinations.health_of(connection, keys)

    def reopen(self, shop_id: int, *, now: datetime) -> int:
        keys = destinations.keys_of(self._crypto, self._shops.settings(shop_id), shop_id)
        self._forwarding.all(shop_id, now=now)
        with self._database.write() as connection:
            keys |= destinations.where_something_waits(connection, shop_id)
            count = destinations.reopen(connection, keys, now=now)
        self._request_sync({shop_id} if count else set(), now)
        return count

    def part(self, *, now: datetime) -> bool:
        return self._shared.part(now=now)

    def _forward(self, shop_ids: Collection[int], now: datetime) -> None:
        """What was under way when the settings were saved, and has come back, follows them too."""
        for shop_id in sorted(shop_ids):
            with suppress(StorageDown):  # it comes back in an hour
                self._forwarding.all(shop_id, now=now)

    def _request_sync(self, shop_ids: Collection[int], now: datetime) -> None:
        """Have the platform told that an account's health moved: by itself, for who holds a shop's row may wait for ours."""
        if shop_ids:
            with suppress(StorageDown), self._database.write() as connection:  # the next move says it too
                request_sync(connection, shop_ids, now=now)

    def _nothing_is_ready(self, now: datetime, passing: Collection[int]) -> bool:
        """Whether an idle worker can spare SQLite's one writer the question."""
        if not self._database.is_sqlite:
            return False
        with self._database.read() as connection:
            return not destination_leases.is_any_ready(connection, now=now, passing=passing)

    def _rows_of(
        self, connection: Connection, heads: Collection[int], now: datetime
    ) -> tuple[dict[int, Any], Sequence[RowMapping]]:
        """Those of these deliveries that still wait, locked, and the shops they belong to.

        A purchase may have closed one since it was found, or somebody may be closing it just now.
        """
        if not heads:
            return {}, ()
        rows = connection.execute(_SELECT_WAITING_FOR_UPDATE, {"ids": list(heads)}).mappings().all()
        contexts = self._shops.contexts(connection, {row["shop_id"] for row in rows})
        installed = skip_uninstalled(connection, _deliveries, rows, contexts, now=now)
        seen = SeenSnapshot(connection, self._marks, self._crypto)
        return contexts, skip_pointless(connection, installed, contexts, seen, now=now)

    def _next_by_destination(self, connection: Connection, keys: Sequence[str], now: datetime) -> dict[str, int]:
        """By destination, the delivery that leaves next; without those that have none."""
        found = connection.execute(_SELECT_NEXT[self._shared.are_there], {"keys": keys, "now": now})
        return {key: head for key, head in found if head is not None}

    def _begin(self, connection: Connection, rows: Sequence[RowMapping], *, now: datetime, lease: timedelta) -> dict[int, int]:
        """Write the attempts that are about to be made; their ids by delivery."""
        if not rows:
            return {}
        ids = [row["id"] for row in rows]
        connection.execute(_MARK_SENDING, {"ids": ids, "until": now + lease})
        return attempts.write(connection, ids, now)

    def _still_sending(self, connection: Connection, finished: Sequence[AttemptResult]) -> set[tuple[int, int, int]]:
        """Shop, id and fence of those of these deliveries that are under way, locked."""
        ids = sorted(one.claimed.delivery.id for one in finished)
        shop_ids = sorted({one.claimed.delivery.shop_id for one in finished})
        return {tuple(row) for row in connection.execute(_SELECT_SENDING_FOR_UPDATE, {"ids": ids, "shop_ids": shop_ids})}

    def _claimed(self, row: RowMapping, context: ShopContext, **claimed: Any) -> ClaimedDelivery:
        letter = self._crypto.open_json(row["letter"])
        address = address_of(self._crypto, row, letter, context)
        return FencedDelivery(
            delivery=_delivery(row), shop=context.shop, send=address.send, event_url=address.event_url,
            event_name=address.event_name, body=letter["body"], account=context.settings.account,
            on_uncertain=OnUncertain(row["on_uncertain"]), fence=leases.fence_after(row), **claimed,
        )  # fmt: skip


def _select_next_by_destination(*, beside_shared: bool) -> Select[Any]:
    """For each destination the delivery that leaves next: the one due longest, none of whose basket is older.

    Neither where several shops shared it, as long as such destinations are there.
    """
    table, one, older = tables.destinations, _deliveries.alias("one"), _deliveries.alias("older")
    in_its_basket = (older.c.shop_id == one.c.shop_id) & (older.c.basket == one.c.basket) & (one.c.basket != "")
    shared_key = func.substr(one.c.destination, func.length(cast(one.c.shop_id, Text)) + 2)
    places = (one.c.destination, shared_key) if beside_shared else (one.c.destination,)
    in_its_basket &= older.c.due_at.is_not(None) & older.c.destination.in_(places)
    is_older = tuple_(older.c.happened_at, older.c.id) < tuple_(one.c.happened_at, one.c.id)
    is_due = destination_leases.waits(one) & (one.c.due_at <= bindparam("now"))
    first = select(one.c.id).where(one.c.destination == table.c.key, is_due)
    first = first.where(~select(older.c.id).where(in_its_basket, is_older).exists())
    first = first.order_by(one.c.due_at, one.c.happened_at, one.c.id).limit(1).correlate(table)
    return select(table.c.key, first.scalar_subquery()).where(AnyOf(table.c.key, "keys"))


_COUNT_WAITING = select(func.count()).where(
    _deliveries.c.shop_id == bindparam("its_shop"),
    _deliveries.c.state == State.WAITING.value,
    _deliveries.c.kind == bindparam("its_kind"),
)
_SELECT_NEXT = {beside_shared: _select_next_by_destination(beside_shared=beside_shared) for beside_shared in (True, False)}
_SELECT_WAITING_FOR_UPDATE = (
    select(_deliveries, (tables.destinations.c.delivered_at > _deliveries.c.denied_at).label("is_denied_alone"))
    .join(tables.destinations, tables.destinations.c.key == _deliveries.c.destination)
    .where(AnyOf(_deliveries.c.id, "ids"), destination_leases.waits(_deliveries))
    .order_by(_deliveries.c.id)
    .with_for_update(skip_locked=True, of=_deliveries)
)
_MARK_SENDING = (
    update(_deliveries)
    .where(AnyOf(_deliveries.c.id, "ids"))
    .values(
        state=State.SENDING.value, lease_until=bindparam("until"), attempts=_deliveries.c.attempts + 1,
        fence=_deliveries.c.fence + 1, tries=_deliveries.c.tries + 1,
    )
)  # fmt: skip
_SELECT_SENDING_FOR_UPDATE = (
    select(_deliveries.c.shop_id, _deliveries.c.id, _deliveries.c.fence)
    .where(
        AnyOf(_deliveries.c.id, "ids"),
        AnyOf(_deliveries.c.shop_id, "shop_ids"),
        _deliveries.c.state == State.SENDING.value,
    )
    .order_by(_deliveries.c.id)
    .with_for_update()
)


def _is_known(row: RowMapping, contexts: Mapping[int, ShopContext | Misconfigured]) -> bool:
    """Whether this version can send it; what a newer one wrote is no attempt, and waits until the lease of its account ends."""
    return row["kind"] in KINDS and isinstance(contexts.get(row["shop_id"]), ShopContext)


def _is_ours(leased: Mapping[str, RowMapping], one: AttemptResult) -> bool:
    """Whether nobody else has been given this attempt's destination."""
    row = leased.get(one.claimed.delivery.destination)
    return row is not None and row["fence"] == _claimed(one.claimed).destination_fence


def _fences(one: AttemptResult) -> tuple[int, int, int]:
    return one.claimed.delivery.shop_id, one.claimed.delivery.id, _claimed(one.claimed).fence


def _after(row: RowMapping, one: AttemptResult, now: datetime) -> Destination:
    """The account after this attempt: the next event waits its turn, counted from when this one left."""
    return destination_leases.destination_of(row).sent(one.sent_at).after(one.outcome, now)


def _claimed(claimed: ClaimedDelivery) -> FencedDelivery:
    if not isinstance(claimed, FencedDelivery):
        raise TypeError(f"{type(claimed).__name__} was not claimed from this store")
    return claimed


def _delivery(row: RowMapping) -> Delivery:
    """As it stood before this attempt."""
    return Delivery(
        id=row["id"], shop_id=row["shop_id"], destination=row["destination"], kind=EventKind(row["kind"]),
        attempts=row["attempts"], is_denied_alone=bool(row["is_denied_alone"]),
    )  # fmt: skip
