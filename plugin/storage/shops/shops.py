"""Who has installed us: the shops, their access and their settings."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select, update

from plugin.domain.audit import STORE, Deed
from plugin.domain.delivery import State
from plugin.domain.errors import Misconfigured
from plugin.domain.own import OwnVariable
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.states import EventState
from plugin.domain.wording import worded
from plugin.ports import AccessLease, Installation, SettingsVersion
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.claim_columns import CLOSED
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.erased import note_erased, tables_of_a_shop
from plugin.storage.db.log_tables import resends
from plugin.storage.shops import audit, shop_locks
from plugin.storage.shops.access import AccessColumn
from plugin.storage.shops.refusals import SqlRefusals, forget_refusals
from plugin.storage.shops.settings import SettingsVersions
from plugin.storage.shops.shop_cache import ShopCache
from plugin.storage.shops.suspension import Suspended, recall, remember, resume, suspend

LEFT = worded("Your store has uninstalled the app.")
LEFT_FIX = worded("Install the app again, then send this again.")
FACTS = ("name", "link", "locale", "timezone", "currency", "number")

_shops = tables.shops


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopContext:
    """What claimed work needs to know of its shop."""

    shop: Shop
    access: Mapping[str, Any]
    settings: ShopSettings
    has_left: bool


class SqlShops(SqlRefusals):
    """`ports.Shops` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, known: ShopCache) -> None:
        self._database, self._crypto, self._known, self.cache = database, crypto, known, known
        self.suspended = Suspended(database)
        self._versions, self._access_column = SettingsVersions(crypto), AccessColumn(crypto)

    def find(self, platform: str, address: str) -> Installation | None:
        return self._known.find((platform, address), lambda: self._find(platform, address))

    def _find(self, platform: str, address: str) -> Installation | None:
        query = select(_shops).where(_shops.c.platform == platform, _shops.c.address == address)
        return next((self._installation(row._mapping) for row in self._database.read_once(query)), None)

    def is_number_of_another(self, shop: Shop, number: str) -> bool:
        others = (_shops.c.platform == shop.platform, _shops.c.number == number, _shops.c.id != shop.id)
        return bool(self._database.read_once(select(_shops.c.id).where(*others).limit(1)))

    def list(self) -> Sequence[Installation]:
        return [self._installation(row._mapping) for row in self._database.read_once(select(_shops).order_by(_shops.c.id))]

    def of_link(self, token: str) -> Installation | None:
        query = select(_shops).join(tables.links, tables.links.c.shop_id == _shops.c.id).where(tables.links.c.token == token)
        return next((self._installation(row._mapping) for row in self._database.read_once(query)), None)

    def install(
        self,
        shop: Shop,
        access: Mapping[str, Any],
        *,
        now: datetime,
        deed: Deed = Deed.INSTALLED,
        who: str = STORE,
        address: str = "",
    ) -> Shop:
        known = {name: value for name, value in _facts(shop).items() if value}
        # Whoever was renewing the access before must not put the old one over this.
        row = {"access": self._crypto.seal_json(access), "installed_at": now, "left_at": None}
        row |= {"access_lease_until": None, "settle_at": now}
        statement = self._database.insert(_shops).values(platform=shop.platform, address=shop.address, **_facts(shop), **row)
        statement = statement.on_conflict_do_update(index_elements=["platform", "address"], set_=row | _changes(known))
        is_it = (_shops.c.platform == shop.platform, _shops.c.address == shop.address)
        with self._changing() as connection:
            before = connection.execute(select(_shops.c.id, _shops.c.left_at).where(*is_it)).first()
            stored = connection.execute(statement.returning(_shops)).mappings().one()
            if before is not None and before.id != stored["id"]:
                before = None  # it was deleted at this very moment
            was_here = before is not None and before.left_at is None
            deed = Deed.ACCESS_REPLACED if was_here and deed is Deed.INSTALLED else deed
            forget_refusals(connection, stored["id"])
            if before is None:
                audit.begin(connection, self._crypto, stored["id"])
            audit.note(connection, self._crypto, stored["id"], deed, who=who, address=address, now=now)
            if before is None:
                recall(connection, self._crypto, stored, now=now)
        return shop_of(stored)

    def forget(self, shop_id: int) -> None:
        with self._changing() as connection:
            shop_locks.lock(connection, shop_id)  # else a suspension that ends just now would go with the shop
            forget(connection, self._crypto, shop_id)

    def suspend(self, shop_id: int, *, now: datetime) -> bool:
        with self._changing() as connection:
            return suspend(connection, self._crypto, shop_id, now=now)

    def resume(self, shop_id: int, *, now: datetime) -> bool:
        with self._changing() as connection:
            return resume(connection, self._crypto, shop_id, now=now)

    def access(self, shop_id: int) -> Mapping[str, Any]:
        return self._access_column.read_once(self._database, shop_id)

    def renew(
        self, shop_id: int, changed: Mapping[str, Any], *, who: str = "", address: str = "", now: datetime | None = None
    ) -> None:
        with self._changing() as connection:
            shop_locks.lock(connection, shop_id)
            self._access_column.change(connection, shop_id, changed)
            if who and now:
                audit.note(connection, self._crypto, shop_id, Deed.ACCESS_REPLACED, who=who, address=address, now=now)

    def lease_access(self, shop_id: int, *, now: datetime, lease: timedelta) -> AccessLease | None:
        with self._database.write() as connection:
            return self._access_column.lease(connection, shop_id, now=now, lease=lease)

    def end_lease(self, lease: AccessLease, changed: Mapping[str, Any]) -> bool:
        with self._changing() as connection:
            return self._access_column.end_lease(connection, lease, changed)

    def settings(self, shop_id: int) -> ShopSettings:
        with self._database.read() as connection:
            version = self._versions.newest(connection, (shop_id,)).get(shop_id)
            return self._versions.settings(connection, shop_id, version)

    def write_settings(
        self,
        shop_id: int,
        document: Mapping[str, Any],
        *,
        who: str,
        now: datetime,
        expected: int | None = None,
        address: str = "",
    ) -> int:
        with self._database.write() as connection:
            shop_locks.lock(connection, shop_id)
            version = self._versions.write(connection, shop_id, document, who=who, now=now, expected=expected)
            request_sync(connection, (shop_id,), now=now)
            facts, deed = {"version": version}, Deed.SETTINGS_CHANGED
            audit.note(connection, self._crypto, shop_id, deed, who=who, address=address, facts=facts, now=now)
        return version

    def settings_document(self, shop_id: int) -> Mapping[str, Any] | None:
        with self._database.read() as connection:
            return self._versions.document(connection, shop_id)

    def settings_version(self, shop_id: int, number: int | None = None) -> SettingsVersion | None:
        with self._database.read() as connection:
            return self._versions.version(connection, shop_id, number)

    def contexts(self, connection: Connection, shop_ids: Collection[int]) -> dict[int, ShopContext | Misconfigured]:
        """These shops, or why one cannot be read: its trouble is not its neighbours'."""
        if not shop_ids:
            return {}
        rows = connection.execute(_SELECT_SHOPS_WITH_VERSION, {"ids": shop_ids}).mappings().all()
        settings = self._versions.of_versions(connection, {row["id"]: row["settings_version"] for row in rows})
        return {row["id"]: self._context(row, settings[row["id"]]) for row in rows if row["id"] in settings}

    def known(self, connection: Connection, shop_ids: Collection[int]) -> dict[int, tuple[Shop, tuple[OwnVariable, ...]]]:
        """These shops with the variables their webhooks are to be read for."""
        rows = connection.execute(_SELECT_SHOPS_WITH_VERSION, {"ids": shop_ids}).mappings().all()
        variables = self._versions.placed_variables(connection, {row["id"]: row["settings_version"] for row in rows})
        return {row["id"]: (shop_of(row), variables.get(row["id"], ())) for row in rows}

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A transaction that changes what `find` answers."""
        try:
            with self._database.write() as connection:
                yield connection
        finally:
            self._known.forget()
            self.suspended.forget()

    def _context(self, row: RowMapping, settings: ShopSettings | Misconfigured) -> ShopContext | Misconfigured:
        if isinstance(settings, Misconfigured):
            return settings
        try:
            access = self._access(row)
        except Misconfigured as error:
            return error
        return ShopContext(shop=shop_of(row), access=access, settings=settings, has_left=row["left_at"] is not None)

    def _installation(self, row: RowMapping) -> Installation:
        left_at = row["left_at"]
        return Installation(
            shop=shop_of(row), access=self._access(row), is_active=left_at is None, left_at=left_at,
            suspended_at=row["suspended_at"],
        )  # fmt: skip

    def _access(self, row: RowMapping) -> dict[str, Any]:
        return self._crypto.open_json(row["access"]) if row["access"] else {}


def shop_of(row: RowMapping) -> Shop:
    """The shop in a row of `shops`."""
    return Shop(id=row["id"], platform=row["platform"], address=row["address"], **{name: row[name] for name in FACTS})


def request_sync(connection: Connection, shop_ids: Collection[int], *, now: datetime) -> None:
    """Have the platforms of these shops told what changed."""
    connection.execute(update(_shops).where(_shops.c.id.in_(sorted(shop_ids))).values(settle_at=now))


def change(connection: Connection, shop_id: int, facts: Mapping[str, str]) -> None:
    """Store the facts that are given; "" leaves one as it was."""
    given = {name: facts[name] for name in FACTS if facts[name]}
    if given:
        connection.execute(update(_shops).where(_shops.c.id == shop_id).values(given))


def leave(connection: Connection, crypto: Crypto, shop_id: int, *, now: datetime) -> None:
    """Drop the shop's access, and close what waits: nothing may leave later because the app was installed again."""
    is_here = (_shops.c.id == shop_id) & _shops.c.left_at.is_(None)
    if not connection.execute(update(_shops).where(is_here).values(access=None, left_at=now)).rowcount:
        return
    note_erased(connection, (_shops,))
    connection.execute(delete(tables.timers).where(tables.timers.c.shop_id == shop_id))
    connection.execute(delete(resends).where(resends.c.shop_id == shop_id))
    for table, state in ((tables.events, EventState.NEW), (tables.deliveries, State.WAITING)):
        waits = (table.c.shop_id == shop_id) & (table.c.state == state.value)
        skip_left(connection, table, waits, now=now)
    audit.note(connection, crypto, shop_id, Deed.UNINSTALLED, who=STORE, now=now)


def skip_left(connection: Connection, table: Any, where: Any, *, now: datetime) -> None:
    """Close these events or deliveries of a shop that has left."""
    values: dict[str, Any] = {"state": EventState.SKIPPED.value}
    if table is tables.deliveries:
        values = {"state": State.SKIPPED.value, "reason_code": ReasonCode.UNINSTALLED.value, "reason": LEFT, "fix": LEFT_FIX}
        values |= {"finished_at": now}
    connection.execute(update(table).where(where).values(CLOSED | values))


def forget(connection: Connection, crypto: Crypto, shop_id: int) -> None:
    """Delete the shop; everything of it goes with it, nearly all by its foreign keys, but for its suspension. The caller holds
    the shop's row."""
    remember(connection, crypto, shop_id)
    connection.execute(delete(tables.destinations).where(tables.destinations.c.shop_id == shop_id))
    connection.execute(delete(_shops).where(_shops.c.id == shop_id))
    note_erased(connection, tables_of_a_shop())


def _facts(shop: Shop) -> dict[str, str]:
    return {name: getattr(shop, name) for name in FACTS}


def _changes(known: dict[str, str]) -> dict[str, Any]:
    """What a new installation says; "UTC" is also what `Shop` says when nobody knows the zone."""
    return {name: value for name, value in known.items() if (name, value) != ("timezone", "UTC")}


_SELECT_SHOPS = select(_shops).where(AnyOf(_shops.c.id, "ids"))
_SELECT_SHOPS_WITH_VERSION = _SELECT_SHOPS.add_columns(
    select(func.max(tables.settings.c.version))
    .where(tables.settings.c.shop_id == _shops.c.id)
    .scalar_subquery()
    .label("settings_version")
)
