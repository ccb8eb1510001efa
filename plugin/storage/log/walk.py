"""Everything that matches, however much it is: in short steps, so that who goes through it keeps nobody waiting."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, func, select

from plugin.ports import DeliveryFilter
from plugin.storage.db import tables
from plugin.storage.db.engine import Database
from plugin.storage.log.search import LARGEST_ID, Search, can_be_stored

IDS_AT_ONCE: Final = 1_000
STEP_SECONDS: Final = 0.002  #: a query more; only where a text is searched for or something is rare it takes as long


def steps(database: Database, search: Search, filter: DeliveryFilter) -> Iterator[Sequence[int]]:
    """The ids of what matches, newest first, none twice, with no connection kept from one step to the next.

    What comes meanwhile is newer than where it begins, so it is not among them; of what goes, some may be.
    """
    if not can_be_stored(filter):
        return
    with database.read() as connection:
        wanted = replace(filter, limit=IDS_AT_ONCE, before_id=filter.before_id or _newest(connection, filter.shop_id) + 1)
    by_name, event_id = array("q"), LARGEST_ID if filter.search.strip() else 0
    while event_id:
        with database.read() as connection:
            ids, event_id = search.by_name(connection, wanted, before=event_id)
        by_name.extend(ids)
        yield ()
    by_name = array("q", sorted(by_name))
    while True:
        with database.read() as connection:
            found = search.look(connection, wanted, patience=STEP_SECONDS, by_name=by_name)
        yield found.ids
        if found.older is None:
            return
        wanted = replace(wanted, before_id=found.older)


def _newest(connection: Connection, shop_id: int) -> int:
    query = select(func.max(tables.deliveries.c.id)).where(tables.deliveries.c.shop_id == shop_id)
    return connection.execute(query).scalar() or 0
