"""The shops' settings files, version by version, and the newest one understood."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, FromClause, Integer, Select, func, insert, select, update

from plugin.domain.errors import ChangedMeanwhile, Misconfigured
from plugin.domain.own import OwnVariable
from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.domain.settings.file import SettingsRefused, read_settings_file
from plugin.domain.settings.secrets import without_replaced
from plugin.ports import SettingsVersion
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkSelect, Cells
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.erased import note_erased

log = structlog.get_logger()

REMEMBERED = 2_000  #: shops whose settings one process keeps in memory
REMEMBERED_AS_EMPTY = 100_000  #: shops of which it keeps whether a webhook is to be read for variables

_versions = tables.settings


class SettingsVersions:
    """Reads and writes settings; what was read is kept until its shop has a newer version."""

    def __init__(self, crypto: Crypto) -> None:
        self._crypto = crypto
        self._read: dict[int, tuple[int, ShopSettings]] = {}  # by shop: version and settings
        self._placed: dict[int, tuple[int | None, tuple[OwnVariable, ...]]] = {}  # by shop: version, variables with a path

    def newest(self, connection: Connection, shop_ids: Collection[int]) -> dict[int, int]:
        """The newest version of each of these shops that has one."""
        rows = connection.execute(_SELECT_NEWEST_VERSIONS, {"ids": shop_ids}).all()
        return {shop_id: version for shop_id, version in rows}  # noqa: C416 a row is a tuple only to Python

    def settings(self, connection: Connection, shop_id: int, version: int | None) -> ShopSettings:
        """This version, understood; `NO_SETTINGS` for None. Raises `Misconfigured`."""
        found = self.of_versions(connection, {shop_id: version})[shop_id]
        if isinstance(found, Misconfigured):
            raise found
        return found

    def of_versions(
        self, connection: Connection, versions: Mapping[int, int | None]
    ) -> dict[int, ShopSettings | Misconfigured]:
        """The same of many shops, or why one's cannot be read; what was not read before is read in one statement."""
        found: dict[int, ShopSettings | Misconfigured] = {}
        unread = {}
        for shop_id, version in versions.items():
            known, settings = self._read.get(shop_id, (None, NO_SETTINGS))
            if version is None or known == version:
                found[shop_id] = NO_SETTINGS if version is None else settings
            else:
                unread[shop_id] = version
        rows = [{"shop_id": shop_id, "version": version} for shop_id, version in unread.items()]
        for row in _SELECT_DOCUMENTS.run(connection, rows):
            try:
                found[row["shop_id"]] = self._understand(row)
            except Misconfigured as error:
                found[row["shop_id"]] = error
        return found

    def placed_variables(
        self, connection: Connection, versions: Mapping[int, int | None]
    ) -> dict[int, tuple[OwnVariable, ...]]:
        """The variables of these shops that stand in their webhooks; of one whose settings cannot be read none.

        Nearly no shop has any, and that is remembered of many more shops than settings are.
        """
        unknown = {id: version for id, version in versions.items() if self._placed.get(id, (None, ()))[0] != version}
        for shop_id, found in self.of_versions(connection, unknown).items():
            variables = found.variables if isinstance(found, ShopSettings) else ()
            if len(self._placed) >= REMEMBERED_AS_EMPTY:
                self._placed.clear()
            self._placed[shop_id] = (unknown[shop_id], tuple(one for one in variables if one.path))
        return {id: self._placed[id][1] for id in versions if id in self._placed}

    def _understand(self, row: Mapping[Any, Any]) -> ShopSettings:
        """Raises `Misconfigured`."""
        settings = _understood(self._crypto.open_json(row["document"]), row["version"])
        if len(self._read) >= REMEMBERED:
            self._read.clear()
        self._read[row["shop_id"]] = (row["version"], settings)
        return settings

    def document(self, connection: Connection, shop_id: int) -> dict[str, Any] | None:
        """The newest file as it was written."""
        version = self.newest(connection, (shop_id,)).get(shop_id)
        return None if version is None else self._document(connection, shop_id, version)

    def version(self, connection: Connection, shop_id: int, number: int | None) -> SettingsVersion | None:
        """This version as it was written, or the newest."""
        query = select(_versions).where(_versions.c.shop_id == shop_id).order_by(_versions.c.version.desc()).limit(1)
        query = query if number is None else query.where(_versions.c.version == number)
        row = connection.execute(query).mappings().first()
        if row is None:
            return None
        document = self._crypto.open_json(row["document"])
        return SettingsVersion(number=row["version"], document=document, who=row["who"])

    def write(
        self,
        connection: Connection,
        shop_id: int,
        document: Mapping[str, Any],
        *,
        who: str,
        now: datetime,
        expected: int | None,
    ) -> int:
        """Store the next version; the caller holds the shop's row, so no two writers count alike."""
        newest = self.newest(connection, (shop_id,)).get(shop_id, 0)
        if expected not in (None, newest):
            raise ChangedMeanwhile(f"The settings are at version {newest} by now, not at {expected}.")
        version = newest + 1
        row = {"shop_id": shop_id, "version": version, "document": self._crypto.seal_json(document), "who": who, "at": now}
        connection.execute(insert(_versions).values(row))
        drop_replaced(connection, self._crypto, shop_id, version)
        return version

    def _document(self, connection: Connection, shop_id: int, version: int) -> dict[str, Any]:
        query = select(_versions.c.document).where(_versions.c.shop_id == shop_id, _versions.c.version == version)
        return self._crypto.open_json(connection.execute(query).scalar_one())


def drop_replaced(connection: Connection, crypto: Crypto, shop_id: int, version: int) -> None:
    """Leave in the versions before this one no secret that it does not have: only its last characters, to compare with."""
    older = select(_versions.c.id, _versions.c.document).where(_versions.c.shop_id == shop_id)
    document = crypto.open_json(connection.execute(older.where(_versions.c.version == version)).one().document)
    older = older.where(_versions.c.version < version).order_by(_versions.c.version.desc()).with_for_update()
    last = connection.execute(older.limit(1)).first()
    if last is None or ((before := _opened(crypto, shop_id, last.document)) is not None and not _replaces(document, before)):
        return  # as nearly always; what the last one replaced itself is gone already
    note_erased(connection, (_versions,))
    for row in connection.execute(older):
        before = _opened(crypto, shop_id, row.document)
        if before is not None and _replaces(document, before):
            kept = crypto.seal_json(without_replaced(before, document))
            connection.execute(update(_versions).where(_versions.c.id == row.id).values(document=kept))


def _opened(crypto: Crypto, shop_id: int, sealed: bytes) -> dict[str, Any] | None:
    """None where no key fits any more: the secrets in it are nobody's, and it must keep no newer version from being stored."""
    try:
        return crypto.open_json(sealed)
    except Misconfigured:
        log.warning("passed over what no key opens", shop=shop_id, what="settings", rows=1)
        return None


def _replaces(document: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    return without_replaced(before, document) != before


def _understood(document: Mapping[str, Any], version: int) -> ShopSettings:
    try:
        return read_settings_file(document, known=document)
    except SettingsRefused as error:
        # It was checked before it was stored, so another version of the app wrote it. Its errors may quote it: not shown.
        raise Misconfigured(f"Version {version} of the shop's settings is not readable any more: import them again.") from error


def _select_documents(said: FromClause, cells: Cells) -> Select[Any]:
    is_it = (_versions.c.shop_id == cells["shop_id"]) & (_versions.c.version == cells["version"])
    return select(_versions.c.shop_id, _versions.c.version, _versions.c.document).select_from(said.join(_versions, is_it))


_SELECT_DOCUMENTS = BulkSelect({"shop_id": Id, "version": Integer()}, _select_documents)
_SELECT_NEWEST_VERSIONS = (
    select(_versions.c.shop_id, func.max(_versions.c.version))
    .where(AnyOf(_versions.c.shop_id, "ids"))
    .group_by(_versions.c.shop_id)
)
