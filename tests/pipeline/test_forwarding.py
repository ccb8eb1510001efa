"""What waits follows the settings the merchant has corrected, on both databases."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.ports import ClaimedDelivery, DeliveryFilter
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.upkeep.install import import_settings
from plugin.upkeep.replay import replay
from plugin.worker import SENDING_LEASE
from tests.pipeline.conftest import BUSY, REFUSED, Harness
from tests.pipeline.test_destinations import DENIED, orders, route_for, run_for
from tests.support.builders import EVENT_URL, NOON, a_settings_document, an_event
from tests.support.working import drain, prepare

OTHER_EVENT = EVENT_URL.replace("0123456789abcdef", "fedcba9876543210", 1)
OTHER_ACCOUNT = EVENT_URL.replace("7043663", "7000001")
JSON = {"enabled": True, "send": "json"}


def save(harness: Harness, *, url: str = "", kinds: Sequence[str] = ("order_paid",), flow: int = 901, **changed: Any) -> None:
    """The merchant saves other settings."""
    way = {**JSON, **({"event_url": url} if url else {}), **changed}
    events = dict.fromkeys(kinds, way)
    flows = [{"locale": "pl", "automation_id": flow, "name": "Polski"}]
    document = a_settings_document(events=events, flows=flows, no_match={"policy": "hold"})
    import_settings(harness.store, harness.shop.id, document, who="test", now=harness.clock())


def addresses(claims: Sequence[ClaimedDelivery]) -> list[str]:
    return [claimed.event_url.reveal() if claimed.event_url else claimed.event_name for claimed in claims]


def flows(harness: Harness) -> list[int | None]:
    return [body.get("automation_id") for body in harness.sent()]


def test_what_waits_leaves_for_the_corrected_address(harness: Harness) -> None:
    orders(harness, 1)
    prepare(harness.worker)

    save(harness, url=OTHER_EVENT)
    run_for(harness, 1)

    assert addresses(harness.sendpulse.posted) == [OTHER_EVENT]


def test_what_was_refused_leaves_for_the_corrected_address_when_it_is_sent_again(harness: Harness) -> None:
    harness.sendpulse.answers = [REFUSED]
    orders(harness, 1)
    run_for(harness, 1)

    save(harness, url=OTHER_EVENT)
    replay(harness.store, DeliveryFilter(shop_id=harness.shop.id, state=State.FAILED), now=harness.clock())
    run_for(harness, 1)

    assert addresses(harness.sendpulse.posted) == [EVENT_URL, OTHER_EVENT]


def test_what_waits_leaves_by_the_corrected_name(harness: Harness) -> None:
    save(harness, send="name", event_name="order_payed")
    orders(harness, 1)
    prepare(harness.worker)

    save(harness, send="name", event_name="order_paid")
    run_for(harness, 1)

    assert addresses(harness.sendpulse.posted) == ["order_paid"]


def test_what_was_never_tried_is_planned_anew_for_another_account(harness: Harness) -> None:
    orders(harness, 3)
    prepare(harness.worker)

    save(harness, url=OTHER_ACCOUNT)
    run_for(harness, 2)

    assert addresses(harness.sendpulse.posted) == [OTHER_ACCOUNT] * 3
    assert flows(harness) == [901] * 3
    assert {(row.state, row.automation_id) for row in harness.log()} == {("delivered", 901)}


@pytest.mark.parametrize("answer", [BUSY, DENIED], ids=["busy", "denied"])
def test_what_was_tried_goes_on_at_another_account_with_a_flow_of_that(harness: Harness, answer: Any) -> None:
    harness.sendpulse.answers = [answer]
    orders(harness, 1)
    run_for(harness, 1)

    save(harness, url=OTHER_ACCOUNT)
    run_for(harness, 3700, step=10)

    assert addresses(harness.sendpulse.posted) == [EVENT_URL, OTHER_ACCOUNT]
    before, after = harness.sent()
    assert flows(harness) == [102, 901]
    assert list(after) == list(before)
    assert after == {**before, "automation_id": 901}
    [row] = harness.log()
    assert (row.state, row.automation_id, len(row.attempts)) == ("delivered", 901, 2)


def test_what_was_under_way_follows_when_it_comes_back_denied(harness: Harness) -> None:
    orders(harness, 1)
    prepare(harness.worker)
    [claimed] = harness.store.deliveries.claim(limit=1, now=harness.clock(), lease=SENDING_LEASE)

    save(harness, url=OTHER_ACCOUNT)
    harness.sendpulse.answers = [DENIED]
    harness.worker._deliverer.deliver(claimed)
    run_for(harness, 3700, step=100)

    assert addresses(harness.sendpulse.posted) == [EVENT_URL, OTHER_ACCOUNT]


def test_a_basket_keeps_its_order_on_the_way_to_another_account(harness: Harness) -> None:
    kinds = ("order_created", "order_paid", "order_fulfilled")
    route_for(harness, *kinds)
    harness.sendpulse.answers = [BUSY]
    for minute, kind in enumerate(kinds):
        at = NOON + timedelta(minutes=minute)
        harness.happen(an_event(kind=EventKind(kind), happened_at=at), key=kind, topic=kind)
    drain(harness.worker)

    save(harness, url=OTHER_ACCOUNT, kinds=kinds)
    run_for(harness, 10)

    assert [json.loads(claimed.body)["event_name"] for claimed in harness.sendpulse.posted] == ["order_created", *kinds]
    assert addresses(harness.sendpulse.posted) == [EVENT_URL, *[OTHER_ACCOUNT] * 3]


def test_another_account_is_sent_to_at_its_own_pace(harness: Harness) -> None:
    harness.sendpulse.answers = [DENIED]
    orders(harness, 12)
    drain(harness.worker)

    save(harness, url=OTHER_ACCOUNT)
    run_for(harness, 1)

    assert 7 <= len(harness.sendpulse.posted) - 1 <= 8


def test_what_fits_no_flow_of_another_account_is_held(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY]
    harness.happen(an_event(locale="de-DE"))
    run_for(harness, 1)

    save(harness, url=OTHER_ACCOUNT)
    run_for(harness, 100, step=10)

    [row] = harness.log()
    assert (row.state, len(row.attempts)) == ("held", 1)
    assert "No flow fits de-DE" in row.reason


def test_what_is_no_longer_sent_at_all_is_skipped_and_says_so(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY]
    orders(harness, 1)
    run_for(harness, 1)
    orders(harness, 1, first=1)
    prepare(harness.worker)

    save(harness, url=OTHER_ACCOUNT, enabled=False)
    run_for(harness, 3600, step=600)

    assert addresses(harness.sendpulse.posted) == [EVENT_URL]  # the try that was made before
    assert {(row.state, row.reason_code) for row in harness.log()} == {("skipped", "switched_off")}


def test_what_was_skipped_so_can_be_sent_again_once_it_is_on(harness: Harness) -> None:
    orders(harness, 1)
    prepare(harness.worker)
    save(harness, url=EVENT_URL, enabled=False)
    run_for(harness, 1)
    save(harness, url=EVENT_URL)

    replay(harness.store, DeliveryFilter(shop_id=harness.shop.id), now=harness.clock())
    run_for(harness, 1)

    assert [row.state for row in harness.log()] == ["delivered"]


def test_what_nobody_can_read_hinders_no_settings(harness: Harness, store: SqlStore) -> None:
    harness.sendpulse.answers = [BUSY]
    orders(harness, 2)
    run_for(harness, 1)
    with store.database.write() as connection:
        [first, *_] = connection.execute(select(tables.deliveries.c.id).order_by(tables.deliveries.c.id)).scalars()
        sealed = tables.deliveries.update().where(tables.deliveries.c.id == first)
        connection.execute(sealed.values(letter=b"sealed with a key that is gone"))

    save(harness, url=OTHER_ACCOUNT)
    orders(harness, 1, first=5)
    run_for(harness, 30, step=1)

    assert addresses(harness.sendpulse.posted)[-1] == OTHER_ACCOUNT


def test_what_is_sent_again_where_its_kind_goes_nowhere_any_more_says_so(harness: Harness) -> None:
    harness.sendpulse.answers = [REFUSED]
    orders(harness, 1)
    run_for(harness, 1)
    route_for(harness, "customer_created", event_url=OTHER_ACCOUNT)

    replay(harness.store, DeliveryFilter(shop_id=harness.shop.id, state=State.FAILED), now=harness.clock())
    run_for(harness, 10)

    assert {(row.state, row.reason_code) for row in harness.log()} == {("skipped", "no_route")}
