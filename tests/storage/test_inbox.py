"""Webhooks, once each, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import StatementError

from plugin.config import Settings
from plugin.domain.delivery import Skip
from plugin.domain.errors import StorageDown
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.states import EventState, WebhookState
from plugin.domain.wording import worded
from plugin.ports import Backlog
from plugin.storage import SqlStore, open_store
from plugin.storage.db import tables
from plugin.storage.queue import leases
from tests.support.builders import NOON, an_event
from tests.support.storage.situations import LEASE, a_webhook, claimed_webhook
from tests.support.uninstalling import uninstall

LATER = NOON + LEASE + timedelta(seconds=1)


def test_a_webhook_that_was_received_is_there_for_another_process(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    assert store.inbox.receive(a_webhook(a_shop, body=b'{"id": 1}'), now=NOON) is True

    with closing(open_store(settings)) as another:
        [webhook] = another.inbox.claim(limit=9, now=NOON, lease=LEASE)

    assert (webhook.shop, webhook.topic, webhook.body) == (a_shop, "orders/paid", b'{"id": 1}')
    assert webhook.tries == 1


def test_the_same_delivery_again_changes_nothing(store: SqlStore, a_shop: Shop) -> None:
    store.inbox.receive(a_webhook(a_shop, body=b"first"), now=NOON)

    assert store.inbox.receive(a_webhook(a_shop, body=b"second"), now=NOON) is False

    [webhook] = store.inbox.claim(limit=9, now=NOON, lease=LEASE)
    assert webhook.body == b"first"


def test_two_shops_may_use_the_same_key(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="saleor", address="https://other.example/graphql/"), {}, now=NOON)

    assert store.inbox.receive(a_webhook(a_shop), now=NOON) is True
    assert store.inbox.receive(a_webhook(other), now=NOON) is True


def test_fifty_deliveries_at_once_are_one(store: SqlStore, a_shop: Shop) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: store.inbox.receive(a_webhook(a_shop), now=NOON), range(50)))

    assert sum(answers) == 1


def test_a_key_too_long_for_an_index_is_kept_apart_all_the_same(store: SqlStore, a_shop: Shop) -> None:
    assert store.inbox.receive(a_webhook(a_shop, key="k" * 5000), now=NOON) is True
    assert store.inbox.receive(a_webhook(a_shop, key="k" * 5001), now=NOON) is True
    assert store.inbox.receive(a_webhook(a_shop, key="k" * 5000), now=NOON) is False


def test_a_database_that_refuses_is_storage_down(store: SqlStore) -> None:
    nobody = Shop(id=123456, platform="shopify", address="nobody")

    with pytest.raises(StorageDown) as caught:
        store.inbox.receive(a_webhook(nobody), now=NOON)

    assert caught.value.__cause__ is not None


def test_the_oldest_come_first_and_no_more_than_asked(store: SqlStore, a_shop: Shop) -> None:
    for minutes in (3, 1, 2):
        webhook = a_webhook(a_shop, key=str(minutes), body=str(minutes).encode())
        store.inbox.receive(webhook, now=NOON + timedelta(minutes=minutes))

    found = store.inbox.claim(limit=2, now=NOON + timedelta(hours=1), lease=LEASE)

    assert [webhook.body for webhook in found] == [b"1", b"2"]


def test_a_claimed_webhook_is_nobody_elses_until_its_lease_runs_out(store: SqlStore, a_shop: Shop) -> None:
    first = claimed_webhook(store, a_shop)
    assert not store.inbox.claim(limit=9, now=NOON + LEASE - timedelta(seconds=1), lease=LEASE)

    [second] = store.inbox.claim(limit=9, now=LATER, lease=LEASE)

    assert (second.id, second.tries) == (first.id, 2)


def test_what_ended_several_workers_is_claimed_alone(store: SqlStore, a_shop: Shop) -> None:
    for number in range(4):
        store.inbox.receive(a_webhook(a_shop, key=str(number)), now=NOON)
    now = NOON
    for _ in range(leases.TRUSTED_TRIES + 1):
        assert len(store.inbox.claim(limit=9, now=now, lease=LEASE)) == 4
        now += LEASE
    store.inbox.receive(a_webhook(a_shop, key="new"), now=now)

    claims = [store.inbox.claim(limit=9, now=now, lease=LEASE) for _ in range(6)]

    assert [[webhook.is_poison_suspect for webhook in claim] for claim in claims] == [[True]] * 4 + [[False], []]


def test_many_workers_never_claim_the_same_webhook(store: SqlStore, a_shop: Shop) -> None:
    for number in range(60):
        store.inbox.receive(a_webhook(a_shop, key=str(number)), now=NOON)

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: store.inbox.claim(limit=4, now=NOON, lease=LEASE), range(30)))

    ids = [webhook.id for batch in claimed for webhook in batch]
    assert len(ids) == len(set(ids)) == 60


@pytest.mark.parametrize("ending", ["translated", "failed"])
def test_a_worker_whose_lease_ran_out_changes_nothing(store: SqlStore, a_shop: Shop, ending: str) -> None:
    stale = claimed_webhook(store, a_shop)
    [current] = store.inbox.claim(limit=1, now=LATER, lease=LEASE)

    if ending == "translated":
        assert store.inbox.translated(stale, Translation(events=(an_event(),)), now=LATER) == 0
    else:
        store.inbox.failed(stale, "no", code=ReasonCode.UNREADABLE, now=LATER)

    assert store.backlog() == Backlog(webhooks={WebhookState.WAITING: 1})
    assert not store.inbox.claim(limit=1, now=LATER, lease=LEASE)
    assert store.inbox.translated(current, Translation(events=(an_event(),)), now=LATER) == 1


def test_a_webhook_is_finished_once(store: SqlStore, a_shop: Shop) -> None:
    webhook = claimed_webhook(store, a_shop)
    store.inbox.failed(webhook, "$.id: expected text", code=ReasonCode.UNREADABLE, now=NOON)

    store.inbox.failed(webhook, "too late to say", code=ReasonCode.UNREADABLE, now=NOON)

    assert store.backlog() == Backlog(webhooks={WebhookState.FAILED: 1})


def test_a_translation_counts_the_events_that_are_new(store: SqlStore, a_shop: Shop) -> None:
    known, new = an_event(object_id="1"), an_event(object_id="2")

    first = store.inbox.translated(claimed_webhook(store, a_shop), Translation(events=(known,)), now=NOON)
    second = store.inbox.translated(claimed_webhook(store, a_shop, key="k2"), Translation(events=(new, known)), now=NOON)

    assert (first, second) == (1, 1)
    assert store.backlog() == Backlog(webhooks={WebhookState.TRANSLATED: 2}, events={EventState.NEW: 2})


def test_a_skipped_webhook_says_why(store: SqlStore, a_shop: Shop) -> None:
    store.inbox.translated(
        claimed_webhook(store, a_shop),
        Translation(skip=Skip(code=ReasonCode.NO_CONTACT, reason=worded("An import."), fix=worded("None."))),
        now=NOON,
    )

    with store.database.read() as connection:
        row = connection.execute(select(tables.webhooks)).mappings().one()
    assert (row["state"], row["reason"], row["fix"], row["body"]) == ("skipped", "An import.", "None.", None)


def test_a_failed_webhook_keeps_its_body_and_the_reason(store: SqlStore, a_shop: Shop) -> None:
    store.inbox.failed(claimed_webhook(store, a_shop, body=b"odd"), "$.id: expected text", code=ReasonCode.UNREADABLE, now=NOON)

    with store.database.read() as connection:
        row = connection.execute(select(tables.webhooks)).mappings().one()
    assert (row["state"], row["reason"], store.crypto.open(row["body"])) == ("failed", "$.id: expected text", b"odd")
    assert not store.inbox.claim(limit=1, now=LATER, lease=LEASE)


def test_a_shop_that_left_sends_nothing_more(store: SqlStore, a_shop: Shop) -> None:
    webhook = claimed_webhook(store, a_shop)
    uninstall(store.shops, a_shop.id)

    assert store.inbox.translated(webhook, Translation(events=(an_event(),)), now=NOON) == 0

    assert store.backlog() == Backlog(webhooks={WebhookState.SKIPPED: 1})


def test_one_unreadable_webhook_stops_no_other(store: SqlStore, a_shop: Shop) -> None:
    store.inbox.receive(a_webhook(a_shop, key="broken"), now=NOON)
    with store.database.write() as connection:
        connection.execute(update(tables.webhooks).values(body=b"sealed with a lost key"))
    store.inbox.receive(a_webhook(a_shop, key="fine", body=b"fine"), now=NOON)

    assert [webhook.body for webhook in store.inbox.claim(limit=9, now=NOON, lease=LEASE)] == [b"fine"]


def test_a_time_without_an_offset_is_refused(store: SqlStore, a_shop: Shop) -> None:
    with pytest.raises((StatementError, ValueError), match="without an offset"):
        store.inbox.receive(a_webhook(a_shop), now=datetime(2026, 11, 23))  # noqa: DTZ001 that is the point


def test_a_time_before_the_first_year_does_not_stop_a_worker(store: SqlStore, a_shop: Shop) -> None:
    odd = an_event(happened_at=datetime.fromisoformat("0001-01-01T00:00:00+05:00"))

    assert store.inbox.translated(claimed_webhook(store, a_shop), Translation(events=(odd,)), now=NOON) == 1

    with store.database.read() as connection:
        assert connection.execute(select(tables.events.c.happened_at)).scalar() == datetime(1, 1, 1, tzinfo=UTC)
