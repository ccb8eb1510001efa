"""A real worker and a played SendPulse: strangers who name a victim's account, and hear or bring about whatever they can."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bench.rows import wait_for
from plugin import clock
from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.ports import VerifiedWebhook
from plugin.storage import SqlStore, open_store
from tests.support.builders import a_settings_document
from tests.support.many_shops import paid
from tests.support.processes import Part, environ_for, until
from tests.support.stub_sendpulse import DEAD, RIGHT_SECRET, running_stub

ACCOUNT = 7_000_001  #: the victims'
CLIENT_ID = "the-victims-client-id"
FLOOD, OF_A_VICTIM, HANGING = 60, 5, 20
THREADS = 8
PROMISED_SECONDS = 2.0
# What a stranger could do lasts longer: a request that is never answered 12 s, a pause half a minute, an hour after 401, 403
# and this 429. Less than the least of it says that nothing of it was waited for, however busy this machine is.
BOUND_SECONDS = 10.0

Document = dict[str, Any]


def by_url(hash: str) -> Document:
    url = f"https://events.sendpulse.com/events/id/{hash:0<32}/{ACCOUNT}"
    return _document({"send": "json", "event_url": url}, secret="unused")


def by_name(secret: str) -> Document:
    return _document({"send": "name", "event_name": "order_paid"}, secret=secret)


def _document(route: Document, *, secret: str) -> Document:
    account = {"rate_per_second": 10, "client_id": CLIENT_ID, "client_secret": secret}
    return a_settings_document(events={"order_paid": {"enabled": True, **route}}, account=account)


VICTIMS = {"by its event URL": by_url("1"), "by its client id": by_name(RIGHT_SECRET)}
STRANGERS = {
    "hears 401": by_url("bad401"), "hears 403": by_url("bad403"), "hears 429 for an hour": by_url("bad429"),
    "hears nothing": by_url("bad000"), "floods": by_url("2"), "has another secret": by_name("of-the-stranger"),
}  # fmt: skip


def installed(store: SqlStore, name: str, document: Document) -> Shop:
    address = f"{name.replace(' ', '-')}.myshopify.com".lower()
    shop = store.shops.install(Shop(id=0, platform="shopify", address=address, locale="pl"), {"token": "t"}, now=clock.now())
    store.shops.write_settings(shop.id, document, who="test", now=clock.now())
    return shop


def sell(store: SqlStore, shop: Shop, *numbers: int) -> set[str]:
    """The shop's orders as webhooks that were accepted."""
    for number in numbers:
        body = paid(shop, number).body
        webhook = VerifiedWebhook(shop=shop, topic="orders/paid", key=str(number), body=body, triggered_at=clock.now())
        store.inbox.receive(webhook, now=clock.now())
    return set(map(str, numbers))


def seconds_until(question: Callable[[], bool], what: str) -> float:
    began = time.monotonic()
    until(question, what, seconds=BOUND_SECONDS)
    return time.monotonic() - began


@pytest.mark.parametrize("victim", VICTIMS.values(), ids=VICTIMS.keys())
def test_no_stranger_holds_up_the_owner_of_an_account(settings: Settings, tmp_path: Path, victim: Document) -> None:
    with ExitStack() as stack:
        stub = stack.enter_context(running_stub())
        store = open_store(settings)
        stack.callback(store.close)
        owner = installed(store, "victim", victim)
        hanging = installed(store, "hangs", by_url("3"))
        wait_for(store, hanging, range(DEAD, DEAD + HANGING), each=1, due_at=clock.now(), first=1)
        expected: set[str] = set()
        for number, (name, document) in enumerate(STRANGERS.items(), 1):
            stranger = installed(store, name, document)
            orders = sell(store, stranger, *range(number * 1000, number * 1000 + FLOOD))
            expected |= {str(number * 1000)} if name != "has another secret" and orders else set()
        environ = environ_for(settings.database_url, stub.url, WORKER_THREADS=str(THREADS))
        worker = Part(word="worker", environ=environ, log=tmp_path / "worker.log")
        stack.callback(worker.stop)
        worker.start()
        until(lambda: len({order for _, _, order, _ in stub.arrivals()} & expected) >= len(expected), "all try", seconds=90)

        orders = sell(store, owner, *range(100, 100 + OF_A_VICTIM))
        took = seconds_until(lambda: orders <= set(stub.taken()), "the victim's events leave")

        print(f"\n{OF_A_VICTIM} events of the victim left within {took:.2f} s (promised: {PROMISED_SECONDS})")
        assert {one.health.value for one in store.deliveries.destinations(owner.id)} == {"closed"}
