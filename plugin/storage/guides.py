"""Where each shop's setup guide stands."""

from datetime import datetime

from sqlalchemy import select

from plugin.ports import Guide
from plugin.storage import tables
from plugin.storage.engine import Database

_guides = tables.guides


class SqlGuides:
    """`ports.Guides` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, shop_id: int) -> Guide:
        with self._database.read() as connection:
            row = connection.execute(select(_guides).where(_guides.c.shop_id == shop_id)).mappings().first()
        return Guide(is_tested=bool(row and row["tested_at"]), is_dismissed=bool(row and row["dismissed_at"]))

    def tested(self, shop_id: int, *, now: datetime) -> None:
        self._set(shop_id, "tested_at", now)

    def dismissed(self, shop_id: int, *, now: datetime) -> None:
        self._set(shop_id, "dismissed_at", now)

    def _set(self, shop_id: int, column: str, now: datetime) -> None:
        statement = self._database.insert(_guides).values({"shop_id": shop_id, column: now})
        statement = statement.on_conflict_do_update(index_elements=["shop_id"], set_={column: now})
        with self._database.write() as connection:
            connection.execute(statement)
