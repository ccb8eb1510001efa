"""Reminders and real processes: what was acknowledged while no worker was alive is read before anything rings."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Table, func, select, update

from plugin import clock
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.ports import DeliveryFilter, LoggedDelivery
from plugin.storage import SqlStore, open_store
from plugin.storage.db import cart_tables, tables
from plugin.storage.db.migrate import migrate
from tests.support.databases import settings_for
from tests.support.many_shops import an_order, event_url, settings_document
from tests.support.processes import Part, environ_for, running, until
from tests.support.stub_sendpulse import Stub, running_stub

ORDERS_ACCOUNT, CARTS_ACCOUNT = 1, 2
WAIT_MINUTES = 10
FIRST_ORDER = 1_000
BACKLOG = 300  #: orders of others that are acknowledged while no worker is alive
LEFT = 9_999  #: the cart nobody buys


@dataclass
class Site:
    """The app over one database, and a stub it sends to."""

    store: SqlStore
    shop: Shop
    stub: Stub
    web: Part
    worker: Part
    log: Path

    def tell(self, topic: str, body: dict[str, Any]) -> None:
        webhook = find_testkit("shopify").webhook(topic, json.dumps(body).encode(), self.shop)
        answer = requests.post(f"{self.web.url}/webhooks/shopify", data=webhook.body, headers=dict(webhook.headers), timeout=30)
        assert answer.status_code == 200

    def waiting(self) -> int:
        with self.store.database.read() as connection:
            return connection.execute(select(func.count()).select_from(tables.timers)).scalar_one()

    def unread(self) -> int:
        return self._open(tables.webhooks)

    def have_come_to_wait(self, number: int) -> bool:
        """Whether so many carts wait, and nothing is on its way that would move them."""
        return self.waiting() == number and not self.unread() and not self._open(tables.events)

    def _open(self, table: Table) -> int:
        query = select(func.count()).select_from(table).where(table.c.due_at.is_not(None))
        with self.store.database.read() as connection:
            return connection.execute(query).scalar_one()

    def pretend_due(self, at: datetime) -> None:
        """Nobody waits ten minutes in a test: the carts are due then."""
        with self.store.database.write() as connection:
            connection.execute(update(tables.timers).values(due_at=at))

    def ended(self) -> Sequence[LoggedDelivery]:
        wanted = DeliveryFilter(shop_id=self.shop.id, kind=EventKind.CART_ABANDONED)
        return [row for row in self.store.log.list(wanted) if row.state in ("delivered", "skipped")]

    def reminders(self) -> int:
        return sum(account == CARTS_ACCOUNT for _, account, _, _ in self.stub.arrivals())


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        if request.param == "postgresql":
            url = request.getfixturevalue("cluster").new_database("carts")
        else:
            url = f"sqlite:///{tmp_path}/plugin.db"
        migrate(settings_for(url))
        store = open_store(settings_for(url))
        stack.callback(store.close)
        stub, log = stack.enter_context(running_stub()), tmp_path / "app.log"
        web, worker = stack.enter_context(running("web", "worker", environ=environ_for(url, stub.url), log=log))
        yield Site(store, _a_shop(store), stub, web, worker, log)


def _a_shop(store: SqlStore) -> Shop:
    """A shop whose store cannot be asked: there is no token, so nothing but its webhooks tells of a purchase."""
    played, _ = find_testkit("shopify").installation("demo.myshopify.com")
    shop = store.shops.install(played, {}, now=clock.now())
    document = settings_document(ORDERS_ACCOUNT)
    document["events"]["cart_abandoned"] = {
        "enabled": True, "send": "json", "event_url": event_url(CARTS_ACCOUNT), "shape": "order", "audience": "everyone",
        "wait_minutes": WAIT_MINUTES,
    }  # fmt: skip
    store.shops.write_settings(shop.id, document, who="test", now=clock.now())
    return shop


def a_checkout(number: int, *, changed_at: datetime) -> dict[str, Any]:
    line = {"title": "Kubek", "presentment_title": "Kubek", "quantity": 1, "price": "34.90", "line_price": "34.90"}
    return {
        "token": f"token{number}", "cart_token": f"cart{number}", "email": f"jan{number}@example.com",
        "customer_locale": "pl-PL",
        "created_at": changed_at.isoformat(), "updated_at": changed_at.isoformat(), "completed_at": None, "currency": "EUR",
        "presentment_currency": "EUR", "total_price": "34.90", "line_items": [line], "source_name": "web",
        "abandoned_checkout_url": f"https://demo.example/checkouts/{number}/recover",
    }  # fmt: skip


def an_order_of_now(number: int) -> dict[str, Any]:
    now = clock.now().isoformat()
    return an_order(number) | {"created_at": now, "processed_at": now, "updated_at": now, "source_name": "web"}


def test_what_was_bought_while_no_worker_was_alive_is_not_reminded_of(site: Site) -> None:
    for number in (*range(5), LEFT):
        site.tell("checkouts/update", a_checkout(number, changed_at=clock.now()))
    until(lambda: site.have_come_to_wait(6), "all carts wait", seconds=60)
    site.worker.kill()

    for number in range(FIRST_ORDER, FIRST_ORDER + BACKLOG):
        site.tell("orders/paid", an_order_of_now(number))
    for number in range(5):
        site.tell("orders/create", an_order_of_now(number))
    site.pretend_due(clock.now())
    assert site.unread() == BACKLOG + 5
    site.worker.start()

    until(lambda: len(site.ended()) == 6, "every wait has ended", seconds=120)
    ended = sorted((row.state, row.reason_code) for row in site.ended())
    assert ended == [("delivered", ""), *[("skipped", "bought")] * 5]
    assert site.reminders() == 1  # of the cart that was left


def test_after_a_long_time_without_a_worker_nothing_rings_before_the_stores_have_sent_again(site: Site) -> None:
    site.tell("checkouts/update", a_checkout(LEFT, changed_at=clock.now()))
    until(lambda: site.have_come_to_wait(1), "the cart waits", seconds=60)
    site.worker.kill()
    an_hour_ago = clock.now() - timedelta(hours=1)
    with site.store.database.write() as connection:
        connection.execute(update(cart_tables.worker_beats).values(at=an_hour_ago))
    site.pretend_due(an_hour_ago)
    site.worker.start()

    until(lambda: "carts wait for what the stores send again" in site.log.read_text(), "the log says so", seconds=60)

    [cart] = site.store.timers.waiting(site.shop.id, limit=9).carts
    assert timedelta(minutes=14) < cart.due_at - clock.now() <= timedelta(minutes=15)
    assert site.reminders() == 0
