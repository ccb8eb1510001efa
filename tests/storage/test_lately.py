"""Rules are tried on the newest events, and never on more than so many."""

from datetime import timedelta

from sqlalchemy import update

from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.support.builders import NOON, an_event
from tests.support.storage.situations import a_delivery, a_plan, planned

SINCE = NOON - timedelta(days=30)


def ids(store: SqlStore, shop: Shop, *, most: int = 500) -> list[str]:
    return sorted(event.object_id for event in store.events.lately(shop.id, since=SINCE, most=most))


def test_the_newest_events_are_read(store: SqlStore, a_shop: Shop) -> None:
    for number in "123":
        a_delivery(store, a_shop, key=f"k{number}", object_id=number)

    assert ids(store, a_shop) == ["1", "2", "3"]
    assert ids(store, a_shop, most=2) == ["2", "3"]


def test_an_event_of_many_deliveries_is_one(store: SqlStore, a_shop: Shop) -> None:
    event = an_event(object_id="1")
    planned(store, a_shop, event, (*a_plan(event, part=1), *a_plan(event, part=2)))

    assert ids(store, a_shop) == ["1"]


def test_older_events_and_those_of_other_shops_are_none_of_them(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="fake", address="other"), {}, now=NOON)
    a_delivery(store, other, key="other", object_id="9")
    old = a_delivery(store, a_shop, key="old", object_id="1")
    a_delivery(store, a_shop, key="new", object_id="2")
    with store.database.write() as connection:
        rows = update(tables.deliveries).where(tables.deliveries.c.event_id == old.id)
        connection.execute(rows.values(created_at=SINCE - timedelta(seconds=1)))

    assert ids(store, a_shop) == ["2"]


def test_what_was_emptied_or_cannot_be_read_is_left_out(store: SqlStore, a_shop: Shop) -> None:
    emptied, unreadable = (a_delivery(store, a_shop, key=key, object_id=key) for key in ("a", "b"))
    a_delivery(store, a_shop, key="c", object_id="c")
    with store.database.write() as connection:
        rows = update(tables.events).where(tables.events.c.id == emptied.id)
        connection.execute(rows.values(emptied_at=NOON))
        connection.execute(update(tables.events).where(tables.events.c.id == unreadable.id).values(body=b"nobody's"))

    assert ids(store, a_shop) == ["c"]
