"""What is known of a shop's baskets, people and objects, within one transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, func, select

from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.states import EventState
from plugin.ports import KnownEvent
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.queue.cart_marks import CartMarks, Mark

MOST_KNOWN = 20  #: events of one object that are opened to see what was told of it

_events = tables.events


@dataclass(frozen=True, slots=True)
class SeenSnapshot:
    """`ports.PurchaseHistory` within one transaction."""

    connection: Connection
    marks: CartMarks
    crypto: Crypto

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        return self.marks.bought_at(self.connection, shop_id, self.marks.hashes(shop_id, keys))

    def reminded_at(self, shop_id: int, keys: Iterable[str], *, besides: int) -> datetime | None:
        hashes = self.marks.hashes(shop_id, keys)
        return self.marks.last(self.connection, shop_id, hashes, Mark.REMINDED, besides=besides)

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        its = {"its_shop": shop_id, "its_object": index_key(object_id), "its_kind": kind.value}
        newest: datetime | None = self.connection.execute(_SELECT_NEWEST_AT, its).scalar()
        return newest

    def known(
        self, shop_id: int, object_id: str, kinds: Collection[EventKind], states: Collection[EventState]
    ) -> Sequence[KnownEvent]:
        its = {"its_shop": shop_id, "its_object": index_key(object_id), "kinds": [kind.value for kind in kinds]}
        rows = self.connection.execute(_SELECT_KNOWN, its | {"states": [state.value for state in states]})
        return [KnownEvent(id=row["id"], kind=EventKind(row["kind"]), event=self._content(row)) for row in rows.mappings()]

    def _content(self, row: RowMapping) -> StoreEvent | None:
        try:
            return None if row["emptied_at"] else self.crypto.open_event(row["body"])
        except Misconfigured:  # another version wrote it
            return None


_SELECT_NEWEST_AT = select(func.max(_events.c.happened_at)).where(
    _events.c.shop_id == bindparam("its_shop"),
    _events.c.object_id == bindparam("its_object"),
    _events.c.kind == bindparam("its_kind"),
    _events.c.state == EventState.PLANNED.value,
)

_SELECT_KNOWN = (
    select(_events.c.id, _events.c.kind, _events.c.body, _events.c.emptied_at)
    .where(
        _events.c.shop_id == bindparam("its_shop"),
        _events.c.object_id == bindparam("its_object"),
        AnyOf(_events.c.kind, "kinds"),
        AnyOf(_events.c.state, "states"),
    )
    .order_by(_events.c.happened_at.desc(), _events.c.id.desc())
    .limit(MOST_KNOWN)
)
