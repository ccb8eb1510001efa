"""What did not leave, by its reason: counted within bounds, of one shop alone, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.dialects import sqlite

from plugin.domain.delivery import Hold, Skip, State
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.log.concerns import newest
from tests.storage.test_statistics import count_all, plan_at
from tests.support.builders import NOON
from tests.support.storage.situations import DELIVERED, REFUSED, a_claimed_delivery, attempted

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
HELD = Hold(code=ReasonCode.NO_FLOW, reason=worded("No flow."), fix=worded("Add one."))
SKIPPED = Skip(code=ReasonCode.NO_LOCALE, reason=worded("No language."))
HARMLESS = Skip(code=ReasonCode.SWITCHED_OFF, reason=worded("Off."))
FIXABLE = frozenset({ReasonCode.NO_LOCALE})


def found(store: SqlStore, shop: Shop) -> list[tuple[State, EventKind, ReasonCode | None, int]]:
    concerns = store.statistics.concerns(shop.id, since=NOON - WEEK, skipped=FIXABLE)
    return [(one.state, one.kind, one.code, one.number) for one in concerns]


@pytest.mark.parametrize("is_counted", [False, True])
def test_what_did_not_leave_is_gathered_by_reason_and_kind(store: SqlStore, a_shop: Shop, is_counted: bool) -> None:
    plan_at(store, a_shop, 1, NOON - WEEK - 2 * HOUR, HELD)
    plan_at(store, a_shop, 2, NOON - 3 * HOUR, HELD)
    plan_at(store, a_shop, 3, NOON - 2 * HOUR, HELD)
    plan_at(store, a_shop, 4, NOON - 2 * HOUR, HELD, kind=EventKind.ORDER_CREATED)
    plan_at(store, a_shop, 5, NOON - HOUR, SKIPPED)
    plan_at(store, a_shop, 6, NOON - HOUR, HARMLESS)
    attempted(store, a_claimed_delivery(store, a_shop, key="failing"), REFUSED)
    if is_counted:
        count_all(store, NOON + HOUR)

    [*named, oldest] = [*found(store, a_shop), store.statistics.concerns(a_shop.id, since=NOON - WEEK, skipped=FIXABLE)]

    expected = {
        (State.FAILED, EventKind.ORDER_PAID, ReasonCode.BODY_REFUSED, 1),
        (State.HELD, EventKind.ORDER_PAID, ReasonCode.NO_FLOW, 2 if is_counted else 3),  # uncounted, no hour is known
        (State.HELD, EventKind.ORDER_CREATED, ReasonCode.NO_FLOW, 1),
        (State.SKIPPED, EventKind.ORDER_PAID, ReasonCode.NO_LOCALE, 1),
    }
    assert set(named) == expected
    assert len(named) == len(expected)
    held = next(one for one in oldest if one.state is State.HELD and one.number > 1)
    assert held.is_all
    assert held.oldest_at == (NOON - 3 * HOUR if is_counted else NOON - WEEK - 2 * HOUR)


def test_another_shops_are_not_counted(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    plan_at(store, a_shop, 1, NOON, HELD)

    assert found(store, other) == []


def test_more_than_one_look_counts_is_said(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.storage.log.concerns.MOST", 2)
    for number in range(3):
        plan_at(store, a_shop, number, NOON + number * HOUR, HELD)

    [held] = store.statistics.concerns(a_shop.id, since=NOON - WEEK, skipped=FIXABLE)

    assert (held.number, held.is_all, held.oldest_at) == (2, False, NOON + HOUR)


def test_a_reason_of_another_version_is_counted_without_a_name(store: SqlStore, a_shop: Shop) -> None:
    plan_at(store, a_shop, 1, NOON, HELD)
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).values(reason_code="of_tomorrow"))

    assert found(store, a_shop) == [(State.HELD, EventKind.ORDER_PAID, None, 1)]


def test_what_left_incomplete_is_gathered_by_what_it_lacked(
    store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, partial in enumerate(("No link.", "No link.; No picture.", "", "No picture.")):
        later = NOON + number * timedelta(seconds=9)
        claimed = a_claimed_delivery(store, a_shop, key=f"k{number}", object_id=str(number), partial=partial, now=later)
        attempted(store, claimed, DELIVERED)
    plan_at(store, a_shop, 9, NOON, partial="Waits.")
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)

    lacks = store.statistics.lacks(a_shop.id, since=NOON - WEEK)
    monkeypatch.setattr("plugin.storage.log.concerns.MOST", 2)
    newest_two = store.statistics.lacks(a_shop.id, since=NOON - WEEK)

    newest = {one.sentence: one.newest for one in lacks}
    assert {(one.sentence, one.number, one.is_all) for one in lacks} == {("No link.", 2, True), ("No picture.", 2, True)}
    assert newest["No picture."] - newest["No link."] == 2
    assert [(one.sentence, one.number, one.is_all) for one in newest_two] == [("No picture.", 1, False)]
    assert NOON <= newest_two[0].newest_at < NOON + HOUR
    assert store.statistics.lacks(other.id, since=NOON - WEEK) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL decides by how many there are
def test_only_rows_of_the_state_are_read(store: SqlStore, a_shop: Shop) -> None:
    query = newest(a_shop.id, State.FAILED, 7)
    statement = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))

    with store.database.read() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())

    assert "USING INDEX ix_deliveries_shop_id_state_id (shop_id=? AND state=? AND id>?)" in plan
    assert "SCAN deliveries" not in plan
