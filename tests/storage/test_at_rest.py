"""How each column keeps what it keeps, and that rows of before tokens and numbers were hashed are found, on both databases."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, Text, select, text, update

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import PersonToForget
from plugin.domain.shop import Shop
from plugin.domain.states import EventState
from plugin.ports import DeliveryFilter, SetTimer
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.keys import SEALED
from plugin.storage.db.tables import metadata
from tests.support.builders import NOON, a_basket, a_cart, an_event
from tests.support.storage.situations import planned, tell

OPERATOR = Path(__file__).parents[2] / "docs" / "operator.md"
HOUR = timedelta(hours=1)
STATES = tuple(EventState)


def classified() -> dict[str, dict[str, str]]:
    """How the operator's page says each column is kept, by table."""
    section = OPERATOR.read_text().partition("### How each thing is kept")[2].partition("\n## ")[0]
    found: dict[str, dict[str, str]] = {}
    for table, *cells in re.findall(r"^\| `(\w+)` \|(.*)\|(.*)\|(.*)\|$", section, re.MULTILINE):
        for how, cell in zip(("plain", "hashed", "sealed"), cells, strict=True):
            found.setdefault(table, {}).update(dict.fromkeys(re.findall(r"`(\w+)`", cell), how))
    return found


def test_the_operator_is_told_of_every_column_how_it_is_kept() -> None:
    told, texts = classified(), (Text, LargeBinary)

    columns = {(table.name, column.name) for table in metadata.sorted_tables for column in table.columns}
    needed = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, texts)
    }
    named = {(table, name) for table, names in told.items() for name in names}
    assert sorted(needed - named) == [], "say in docs/operator.md how they are kept"
    assert sorted(named - columns) == []


def test_what_is_called_sealed_is_sealed() -> None:
    told = {(table, name) for table, names in classified().items() for name, how in names.items() if how == "sealed"}

    assert told == {(column.table.name, column.name) for column in SEALED}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_takes_no_samples_of_what_is_sealed(store: SqlStore) -> None:
    target = """SELECT attrelid::regclass::text || '.' || attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND atttypid = 'bytea'::regtype AND NOT attisdropped
        AND coalesce(attstattarget, -1) <> 0"""
    with store.database.read() as connection:
        assert connection.execute(text(target)).scalars().all() == []


def test_what_is_called_a_hash_is_one(store: SqlStore, a_shop: Shop) -> None:
    """Whatever else may stand in these columns is said there, too."""
    keep(store, a_shop, a_cart(object_id="planted-token"))

    [row] = rows(store)

    assert "planted-token" not in f"{row.key} {row.object_id} {row.basket}"
    assert re.fullmatch("[0-9a-f]{64}", row.object_id)


# ------------------------------------------------------------------ rows of before


def rows(store: SqlStore) -> list[Any]:
    columns = tables.events.c
    return list(store.database.read_once(select(columns.key, columns.object_id, columns.basket, columns.kind)))


def keep(store: SqlStore, shop: Shop, event: StoreEvent, *, key: str = "k1") -> None:
    """Planned, so that it was told."""
    planned(store, shop, event, key=key)


def as_before(store: SqlStore, event: StoreEvent) -> None:
    """As a version stored it that hashed neither its key nor what it happened to."""
    plain = {"key": event.key, "object_id": event.object_id}
    with store.database.write() as connection:
        connection.execute(update(tables.events).where(tables.events.c.kind == event.kind.value).values(plain))


CUSTOMER = an_event(kind=EventKind.CUSTOMER_CREATED, object_id="70001", basket=None)
CART = a_cart(object_id="c1", happened_at=NOON)


@pytest.mark.parametrize("event", [CUSTOMER, CART], ids=["customer", "cart"])
def test_the_same_event_is_known_again(store: SqlStore, a_shop: Shop, event: StoreEvent) -> None:
    keep(store, a_shop, event)
    as_before(store, event)

    again = tell(store, a_shop, event, key="again")

    assert again == 0
    assert len(rows(store)) == 1


def test_a_newer_state_is_known(store: SqlStore, a_shop: Shop) -> None:
    keep(store, a_shop, CART)
    as_before(store, CART)

    assert store.events.newest_at(a_shop.id, EventKind.CART_UPDATED, "c1") == NOON
    [known] = store.events.known(a_shop.id, "c1", (EventKind.CART_UPDATED,), STATES)
    assert known.event == CART


def test_the_newest_of_both_ways_counts(store: SqlStore, a_shop: Shop) -> None:
    keep(store, a_shop, CART)
    as_before(store, CART)
    keep(store, a_shop, a_cart(object_id="c1", version="2", happened_at=NOON + HOUR), key="k2")

    assert store.events.newest_at(a_shop.id, EventKind.CART_UPDATED, "c1") == NOON + HOUR


def test_an_older_change_does_not_move_a_cart(store: SqlStore, a_shop: Shop) -> None:
    newer = a_cart(object_id="c1", version="2", happened_at=NOON + HOUR)
    keep(store, a_shop, newer)
    as_before(store, newer)
    timer = SetTimer(keys=("checkout:c1",), people=(), wait=HOUR)

    planned(store, a_shop, CART, None, timers=(timer,), key="older")

    assert store.timers.waiting(a_shop.id, limit=1).number == 0


@pytest.mark.parametrize("is_old", [True, False], ids=["of before", "of today"])
def test_a_cart_is_found_in_the_log_by_its_token(store: SqlStore, a_shop: Shop, is_old: bool) -> None:
    basket = a_basket(keys=("checkout:12345678",))
    event = a_cart(object_id="12345678", basket=basket)
    keep(store, a_shop, event)
    if is_old:
        as_before(store, event)

    assert len(store.log.list(DeliveryFilter(shop_id=a_shop.id, search="12345678"))) == 1


@pytest.mark.parametrize("is_old", [True, False], ids=["of before", "of today"])
def test_a_customer_is_forgotten_by_their_number(store: SqlStore, a_shop: Shop, is_old: bool) -> None:
    keep(store, a_shop, CUSTOMER)
    if is_old:
        as_before(store, CUSTOMER)

    tell(store, a_shop, notices=[PersonToForget(email="", phone="", customer_id="70001", order_ids=())], key="redact")

    assert rows(store) == []
