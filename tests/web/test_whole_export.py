"""The whole log as a table, asked of a real web process: all of it or told to be cut, and nobody waits for it."""

import csv
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet
from sqlalchemy import Integer, Text, cast, literal, text, update

from bench.rows import fill, numbers_from, trust_us
from plugin import clock
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from tests.conftest import database_url as database_url
from tests.support.builders import an_event
from tests.support.processes import Part, environ_for, running

MANY = 1_500
ENTRIES = {"shopify": "/shopify", "saleor": "/saleor/app"}
STALLED = 30  #: more than either database has connections for
CUT = "The download stopped here, so this table is incomplete. Download it again."


@pytest.fixture
def web(database_url: str, tmp_path: Path) -> Iterator[Part]:
    environ = environ_for(database_url, "http://127.0.0.1:9", **find_testkit("saleor").environ)
    with running("web", environ=environ, log=tmp_path / "web.log") as [part]:
        yield part


def a_shop_with(store: SqlStore, platform: str, *, count: int) -> Shop:
    """A shop with so many deliveries that wait."""
    played, access = find_testkit(platform).installation()
    shop, now = store.shops.install(played, access, now=clock.now()), clock.now()
    numbers = numbers_from(1, count)
    shared = {"id": numbers.c.number, "shop_id": literal(shop.id, Integer), "kind": "order_paid", "happened_at": now}
    event = {
        **shared, "key": literal("k") + cast(numbers.c.number, Text), "state": "planned",
        "created_at": now, "body": store.crypto.seal_event(an_event()), "locale": "pl",
    }  # fmt: skip
    delivery = {**shared, "event_id": numbers.c.number, "part": 0, "created_at": now, "state": "waiting", "locale": "pl"}
    with store.database.write() as connection:
        trust_us(connection)
        fill(connection, tables.events, numbers, event)
        fill(connection, tables.deliveries, numbers, delivery)
    return shop


def export(web: Part, shop: Shop, path: str = "") -> requests.Response:
    headers = {"Authorization": f"Bearer {find_testkit(shop.platform).token(shop)}"}
    address = f"{web.url}{ENTRIES[shop.platform]}/deliveries/export{path}"
    return requests.get(address, headers=headers, stream=True, timeout=30)


@contextmanager
def stalled(web: Part, shop: Shop) -> Iterator[socket.socket]:
    """Somebody who asks for the table and takes no more than its beginning."""
    host, port = web.url.removeprefix("http://").split(":")
    with closing(socket.socket()) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.settimeout(30)
        reader.connect((host, int(port)))
        head = f"GET {ENTRIES[shop.platform]}/deliveries/export HTTP/1.1\r\nHost: {host}\r\n"
        token = find_testkit(shop.platform).token(shop)
        reader.sendall(f"{head}Authorization: Bearer {token}\r\n\r\n".encode())
        assert reader.recv(12) == b"HTTP/1.1 200"
        yield reader


@pytest.mark.parametrize(  # who asks, and what is asked, do not meet
    ("database_url", "platform"),
    [("sqlite", "shopify"), ("sqlite", "saleor"), ("postgresql", "shopify")],
    indirect=["database_url"],
)
def test_a_table_has_every_row(store: SqlStore, web: Part, platform: str) -> None:
    shop = a_shop_with(store, platform, count=MANY)

    with export(web, shop) as answer:
        head, *rows = csv.reader(answer.content.decode("utf-8-sig").splitlines())

    assert [int(row[head.index("Log ID")]) for row in rows] == [*range(MANY, 0, -1)]
    assert export(web, shop, "/rows").json() == {"rows": MANY}
    assert export(web, shop, "/rows?state=failed").json() == {"rows": 0}
    assert export(web, shop, "/rows?state=nonsense").status_code == 422


def test_whoever_takes_the_table_slowly_or_not_at_all_is_in_nobodys_way(store: SqlStore, web: Part) -> None:
    shop = a_shop_with(store, "shopify", count=MANY)

    with ExitStack() as stack:
        for _ in range(STALLED):
            stack.enter_context(stalled(web, shop))

        with export(web, shop) as answer:
            assert answer.content.count(b"\r\n") == MANY + 1
        assert transactions(store) == 0

    with export(web, shop) as answer:
        assert answer.content.count(b"\r\n") == MANY + 1


def transactions(store: SqlStore) -> int:
    """How many are open while nothing is done in them; SQLite has nobody who counts them."""
    if store.database.is_sqlite:
        return 0
    query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in %'")
    with store.database.read() as connection:
        return int(connection.execute(query).scalar_one())


def test_a_table_that_breaks_off_does_not_end_like_one_that_is_whole(store: SqlStore, web: Part) -> None:
    shop = a_shop_with(store, "shopify", count=MANY)
    sealed_elsewhere = Crypto(encryption_keys=(Fernet.generate_key().decode(),), secret_key="x").seal_event(an_event())
    with store.database.write() as connection:
        connection.execute(update(tables.events).where(tables.events.c.id == 2).values(body=sealed_elsewhere))

    came = bytearray()
    with export(web, shop) as answer, pytest.raises(requests.exceptions.ChunkedEncodingError):
        for part in answer.iter_content(None):
            came += part

    lines = came.decode().splitlines()
    assert lines[-1] == f'"{CUT}"'
    assert len(lines) == 1 + MANY - 2 + 1
