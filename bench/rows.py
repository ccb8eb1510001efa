"""Rows by the hundred thousand: made by the database itself, with sealed bodies made once and used again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Integer, Text, case, cast, insert, literal, select, text

from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import cart_tables, tables
from plugin.storage.db.columns import Moment
from plugin.storage.queue.cart_marks import Mark
from tests.support.builders import a_basket, an_event
from tests.support.many_shops import FASTEST, a_crowd, an_order, event_url

CHUNK = 20_000  #: rows a statement
PERSON = "0" * 54  #: after a number of ten digits: as long as a keyed hash

Row = Mapping[str, ColumnElement[Any] | Any]


def the_body(order: int) -> str:
    """A body as it leaves, of about the usual size."""
    products = ", ".join(
        f'{{"product_name": "Kubek {line}", "product_id": {line}, "product_link": "https://demo.example/products/kubek-{line}"}}'
        for line in range(5)
    )
    return (
        f'{{"email": "jan@example.com", "automation_id": 102, "product_name": "Kubek", "product_id": 632910392, '
        f'"product_link": "https://demo.example/products/kubek", "product_price": "19.99", "product_img_url": '
        f'"https://cdn.example/kubek.png", "event_date": "2026-11-23", "event_name": "order_paid", "currency": "PLN", '
        f'"order_id": "{order}", "order_number": "#{order}", "customer_name": "Jan Nowak", "products": [{products}]}}'
    )


def wait_for(
    store: SqlStore, shop: Shop, accounts: Sequence[int], *, each: int, due_at: datetime, first: int, same: int = 0
) -> int:
    """Deliveries of one shop that wait to be sent, so many to each account; the number after the last id.

    So many in a row have the `same` body, with the order number of the first of them; 0 for all of an account.
    """
    step = same or each
    with store.database.write() as connection:
        trust_us(connection)
        for start in range(first, first + each * len(accounts), step):
            account = accounts[(start - first) // each]
            letter = {"body": the_body(start), "event_url": event_url(account), "event_name": ""}
            waiting = {
                "state": "waiting", "due_at": due_at, "destination": f"{shop.id}/account:{account}", "send": "json",
                "letter": store.crypto.seal_json(letter), "attempts": 0,
            }  # fmt: skip
            numbers = numbers_from(start, start + step - 1)
            fill(connection, tables.events, numbers, _event(store, numbers, shop.id, due_at))
            fill(connection, tables.deliveries, numbers, _delivery(numbers, shop.id, due_at) | waiting)
        its = {"shop_id": shop.id, "rate": FASTEST, "next_at": due_at, "ready_at": due_at}
        rows = [its | {"key": f"{shop.id}/account:{account}"} for account in accounts]
        connection.execute(insert(tables.destinations), rows)
        count_on(connection)
    return first + each * len(accounts)


def remember(store: SqlStore, shops: Sequence[Shop], *, count: int, first: int, now: datetime) -> int:
    """Finished events, each with its webhook, delivery and attempt; every second one is the first shop's."""
    for start in range(first, first + count, CHUNK):
        last = min(start + CHUNK, first + count) - 1
        at = now - timedelta(seconds=(first + count - start) / 2)
        with store.database.write() as connection:
            trust_us(connection)
            _fill_history(connection, store, shops, numbers_from(start, last), at)
            count_on(connection)
    tidy(store)
    return first + count


def _fill_history(connection: Connection, store: SqlStore, shops: Sequence[Shop], numbers: CTE, at: datetime) -> None:
    number = numbers.c.number
    others = literal(shops[1].id, Integer) + number % (len(shops) - 1)
    shop = (number % 2) * literal(shops[0].id, Integer) + (1 - number % 2) * others
    done: Row = {
        "state": "delivered",
        "finished_at": at,
        "attempts": 1,
        "letter": sealed_letter(store),
        "destination": "account:1",
    }
    fill(connection, tables.webhooks, numbers, _webhook(store, numbers, shop, at))
    fill(connection, tables.events, numbers, {**_event(store, numbers, shop, at), "kind": _kind(number)})
    _fill_carts(connection, numbers, shop, at)
    fill(connection, tables.deliveries, numbers, {**_delivery(numbers, shop, at), **done})
    attempt: Row = {
        "id": number, "shop_id": shop, "delivery_id": number, "number": 1, "started_at": at, "finished_at": at,
        "verdict": "delivered", "status": 200, "reason": "SendPulse accepted the event.", "answer": '{"result": true}',
    }  # fmt: skip
    fill(connection, tables.attempts, numbers, attempt)


def _fill_carts(connection: Connection, numbers: CTE, shop: Any, at: datetime) -> None:
    """What carts leave behind: each was bought, one in ten was reminded of, and one in a hundred still waits for days."""
    number = numbers.c.number
    name: Row = {"shop_id": shop, "hash": cast(number + 10**9, Text) + PERSON}
    fill(connection, tables.purchases, numbers, {**name, "bought_at": at})
    mark: Row = {"mark": Mark.REMINDED.value, "at": at, "event_id": number}
    fill(connection, cart_tables.cart_marks, numbers, {**name, **mark}, every=10)
    waits: Row = {"due_at": at + timedelta(days=30), "fence": 0, "tries": 0}
    timer: Row = {"id": number, "shop_id": shop, "event_id": number, "happened_at": at, "begun_at": at}
    fill(connection, tables.timers, numbers, {**timer, **waits}, every=100)
    for table in (tables.timer_keys, cart_tables.timer_people):
        fill(connection, table, numbers, {**name, "timer_id": number}, every=100)


def _kind(number: Any) -> ColumnElement[str]:
    started, changed = EventKind.CHECKOUT_STARTED.value, EventKind.CART_UPDATED.value
    return case((number % 5 == 0, literal(changed)), (number % 5 == 1, literal(started)), else_=literal("order_paid"))


def _webhook(store: SqlStore, numbers: CTE, shop: Any, at: datetime) -> Row:
    return {
        "id": numbers.c.number, "shop_id": shop, "key": "made-" + cast(numbers.c.number, Text), "topic": "orders/paid",
        "received_at": at, "finished_at": at, "state": "translated", "body": store.crypto.seal(a_webhook()),
    }  # fmt: skip


def _event(store: SqlStore, numbers: CTE, shop: Any, at: datetime) -> Row:
    word = cast(numbers.c.number, Text)
    basket = a_basket(keys=("checkout:1", "order:1"))
    return {
        "id": numbers.c.number, "shop_id": shop, "key": "made-" + word, "kind": "order_paid", "state": "planned",
        "happened_at": at, "created_at": at, "body": store.crypto.seal_event(an_event(basket=basket)),
        "email_hash": cast(numbers.c.number + 10**9, Text) + PERSON, "locale": "pl-PL", "object_id": word,
    }  # fmt: skip


def _delivery(numbers: CTE, shop: Any, at: datetime) -> dict[str, Any]:
    number = numbers.c.number
    return {
        "id": number, "shop_id": shop, "event_id": number, "part": 0, "kind": "order_paid", "automation_id": 102,
        "locale": "pl-PL", "rule": "pl is written for pl-PL", "happened_at": at, "created_at": at,
        "basket": cast(number + 10**9, Text) + PERSON,
    }  # fmt: skip


def a_webhook() -> bytes:
    """A webhook's body of about the usual size.

    What was received earlier and what a benchmark receives have the same: where rows of one size are stored beside larger
    ones, PostgreSQL puts each into the gap of a page of its own, which it then logs whole.
    """
    return repr(an_order(1) | {"note": the_body(1) * 4}).encode()


def sealed_letter(store: SqlStore) -> bytes:
    return store.crypto.seal_json({"body": the_body(1), "event_url": event_url(1), "event_name": ""})


def numbers_from(first: int, last: int) -> CTE:
    """The numbers from first to last, counted by the database."""
    numbers = select(literal(first, Integer).label("number")).cte("numbers", recursive=True)
    return numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < last))


def fill(connection: Connection, table: Any, numbers: CTE, row: Row, *, every: int = 1) -> None:
    """A row for each number, or every so manyth: constants become parameters, typed as their column is."""
    values = [value if isinstance(value, ColumnElement) else literal(value, table.c[name].type) for name, value in row.items()]
    chosen = select(*values).select_from(numbers).where(numbers.c.number % every == 0)
    connection.execute(insert(table).from_select(list(row), chosen, include_defaults=False))


def trust_us(connection: Connection) -> None:
    """Foreign keys need no checking here; PostgreSQL would look up each row's parents."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def count_on(connection: Connection) -> None:
    """PostgreSQL's sequences go on after the ids that were given."""
    if connection.dialect.name == "postgresql":
        for name in ("webhooks", "events", "deliveries", "attempts", "timers"):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}) + 1)"))


def tidy(store: SqlStore) -> None:
    """What autovacuum does by and by, done now, so that it does not run during the measurement."""
    if not store.database.is_sqlite:
        with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))


__all__ = ["Moment", "a_crowd", "a_webhook", "remember", "the_body", "wait_for"]
