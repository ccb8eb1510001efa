"""Replaced secrets in the settings of before they were dropped with each change: one walk along everything stored."""

from sqlalchemy import select, update

from plugin.domain.errors import Misconfigured
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.log_tables import walks
from plugin.storage.db.tables import settings
from plugin.storage.shops.settings import drop_replaced

WALK = "replaced secrets"
AT_ONCE = 20  #: versions of settings looked at in one transaction


class ReplacedSecrets:
    """Where the walk stands is in the database, so that it is made once; processes of an earlier version may add to it."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto

    def walk(self) -> int:
        """Look at the next versions of settings; how many those were, 0 when there is none."""
        rows = self._database.read_once(
            select(settings.c.id, settings.c.shop_id, settings.c.version)
            .where(settings.c.id > self._position())
            .order_by(settings.c.id)
            .limit(AT_ONCE)
        )
        if not rows:
            return 0
        with self._database.write() as connection:
            for row in rows:
                try:
                    drop_replaced(connection, self._crypto, row.shop_id, row.version)
                except Misconfigured:
                    continue  # sealed with a key that is not here: nobody can read it
            connection.execute(self._database.insert(walks).values(name=WALK, position=0).on_conflict_do_nothing())
            connection.execute(update(walks).where(walks.c.name == WALK).values(position=rows[-1].id))
        return len(rows)

    def _position(self) -> int:
        return next((row.position for row in self._database.read_once(select(walks.c.position).where(walks.c.name == WALK))), 0)
