"""Where each shop's setup guide stands."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Table, select

from plugin.ports import Guide
from plugin.storage.db.columns import Moment
from plugin.storage.db.engine import Database
from plugin.storage.db.tables import metadata

guides = Table(
    "guides",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("tested_at", Moment),
    Column("dismissed_at", Moment),
)


class SqlGuides:
    """`ports.Guides` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, shop_id: int) -> Guide:
        query = select(guides.c.tested_at, guides.c.dismissed_at).where(guides.c.shop_id == shop_id)
        row = next(iter(self._database.read_once(query)), None)
        return Guide(is_tested=bool(row and row.tested_at), is_dismissed=bool(row and row.dismissed_at))

    def tested(self, shop_id: int, *, now: datetime) -> None:
        self._set(shop_id, "tested_at", now)

    def dismissed(self, shop_id: int, *, now: datetime) -> None:
        self._set(shop_id, "dismissed_at", now)

    def _set(self, shop_id: int, column: str, now: datetime) -> None:
        statement = self._database.insert(guides).values({"shop_id": shop_id, column: now})
        statement = statement.on_conflict_do_update(index_elements=["shop_id"], set_={column: now})
        with self._database.write() as connection:
            connection.execute(statement)
