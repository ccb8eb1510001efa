"""People a store asks to forget, from its webhooks to what is left, on both databases and every platform."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from plugin.domain.person import Holding, Person
from plugin.domain.shop import Shop
from plugin.pipeline.translate import translate
from plugin.platforms import discover, find_testkit
from plugin.ports import Platform
from plugin.storage import SqlStore
from plugin.storage.queue.webhook_endings import FORGOTTEN
from plugin.upkeep.people import erase, kept_counts, seek
from tests.storage.test_erasure import webhook
from tests.support.builders import NOON
from tests.support.platforms.expected import opened, samples
from tests.support.storage.situations import LEASE, a_webhook

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one platform's store says of one buyer: topics and bodies."""

    known: str  #: the sample that names them in full
    waiting: tuple[str, Body]  #: names them by nothing but the customer's number
    forget: tuple[str, Body]
    number: str


SAID = {
    "saleor": Told(
        known="customer_created",
        waiting=("order_created", {"__typename": "OrderCreated", "order": {"user": {"id": "VXNlcjo0MQ=="}}}),
        forget=("account_deleted", {"__typename": "AccountDeleted", "user": {"id": "VXNlcjo0MQ==", "email": ""}}),
        number="41",
    ),
    "shopify": Told(
        known="order_created",
        waiting=("customers/update", {"id": 7001000000001}),
        forget=(
            "customers/redact",
            {"shop_domain": "demo.myshopify.com", "customer": {"id": 7001000000001}, "orders_to_redact": []},
        ),
        number="7001000000001",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Stand:
    store: SqlStore
    shop: Shop
    platform: Platform
    said: Told

    def read(self, key: str, topic: str, body: bytes, *, hours: int = 0) -> None:
        """Receive this webhook, and translate it before any other that waits."""
        now = NOON + timedelta(hours=hours)
        self.store.inbox.receive(a_webhook(self.shop, key=key, topic=topic, body=body), now=now)
        for claimed in self.store.inbox.claim(limit=99, now=now, lease=LEASE):
            if claimed.topic == topic and claimed.body == body:
                translate(claimed, self.platform, self.store, now=now)

    def begin(self) -> None:
        """The person is known, and another webhook about them waits."""
        [known] = [sample for sample in samples(self.platform.name) if sample.path.stem == self.said.known]
        self.read("known", known.topic, known.body)
        topic, body = self.said.waiting
        self.store.inbox.receive(a_webhook(self.shop, key="waits", topic=topic, body=json.dumps(body).encode()), now=NOON)


@pytest.fixture(params=sorted(discover()))
def stand(request: pytest.FixtureRequest, store: SqlStore) -> Stand:
    shop = store.shops.install(*find_testkit(request.param).installation(), now=NOON)
    return Stand(store=store, shop=shop, platform=opened(request.param), said=SAID[request.param])


def test_whom_the_store_asks_to_forget_is_forgotten_before_what_waits_is_read(stand: Stand) -> None:
    stand.begin()
    topic, body = stand.said.forget

    stand.read("forget", topic, json.dumps(body).encode(), hours=1)

    person = Person(customer_id=stand.said.number)
    assert webhook(stand.store, "waits")[1] == FORGOTTEN
    assert webhook(stand.store, "forget")[2] is False
    assert kept_counts(stand.store, seek(stand.store, stand.platform, stand.shop, person)) == {}


def test_whom_the_merchant_erases_by_an_address_is_found_by_the_number_in_what_waits(stand: Stand) -> None:
    stand.begin()
    number = Person(customer_id=stand.said.number)
    [email] = seek(stand.store, stand.platform, stand.shop, number).person.emails
    sought = seek(stand.store, stand.platform, stand.shop, Person(email=email.upper()))

    erased = erase(stand.store, sought, who="test", now=NOON)

    assert (erased[Holding.EVENTS], erased[Holding.WEBHOOKS]) == (1, 2)
    assert webhook(stand.store, "waits")[1] == FORGOTTEN
