"""What is old goes, what waits stays, on both databases."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from plugin.config import Settings
from plugin.domain.delivery import State
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.ports import DeliveryFilter, RetentionCandidate
from plugin.storage import SqlStore, open_store
from plugin.storage.db import tables
from plugin.storage.privacy import retention
from plugin.upkeep.prune import DELETE_WEBHOOKS, EMPTY_WEBHOOKS, SHOPS, Pruner, Rule, event_rules, pause_after
from tests.support.builders import NOON
from tests.support.storage import old_rows
from tests.support.storage.old_rows import DAY
from tests.support.storage.situations import a_webhook

EMPTIED, DELETED = event_rules(DAY)
KEPT_LONG = event_rules(30 * DAY)[1]


@pytest.mark.parametrize(
    ("rule", "days", "changed", "may_go"),
    [
        (EMPTY_WEBHOOKS, 6.99, {}, False),
        (EMPTY_WEBHOOKS, 7, {}, True),
        (EMPTY_WEBHOOKS, 8, {"waits": True}, False),
        (EMPTY_WEBHOOKS, 8, {"has_content": False}, False),
        (DELETE_WEBHOOKS, 15.99, {"has_content": False}, False),
        (DELETE_WEBHOOKS, 16, {"has_content": False}, True),
        (DELETE_WEBHOOKS, 99, {"waits": True}, False),
        (EMPTIED, 0.99, {}, False),
        (EMPTIED, 1, {}, True),
        (DELETED, 15.99, {"has_content": False}, False),
        (DELETED, 16, {"has_content": False}, True),
        (KEPT_LONG, 29.99, {}, False),
        (KEPT_LONG, 30, {}, True),
        (KEPT_LONG, 400, {"waits": True}, False),
    ],
)
def test_what_may_go_and_when(rule: Rule, days: float, changed: dict[str, bool], may_go: bool) -> None:
    kept = RetentionCandidate(
        id=1, since=NOON - days * DAY, waits=changed.get("waits", False), has_content=changed.get("has_content", True)
    )

    assert rule.covers(kept, NOON) is may_go


def test_the_traffic_has_the_database_to_itself_between_two_steps() -> None:
    assert pause_after(0) == timedelta(minutes=1)
    assert timedelta(0) < pause_after(500) < timedelta(seconds=1)


def clear(store: SqlStore, *, days: int = 30, pruner: Pruner | None = None) -> list[int]:
    """Step until nothing is left to do; the rows of each step."""
    pruner = pruner or Pruner(store.retention, days=days, uninstalled_days=30)
    steps = []
    while step := pruner.step(NOON):
        steps.append(step)
    return steps


def test_webhooks_lose_their_bodies_first_and_their_keys_after_the_redelivery_window(store: SqlStore, a_shop: Shop) -> None:
    _gone, empty, whole = old_rows.webhooks(store, a_shop, 17, 8, 6)
    [waiting] = old_rows.webhooks(store, a_shop, 17, state="waiting", due_at=NOON)

    clear(store)

    found = [(id, body is not None) for id, body in old_rows.values(store, "webhooks", "id", "body")]
    assert found == [(empty, False), (whole, True), (waiting, True)]


def test_events_go_with_their_deliveries_and_attempts(store: SqlStore, a_shop: Shop) -> None:
    old_rows.events(store, a_shop, 31, 99, attempts=3)
    old_rows.events(store, a_shop, 31, state="skipped", attempts=0)
    kept = old_rows.events(store, a_shop, 29)

    clear(store)

    assert old_rows.ids(store, "events") == kept
    assert (len(old_rows.ids(store, "deliveries")), len(old_rows.ids(store, "attempts"))) == (1, 1)


@pytest.mark.parametrize("state", ["waiting", "sending", "held"])
def test_an_event_stays_while_something_of_it_is_to_be_done(store: SqlStore, a_shop: Shop, state: str) -> None:
    kept = old_rows.events(store, a_shop, 89, 31, state=state)

    assert clear(store, days=1) == []

    assert old_rows.ids(store, "events") == kept
    assert all(letter for _, letter in old_rows.values(store, "deliveries", "id", "letter"))


def test_an_event_stays_until_it_is_planned_and_while_a_timer_needs_it(store: SqlStore, a_shop: Shop) -> None:
    kept = old_rows.events(store, a_shop, 89, due_at=NOON, state="skipped")
    kept += old_rows.events(store, a_shop, 89, state="skipped", locale="timed")
    old_rows.rows(store, "timers", [{"shop_id": a_shop.id, "event_id": kept[1], "happened_at": NOON, "due_at": NOON}])

    assert clear(store, days=1) == []

    assert old_rows.ids(store, "events") == kept


@pytest.fixture
def suspended(store: SqlStore, a_shop: Shop) -> Shop:
    store.shops.suspend(a_shop.id, now=NOON)
    return a_shop


def told(store: SqlStore) -> list[tuple[str, str, str, bytes | None]]:
    """Of every delivery, in the order of their ids: kind, state, reason and letter."""
    found = old_rows.values(store, "deliveries", "id", "kind", "state", "reason_code", "letter")
    return [row[1:] for row in found]


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_what_waits_for_a_suspended_shop_expires(store: SqlStore, suspended: Shop, state: str) -> None:
    kept = old_rows.events(store, suspended, 29, state=state)
    old_rows.events(store, suspended, 31, state=state)

    clear(store)

    assert told(store)[1] == ("order_paid", "skipped", "expired", None)
    assert told(store)[0][:2] == ("order_paid", state)
    [(_, body, emptied_at), (_, old_body, old_emptied_at)] = old_rows.values(store, "events", "id", "body", "emptied_at")
    assert (store.crypto.open(body) != b"", emptied_at) == (True, None)
    assert (store.crypto.open(old_body), old_emptied_at) == (b"", NOON)
    assert clear(store) == []
    assert old_rows.ids(store, "events")[0] == kept[0]


def test_the_log_says_for_a_week_that_something_expired(store: SqlStore, suspended: Shop) -> None:
    old_rows.events(store, suspended, 31, state="waiting")
    pruner = Pruner(store.retention, days=30, uninstalled_days=30)
    clear(store, pruner=pruner)
    [line] = store.log.list(DeliveryFilter(shop_id=suspended.id))
    assert "suspended" in line.reason
    assert store.log.replay(DeliveryFilter(shop_id=suspended.id), now=NOON) == 0  # its letter is gone

    for day in range(1, 7):
        assert [pruner.step(NOON + day * DAY) for _ in range(9)] == [0] * 9
    for _ in range(9):
        pruner.step(NOON + 7 * DAY)

    assert old_rows.ids(store, "events") == []


def test_what_was_not_prepared_for_a_suspended_shop_expires_with_a_line_in_the_log(store: SqlStore, suspended: Shop) -> None:
    row = {"shop_id": suspended.id, "key": "new", "kind": "order_paid", "happened_at": NOON, "created_at": old_rows.ago(31)}
    old_rows.rows(store, "events", [row | {"state": "new", "due_at": NOON, "body": store.crypto.seal(b"{}")}])

    clear(store)

    assert told(store) == [("order_paid", "skipped", "expired", None)]
    assert [state for _, state in old_rows.values(store, "events", "id", "state")] == ["skipped"]


def test_a_cart_that_waits_for_a_suspended_shop_expires_as_a_reminder(store: SqlStore, suspended: Shop) -> None:
    [event_id] = old_rows.events(store, suspended, 31, kind="cart_updated")
    old_rows.rows(store, "timers", [{"shop_id": suspended.id, "event_id": event_id, "happened_at": NOON, "due_at": NOON}])

    clear(store)

    assert told(store) == [("order_paid", "delivered", "", None), ("cart_abandoned", "skipped", "expired", None)]
    assert old_rows.ids(store, "timers") == []


def test_what_waits_at_an_account_that_is_switched_off_expires(store: SqlStore, a_shop: Shop) -> None:
    old_rows.rows(store, "destinations", [{"key": "account:1", "rate": 8, "next_at": NOON, "health": "disabled"}])
    old_rows.events(store, a_shop, 31, state="waiting")
    [held] = old_rows.events(store, a_shop, 31, state="held")

    clear(store)

    assert [row[1:3] for row in told(store)] == [("skipped", "expired"), ("held", "")]
    assert "switched off" in store.log.list(DeliveryFilter(shop_id=a_shop.id))[-1].reason
    assert old_rows.ids(store, "events")[-1] == held


def test_what_is_held_besides_keeps_its_event(store: SqlStore, suspended: Shop) -> None:
    [event_id] = old_rows.events(store, suspended, 31, state="held")
    more = {"shop_id": suspended.id, "event_id": event_id, "part": 1, "kind": "order_paid", "happened_at": NOON}
    old_rows.rows(store, "deliveries", [more | {"created_at": NOON, "state": "waiting", "due_at": NOON}])

    clear(store)

    assert [row[1:3] for row in told(store)] == [("held", ""), ("skipped", "expired")]
    assert [emptied_at for _, emptied_at in old_rows.values(store, "events", "id", "emptied_at")] == [None]


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_being_sent_again_keeps_its_letter_while_the_rest_of_its_event_expires(
    store: SqlStore, suspended: Shop
) -> None:
    [event_id] = old_rows.events(store, suspended, 31, state="failed")
    more = {"shop_id": suspended.id, "event_id": event_id, "part": 1, "kind": "order_paid", "happened_at": NOON}
    old_rows.rows(store, "deliveries", [more | {"created_at": NOON, "state": "waiting", "due_at": NOON}])
    expire = threading.Thread(target=store.retention.expire_events, args=([event_id],), kwargs={"now": NOON})

    with store.database.write() as connection:
        again = update(tables.deliveries).where(tables.deliveries.c.state == "failed")
        connection.execute(again.values(state="waiting", due_at=NOON))
        expire.start()
        expire.join(10)  # it waits for nobody; where it does, it goes on after this transaction
    expire.join()

    (_, state, reason, letter), (_, *other) = told(store)
    assert (state, reason, letter is None) == ("waiting", "", False)
    assert other[:2] == ["skipped", "expired"]


@pytest.mark.parametrize("table", ["events", "destinations"])
def test_what_a_worker_has_in_hand_does_not_expire(store: SqlStore, suspended: Shop, table: str) -> None:
    in_hand = NOON + DAY
    old_rows.rows(store, "destinations", [{"key": "account:1", "rate": 8, "next_at": NOON, "lease_until": in_hand}])
    of_event: dict[str, Any] = {"due_at": NOON, "lease_until": in_hand} if table == "events" else {}
    old_rows.events(store, suspended, 31, state="sending", **of_event)

    assert clear(store) == []


def test_a_young_event_is_emptied_instead_of_deleted(store: SqlStore, a_shop: Shop) -> None:
    old_rows.events(store, a_shop, 2, state="failed")
    [(*_, key)] = old_rows.values(store, "events", "id", "key")

    clear(store, days=1)

    [(event_id, body, email, phone, kept_key)] = old_rows.values(
        store, "events", "id", "body", "email_hash", "phone_hash", "key"
    )
    assert (store.crypto.open(body), email, phone, kept_key) == (b"", "", "", key)
    assert old_rows.values(store, "deliveries", "event_id", "letter") == [(event_id, None)]
    assert [answer for _, answer in old_rows.values(store, "attempts", "id", "answer")] == [""]


def test_an_emptied_event_is_not_sent_again(store: SqlStore, a_shop: Shop) -> None:
    old_rows.events(store, a_shop, 2, state="failed")
    old_rows.events(store, a_shop, 2, state="skipped", attempts=0)
    clear(store, days=1)

    assert store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=NOON) == 0

    states = [line.state for line in store.log.list(DeliveryFilter(shop_id=a_shop.id))]
    assert sorted(states) == [State.FAILED, State.SKIPPED]


@pytest.mark.parametrize("days", [13, 15], ids=["kept by Saleor", "not yet cleared by Saleor"])
def test_the_same_webhook_and_event_within_the_window_are_still_known(store: SqlStore, a_shop: Shop, days: int) -> None:
    store.inbox.receive(a_webhook(a_shop), now=old_rows.ago(days))
    [claimed] = store.inbox.claim(limit=1, now=NOON, lease=DAY)
    store.inbox.failed(claimed, "odd", code=ReasonCode.UNREADABLE, now=NOON)

    clear(store, days=1)

    assert store.inbox.receive(a_webhook(a_shop), now=NOON) is False


def test_no_step_is_long(store: SqlStore, a_shop: Shop) -> None:
    old_rows.webhooks(store, a_shop, *[20.0] * 1200)
    old_rows.events(store, a_shop, *[40.0] * 400, attempts=2)
    old_rows.events(store, a_shop, 40, attempts=retention.ROWS + 100)

    steps = clear(store)

    assert (old_rows.ids(store, "webhooks"), old_rows.ids(store, "events"), old_rows.ids(store, "attempts")) == ([], [], [])
    assert sorted(steps)[-1] == retention.ROWS + 102  # the one event with more attempts than that
    assert sorted(steps)[-2] <= retention.ROWS


def test_everything_gets_its_turn_while_one_thing_never_ends(store: SqlStore, a_shop: Shop) -> None:
    old_rows.webhooks(store, a_shop, *[20.0] * 5000)
    old_rows.events(store, a_shop, 40)
    pruner = Pruner(store.retention, days=30, uninstalled_days=30)

    for _ in range(4):
        pruner.step(NOON)

    assert old_rows.ids(store, "events") == []
    assert old_rows.ids(store, "webhooks") != []


def test_what_waited_the_last_time_goes_the_next_day(store: SqlStore, a_shop: Shop) -> None:
    held = old_rows.events(store, a_shop, 40, state="held")
    old_rows.events(store, a_shop, 39)
    pruner = Pruner(store.retention, days=30, uninstalled_days=30)
    clear(store, pruner=pruner)
    assert old_rows.ids(store, "events") == held
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).values(state="delivered"))

    assert clear(store, pruner=pruner) == []
    assert sum(pruner.step(NOON + DAY) for _ in range(2)) == 3

    assert old_rows.ids(store, "events") == []


def test_what_belongs_to_a_shop_goes_by_its_own_age(store: SqlStore, a_shop: Shop) -> None:
    shop = {"shop_id": a_shop.id}
    for day in (29, 31):
        old_rows.rows(store, "products", [shop | {"key": f"product:{day}", "facts": "{}", "fetched_at": old_rows.ago(day)}])
    for day in (89, 91):
        old_rows.rows(store, "purchases", [shop | {"hash": f"bought {day}", "bought_at": old_rows.ago(day)}])
    for day in (399, 401):
        told = {"hash": f"told {day}", "channel": "email", "standing": "subscribed", "told_at": old_rows.ago(day)}
        old_rows.rows(store, "consents", [shop | told])
        old_rows.rows(store, "audit", [shop | {"at": old_rows.ago(day), "who": "test", "what": f"{day}"}])

    clear(store)

    assert old_rows.values(store, "products", "key") == [("product:29",)]
    assert old_rows.values(store, "purchases", "hash") == [("bought 89",)]
    assert old_rows.values(store, "consents", "hash") == [("told 399",)]
    assert [what for _, what in old_rows.values(store, "audit", "id", "what")] == ["", "399"]


def test_tokens_go_a_day_after_their_end_unless_one_is_being_fetched(store: SqlStore, a_shop: Shop) -> None:
    sealed = store.crypto.seal(b"token")
    for account, days, lock_until in (("old", 2, None), ("ended", 0.5, None), ("locked", 2, NOON + DAY), ("good", -1, None)):
        row = {"account": account, "token": sealed, "expires_at": old_rows.ago(days), "lock_until": lock_until}
        old_rows.rows(store, "tokens", [row])

    clear(store)

    assert [account for (account,) in old_rows.values(store, "tokens", "account")] == ["ended", "good", "locked"]


def links(store: SqlStore, shop: Shop) -> None:
    for day in (89, 92):
        row = {"token": f"{day}", "shop_id": shop.id, "address": b"", "address_hash": f"{day}", "used_at": old_rows.ago(day)}
        old_rows.rows(store, "links", [row])


def test_a_link_goes_when_nothing_that_is_kept_can_use_it(store: SqlStore, a_shop: Shop) -> None:
    links(store, a_shop)

    clear(store)

    assert old_rows.values(store, "links", "token") == [("89",)]


def test_a_link_stays_while_a_delivery_as_old_waits(store: SqlStore, a_shop: Shop) -> None:
    links(store, a_shop)
    old_rows.events(store, a_shop, 93, state="waiting")

    clear(store)

    assert old_rows.values(store, "links", "token") == [("89",), ("92",)]


def test_several_workers_clear_away_together(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    old_rows.webhooks(store, a_shop, *[20.0] * 900)
    old_rows.events(store, a_shop, *[40.0] * 300)
    counts: list[int] = []

    def work() -> None:
        mine = open_store(settings)
        counts.append(sum(clear(mine)))
        mine.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clear(store)  # what one had locked while the other passed by

    assert len(counts) == 3
    assert sum(counts) <= 2 * 900 + 3 * 300  # bodies, webhooks; events, deliveries, attempts: none of them twice
    assert (old_rows.ids(store, "webhooks"), old_rows.ids(store, "events")) == ([], [])


def test_a_hundred_shops_are_not_looked_at_in_one_step(store: SqlStore, a_shop: Shop) -> None:
    for number in range(SHOPS):
        last = store.shops.install(Shop(id=0, platform="shopify", address=f"{number}.myshopify.com"), {}, now=NOON)
    old_rows.rows(store, "purchases", [{"shop_id": last.id, "hash": "bought", "bought_at": old_rows.ago(91)}])
    pruner = Pruner(store.retention, days=30, uninstalled_days=30)

    assert [pruner.step(NOON) for _ in range(3)] == [0, 1, 0]
