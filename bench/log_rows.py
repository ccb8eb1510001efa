"""A year's log of a busy shop: some kinds, languages and states are everywhere, others a handful in a million."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Connection, Integer, Text, case, cast, insert, literal, update

from bench.rows import count_on, fill, numbers_from, sealed_letter, tidy, trust_us
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import log_tables, tables
from plugin.storage.queue.event_rows import person_hash
from tests.support.builders import a_basket, an_event

DAYS = 30
PRODUCTS = 200
OTHERS = 20  #: every so many deliveries one is another shop's
WORDS_AT_ONCE = 50_000
RARE = 20_000  #: every so many deliveries one of a rare language
SAMPLE = 97  #: every so many hours an order and a buyer that are searched for

KINDS = {"order_created": 40, "order_fulfilled": 20, "cart_abandoned": 10, "customer_updated": 9, "order_refunded": 1}
LOCALES = {"pl-PL": 50, "en": 25, "de": 15, "fr-FR": 9}
STATES = {"failed": 3, "skipped": 5, "held": 1}


def remember_a_log(store: SqlStore, shops: Sequence[Shop], *, count: int, now: datetime) -> list[int]:
    """Finished deliveries of thirty days; all but every twentieth are the first shop's. The numbers of sampled orders."""
    body, letter = store.crypto.seal_event(an_event(basket=a_basket())), sealed_letter(store)
    hours, sampled = DAYS * 24, list[int]()
    for hour in range(hours):
        first, last = 1 + count * hour // hours, count * (hour + 1) // hours
        at = now - timedelta(hours=hours - hour)
        with store.database.write() as connection:
            trust_us(connection)
            _fill_hour(connection, shops, numbers_from(first, last), at, body, letter)
            if hour % SAMPLE == 0:
                number = first + (first % OTHERS == 0)
                sampled.append(number)
            count_on(connection)
    for first in range(1, count + 1, WORDS_AT_ONCE):
        with store.database.write() as connection:
            trust_us(connection)
            _write_words(connection, store, shops, numbers_from(first, min(first + WORDS_AT_ONCE - 1, count)))
    for number in sampled:
        _let_be_found(store, shops[0], number)
    _name_products(store, shops[0], now)
    tidy(store)
    return sampled


def _fill_hour(connection: Connection, shops: Sequence[Shop], numbers: CTE, at: datetime, body: bytes, letter: bytes) -> None:
    number = numbers.c.number
    shop = case((number % OTHERS == 0, literal(shops[1].id, Integer)), else_=literal(shops[0].id, Integer))
    word, kind = cast(number, Text), _spread(number, KINDS, "order_paid")
    locale: ColumnElement[str] = case((number % RARE == 7, "uk-UA"), else_=_spread(number * 7, LOCALES, ""))
    shared: dict[str, Any] = {
        "id": number,
        "shop_id": shop,
        "kind": kind,
        "locale": locale,
        "happened_at": at,
        "created_at": at,
    }
    event = {"key": "made-" + word, "state": "planned", "body": body, "email_hash": word, "object_id": word}
    fill(connection, tables.events, numbers, shared | event)
    delivery = {
        "event_id": number, "part": 0, "state": _spread(number * 3, STATES, "delivered"), "attempts": 1, "letter": letter,
        "automation_id": 100 + number % 4, "rule": "pl is written for pl-PL", "basket": word, "finished_at": at,
    }  # fmt: skip
    fill(connection, tables.deliveries, numbers, shared | delivery | {"destination": "account:1", "reason": "", "fix": ""})
    attempt = {
        "id": number, "shop_id": shop, "delivery_id": number, "number": 1, "started_at": at, "verdict": "delivered",
        "finished_at": at + timedelta(seconds=1), "status": 200, "reason": "", "answer": '{"result": true}',
    }  # fmt: skip
    fill(connection, tables.attempts, numbers, attempt)


def _spread(number: ColumnElement[int], shares: dict[str, int], rest: str) -> ColumnElement[str]:
    """Of a hundred numbers in a row so many for each, the rest for the last."""
    limit, steps = 0, []
    for name, share in shares.items():
        limit += share
        steps.append((number % 100 < limit, name))
    return case(*steps, else_=rest)


def _write_words(connection: Connection, store: SqlStore, shops: Sequence[Shop], numbers: CTE) -> None:
    """An order's number, made up but for those that are searched for, and one product of some."""
    number = numbers.c.number
    shop = case((number % OTHERS == 0, literal(shops[1].id, Integer)), else_=literal(shops[0].id, Integer))
    order = {"shop_id": shop, "delivery_id": number, "word": cast(number, BigInteger) * 7_919_000_003}
    fill(connection, log_tables.delivery_words, numbers, order)
    products = {index: store.crypto.hash_word(shops[0].id, f"product:{1000 + index}") for index in range(PRODUCTS)}
    product = cast(case(products, value=number % PRODUCTS), BigInteger)
    fill(connection, log_tables.delivery_words, numbers, order | {"word": product})


def _let_be_found(store: SqlStore, shop: Shop, number: int) -> None:
    """The order and the buyer of this delivery are known by their real hashes."""
    word = store.crypto.hash_word(shop.id, f"order:{number}")
    row = {"shop_id": shop.id, "delivery_id": number, "word": word}
    hash = person_hash(store.crypto, shop.id, f"buyer{number}@example.com")
    with store.database.write() as connection:
        connection.execute(insert(log_tables.delivery_words).values(row))
        connection.execute(update(tables.events).where(tables.events.c.id == number).values(email_hash=hash))


def _name_products(store: SqlStore, shop: Shop, now: datetime) -> None:
    rows = [
        {"shop_id": shop.id, "product": str(1000 + index), "name": f"kubek {index} z uchem", "seen_at": now}
        for index in range(PRODUCTS)
    ]
    with store.database.write() as connection:
        connection.execute(insert(log_tables.product_names), rows)
