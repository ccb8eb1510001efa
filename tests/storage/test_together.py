"""Several bulk statements at once do what each does alone, on both databases."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select

from plugin.domain.errors import StorageDown
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.together import Changes, look
from plugin.storage.queue import cart_marks
from plugin.storage.queue.cart_marks import _NOTE, _NOTE_BOUGHT, Mark, ends_of, purchases_of
from tests.storage.test_standing import statements
from tests.support.builders import NOON

LATER = NOON + timedelta(microseconds=1)
ELSEWHERE = datetime(1991, 1, 1, 3, 30, tzinfo=timezone(timedelta(hours=5, minutes=45)))


def bought(shop: Shop, name: str, at: datetime) -> dict[str, Any]:
    return {"shop_id": shop.id, "hash": name, "bought_at": at}


def over(shop: Shop, name: str, at: datetime) -> dict[str, Any]:
    return {"shop_id": shop.id, "hash": name, "mark": Mark.OVER.value, "at": at, "event_id": None}


def write(store: SqlStore, *changes: tuple[Any, list[dict[str, Any]]]) -> None:
    together = Changes()
    for change, rows in changes:
        together.add(change, rows)
    with store.database.write() as connection:
        together.run(connection)


def test_changes_of_several_tables_are_all_made(store: SqlStore, a_shop: Shop) -> None:
    write(
        store,
        (_NOTE_BOUGHT, [bought(a_shop, "b", NOON), bought(a_shop, "a", ELSEWHERE)]),
        (_NOTE, []),
        (_NOTE, [over(a_shop, "a", LATER)]),
    )

    names = {(a_shop.id, name) for name in "abc"}
    with store.database.read() as connection:
        purchases, ends = look(connection, purchases_of(names), ends_of(names))
    assert cart_marks.by_name(purchases) == {(a_shop.id, "a"): ELSEWHERE, (a_shop.id, "b"): NOON}
    assert cart_marks.by_name(ends) == {(a_shop.id, "a"): LATER}
    assert {row["at"].utcoffset() for row in purchases} == {timedelta(0)}


def test_each_keeps_its_own_rule_for_what_is_there(store: SqlStore, a_shop: Shop) -> None:
    write(store, (_NOTE_BOUGHT, [bought(a_shop, "a", LATER)]), (_NOTE, [over(a_shop, "a", NOON)]))
    write(store, (_NOTE_BOUGHT, [bought(a_shop, "a", NOON)]), (_NOTE, [over(a_shop, "a", LATER)]))

    with store.database.read() as connection:
        assert connection.execute(select(tables.purchases.c.bought_at)).scalar_one() == LATER
        assert [row["at"] for row in look(connection, ends_of({(a_shop.id, "a")}))[0]] == [LATER]


def test_each_look_finds_its_own_also_where_others_ask_for_nothing(store: SqlStore, a_shop: Shop) -> None:
    write(store, (_NOTE_BOUGHT, [bought(a_shop, "a", NOON)]), (_NOTE, [over(a_shop, "b", NOON)]))
    a, b = {(a_shop.id, "a")}, {(a_shop.id, "b")}

    with store.database.read() as connection:
        found = look(connection, purchases_of(set()), ends_of(b), purchases_of(b), purchases_of(a), ends_of(set()))
        assert look(connection, purchases_of(set())) == [[]]
    assert [[row["hash"] for row in rows] for rows in found] == [[], ["b"], [], ["a"], []]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_it_is_one_statement_on_postgresql(store: SqlStore, a_shop: Shop, number: int) -> None:
    changes = [
        (_NOTE_BOUGHT, [bought(a_shop, "a", NOON)]),
        (_NOTE, [over(a_shop, "a", NOON)]),
        (_NOTE, [over(a_shop, "b", NOON)]),
    ]

    with statements(store) as seen:
        write(store, *changes[:number])

    written = [statement for statement in seen if "INSERT" in statement]
    assert len(written) == (number if store.database.is_sqlite else 1)


def test_a_change_that_fails_takes_the_others_along(store: SqlStore, a_shop: Shop) -> None:
    nobody = Shop(id=10**6, platform="shopify", address="nobody")

    with pytest.raises(StorageDown):
        write(store, (_NOTE, [over(a_shop, "a", NOON)]), (_NOTE_BOUGHT, [bought(nobody, "a", NOON)]))

    with store.database.read() as connection:
        assert look(connection, ends_of({(a_shop.id, "a")})) == [[]]
