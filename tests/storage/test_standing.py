"""What stands in each state is counted beside the traffic, a bounded number of rows at a time, and read as a few rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from plugin.config import Settings
from plugin.domain.delivery import State
from plugin.domain.shop import Shop
from plugin.domain.states import EventState, WebhookState
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.log import standing
from plugin.web import create_app
from plugin.wiring import Services, short_links
from tests.support.builders import NOON
from tests.support.fake_platform import FakeSendPulse
from tests.support.storage.situations import a_delivery

LATER = NOON + standing.REST


@contextmanager
def statements(store: SqlStore) -> Iterator[list[str]]:
    """Every statement that is run, on whichever connection."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engines = {store.database.engine, store.database._at_once or store.database.engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def webhooks(store: SqlStore, shop: Shop, state: WebhookState, *keys: str) -> None:
    rows = [{"shop_id": shop.id, "key": key, "topic": "t", "received_at": NOON, "state": state.value} for key in keys]
    with store.database.write() as connection:
        connection.execute(insert(tables.webhooks), rows)


def counted(store: SqlStore, *, now: Any = NOON) -> list[int]:
    """Count everything; how many rows each step looked at."""
    return list(iter(lambda: store.statistics.count_standing(now=now), 0))


def test_nothing_is_told_before_anything_was_counted(store: SqlStore) -> None:
    assert store.statistics.standing() is None


def test_every_table_is_counted_by_state(store: SqlStore, a_shop: Shop) -> None:
    a_delivery(store, a_shop)
    webhooks(store, a_shop, WebhookState.FAILED, "a", "b")

    counted(store)

    told = store.statistics.standing()
    assert told
    assert told.counted_at == NOON
    assert told.backlog.webhooks[WebhookState.FAILED] == 2
    assert told.backlog.events[EventState.PLANNED] == 1
    assert told.backlog.deliveries[State.WAITING] == 1
    assert {state: number for state, number in told.backlog.deliveries.items() if number} == store.backlog().deliveries
    assert sum(told.backlog.destinations.values()) == 1


def test_a_state_nothing_stands_in_is_nought(store: SqlStore, a_shop: Shop) -> None:
    webhooks(store, a_shop, WebhookState.FAILED, "a")
    counted(store)
    store.shops.forget(a_shop.id)

    counted(store, now=LATER)

    told = store.statistics.standing()
    assert told
    assert dict(told.backlog.webhooks) == dict.fromkeys(WebhookState, 0)


def test_a_step_looks_at_few_rows(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "STEP", 10)
    webhooks(store, a_shop, WebhookState.WAITING, *map(str, range(20)))
    webhooks(store, a_shop, WebhookState.FAILED, *(f"f{number}" for number in range(15)))

    steps = counted(store)

    told = store.statistics.standing()
    assert told
    assert (max(steps), sum(steps)) == (10, 35)
    assert told.backlog.webhooks[WebhookState.WAITING] == 20
    assert told.backlog.webhooks[WebhookState.FAILED] == 15


def test_what_was_counted_just_now_is_not_counted_again(store: SqlStore, a_shop: Shop) -> None:
    counted(store)
    webhooks(store, a_shop, WebhookState.FAILED, "a")

    assert counted(store, now=LATER - timedelta(seconds=1)) == []
    assert counted(store, now=LATER) != []


def test_a_clock_that_was_wrong_stops_no_counting(store: SqlStore) -> None:
    counted(store, now=NOON + timedelta(days=1))

    assert counted(store, now=NOON) != []


def test_a_monitor_s_question_costs_the_same_however_many_rows_there_are(
    store: SqlStore, settings: Settings, a_shop: Shop
) -> None:
    client = create_app(
        Services(
            settings=settings, store=store, platforms={}, post=FakeSendPulse(), write_bodies=bodies,
            short_link=short_links(store, settings),
        )
    ).test_client()  # fmt: skip
    counted(store)
    with statements(store) as few:
        client.get("/metrics")

    webhooks(store, a_shop, WebhookState.WAITING, *map(str, range(500)))
    counted(store, now=LATER)
    with statements(store) as many:
        answer = client.get("/metrics")

    assert 'plugin_standing{state="waiting",what="webhooks"} 500.0' in answer.text
    assert many == few
    looks = [statement for statement in many if "SELECT" in statement]
    assert ["standing" in statement and "count(" not in statement for statement in looks] == [True]
    told = store.statistics.standing()
    assert told
    assert len(told.backlog.webhooks) == len(WebhookState)
