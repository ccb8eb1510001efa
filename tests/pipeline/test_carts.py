"""A cart on its way to a reminder, on both databases: what ends its wait, and what the store is asked before it leaves."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from plugin.domain.carts import CartState
from plugin.domain.delivery import State
from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.pipeline.hold import purchases
from plugin.ports import DeliveryFilter
from plugin.upkeep.install import import_settings
from plugin.upkeep.replay import replay
from tests.pipeline.conftest import BUSY, Harness
from tests.support.builders import NOON, a_basket, a_cart, a_contact, a_settings_document, an_event
from tests.support.working import drain, prepare, work_once

JAN = ("customer:17", "person:jan@example.com", "person:jan@work.example")
SILENT = TryAgain("The store did not answer.")


def keys_to_tell() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"told {number}"


KEYS = keys_to_tell()


def tell(harness: Harness, *events: StoreEvent) -> None:
    """The store tells it now, and everything that is due is done."""
    key = next(KEYS)
    harness.happen(*events, key=key, topic=key)
    drain(harness.worker)


def after(harness: Harness, **by: float) -> list[Any]:
    """What leaves until then, minute by minute; nobody counts minutes where hours are told."""
    before, step = len(harness.sendpulse.posted), timedelta(minutes=1 if "minutes" in by else 20)
    until = harness.clock() + timedelta(**by)
    while harness.clock() < until:
        harness.clock.at = min(harness.clock() + step, until)
        drain(harness.worker)
    return [body["event_name"] for body in harness.sent()[before:]]


def a_checkout(harness: Harness, token: str = "c1", cart: str = "", **changed: Any) -> StoreEvent:
    """A checkout of Jan's that has changed just now."""
    keys = (f"checkout:{token}", *([f"cart:{cart}"] if cart else []))
    now = harness.clock()
    fields: dict[str, Any] = {
        "object_id": token,
        "version": now.isoformat(),
        "happened_at": now,
        "begun_at": now,
        "person": JAN,
    }
    return a_cart(**(fields | {"basket": a_basket(keys=keys, order_id="")} | changed))


def an_order(harness: Harness, token: str, **changed: Any) -> StoreEvent:
    """An order of Jan's, placed just now."""
    basket, now = a_basket(keys=(f"checkout:{token}", f"order:{token}"), order_id=token), harness.clock()
    fields: dict[str, Any] = {
        "kind": EventKind.ORDER_CREATED,
        "object_id": token,
        "happened_at": now,
        "placed_at": now,
        "person": JAN,
    }
    return an_event(**(fields | {"basket": basket} | changed))


def reminders(harness: Harness) -> list[tuple[str, str]]:
    """What became of each wait, in the order in which they ended."""
    rows = harness.log(kind=EventKind.CART_ABANDONED)
    return [(row.state, row.reason_code) for row in reversed(rows)]


# ------------------------------------------------------------------ what ends a wait, and the row it leaves


def test_a_bought_basket_leaves_a_row_that_says_why_nothing_was_sent(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    harness.clock.move(minutes=5)
    tell(harness, an_order(harness, "c1"))

    assert after(harness, days=1) == []
    assert reminders(harness) == [("skipped", "bought")]
    [row] = harness.log(kind=EventKind.CART_ABANDONED)
    assert row.reason == "The buyer ordered before this could be sent."


def test_every_order_webhook_proves_a_purchase(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    tell(harness, an_order(harness, "c1", kind=EventKind.ORDER_FULFILLED))

    assert after(harness, days=1) == []
    assert reminders(harness) == [("skipped", "bought")]


def test_an_older_order_that_is_paid_now_ends_nothing(harness: Harness) -> None:
    placed_at = harness.clock()
    harness.clock.move(minutes=30)
    tell(harness, a_checkout(harness, "c2"))
    harness.clock.move(minutes=5)
    paid = an_order(harness, "c1", kind=EventKind.ORDER_PAID, placed_at=placed_at)
    tell(harness, paid)

    assert after(harness, hours=1) == ["cart_abandoned"]


def test_an_emptied_basket_leaves_a_row_and_may_be_filled_again(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    harness.clock.move(minutes=5)
    tell(harness, a_checkout(harness, basket=a_basket(keys=("checkout:c1",), products=())))
    assert after(harness, hours=2) == []
    assert reminders(harness) == [("skipped", "emptied")]

    tell(harness, a_checkout(harness))

    assert after(harness, hours=1) == ["cart_abandoned"]


def test_a_first_webhook_that_is_late_leaves_time_for_what_follows_it(harness: Harness) -> None:
    tell(harness, a_checkout(harness, happened_at=NOON - timedelta(hours=2)))

    assert after(harness, minutes=4) == []
    assert after(harness, minutes=1) == ["cart_abandoned"]


def test_purchases_that_were_not_read_yet_end_the_wait_before_it_rings(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    harness.clock.move(minutes=55)
    harness.happen(an_order(harness, "c1"), key="order", topic="order")
    harness.clock.move(hours=1)

    assert prepare(harness.worker)
    drain(harness.worker)

    assert after(harness, hours=1) == []
    assert reminders(harness) == [("skipped", "bought")]


# ------------------------------------------------------------------ at most


def test_a_basket_is_reminded_of_once_also_under_a_new_checkout_of_its_cart(harness: Harness) -> None:
    tell(harness, a_checkout(harness, "c1", cart="k"))
    assert after(harness, hours=1) == ["cart_abandoned"]
    harness.clock.move(days=3)
    somebody = {"person": ("person:else@example.com",), "contact": a_contact(email="else@example.com")}

    tell(harness, a_checkout(harness, "c2", cart="k", **somebody))

    assert after(harness, hours=2) == []
    assert reminders(harness) == [("delivered", ""), ("skipped", "reminded")]


@pytest.mark.parametrize(("hours", "leaves"), [(10, []), (30, ["cart_abandoned"])])
def test_a_person_is_reminded_once_in_the_window(harness: Harness, hours: int, leaves: list[str]) -> None:
    tell(harness, a_checkout(harness, "c1"))
    assert after(harness, hours=1) == ["cart_abandoned"]
    harness.clock.move(hours=hours)

    tell(harness, a_checkout(harness, "c2", person=("customer:17",), contact=a_contact(email="other@example.com")))

    assert after(harness, hours=2) == leaves


def test_of_two_baskets_of_one_person_the_newer_is_reminded_of(harness: Harness) -> None:
    tell(harness, a_checkout(harness, "c1"))
    harness.clock.move(seconds=30)
    tell(harness, a_checkout(harness, "c2"))

    assert after(harness, hours=2) == ["cart_abandoned"]
    assert reminders(harness) == [("delivered", ""), ("skipped", "reminded")]
    assert harness.sendpulse.posted[0].delivery.id == min(row.id for row in harness.log(kind=EventKind.CART_ABANDONED))


def test_an_older_basket_is_reminded_of_when_the_newer_is_not(harness: Harness) -> None:
    tell(harness, a_checkout(harness, "c1"))
    harness.clock.move(seconds=30)
    tell(harness, a_checkout(harness, "c2"))
    harness.clock.move(seconds=30)
    tell(harness, a_checkout(harness, "c2", basket=a_basket(keys=("checkout:c2",), products=())))

    assert after(harness, hours=2) == ["cart_abandoned"]


def test_a_basket_older_than_a_reminder_makes_sense_is_left(harness: Harness) -> None:
    tell(harness, a_checkout(harness, happened_at=NOON - timedelta(hours=73)))

    assert after(harness, hours=1) == []
    assert reminders(harness) == [("skipped", "too_old")]


def test_a_reminder_that_waited_for_a_paused_account_looks_at_the_person_again(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY]
    tell(harness, a_checkout(harness, "c1"))
    assert after(harness, minutes=60) == ["cart_abandoned"]  # tried, and not taken
    harness.clock.move(seconds=1)
    tell(harness, an_order(harness, "elsewhere", person=JAN[:1]))

    assert after(harness, days=1) == []
    assert reminders(harness) == [("skipped", "bought")]


def test_a_reminder_of_an_account_that_was_paused_for_days_is_too_old(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY]
    tell(harness, a_checkout(harness, "c1"))
    assert after(harness, minutes=60) == ["cart_abandoned"]
    harness.clock.move(hours=72)

    assert after(harness, minutes=1) == []
    assert reminders(harness) == [("skipped", "too_old")]


# ------------------------------------------------------------------ the store is asked


@pytest.mark.parametrize(("answer", "code"), [(CartState.BOUGHT, "bought"), (CartState.CLOSED, "checkout_closed")])
def test_what_the_store_says_of_a_cart_counts(harness: Harness, answer: CartState, code: str) -> None:
    harness.platform.cart_answers = [answer]
    tell(harness, a_checkout(harness))

    assert after(harness, hours=2) == []
    assert reminders(harness) == [("skipped", code)]


def test_a_store_that_does_not_answer_is_asked_again(harness: Harness) -> None:
    harness.platform.cart_answers = [SILENT, SILENT, CartState.OPEN]
    tell(harness, a_checkout(harness))

    assert after(harness, minutes=61) == []
    assert after(harness, minutes=2) == ["cart_abandoned"]
    [row] = harness.log(kind=EventKind.CART_ABANDONED)
    assert row.partial == ""


def test_a_store_that_is_silent_for_an_hour_delays_a_reminder_by_no_more(harness: Harness) -> None:
    harness.platform.cart_answers = [SILENT] * 100
    tell(harness, a_checkout(harness))

    assert after(harness, minutes=119) == []
    assert after(harness, minutes=2) == ["cart_abandoned"]
    [row] = harness.log(kind=EventKind.CART_ABANDONED)
    assert row.partial == "Your store was asked for an hour, but did not say whether this was bought."
    assert 100 - len(harness.platform.cart_answers) < 15


def test_a_store_that_was_just_silent_is_left_in_peace_also_for_other_carts(harness: Harness) -> None:
    harness.platform.cart_answers = [SILENT]
    tell(harness, a_checkout(harness, "c1"))
    harness.clock.move(seconds=30)
    tell(harness, a_checkout(harness, "c2", person=("customer:2",), contact=a_contact(email="other@example.com")))
    harness.clock.move(minutes=59, seconds=30)
    drain(harness.worker)

    harness.clock.move(seconds=30)
    drain(harness.worker)
    assert len(harness.platform.carts_asked) == 1

    assert after(harness, minutes=3) == ["cart_abandoned", "cart_abandoned"]


def test_a_cart_that_rings_just_after_reminders_were_switched_off_says_so(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    document = a_settings_document()
    document["events"]["cart_abandoned"]["enabled"] = False
    harness.store.shops.write_settings(harness.shop.id, document, who="test", now=harness.clock())

    assert after(harness, minutes=61) == []
    assert reminders(harness) == [("skipped", "switched_off")]


def test_a_reminder_that_is_planned_just_after_they_were_switched_off_says_so(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    harness.clock.move(minutes=61)
    assert work_once(harness.worker.expiring) == 1
    document = a_settings_document()
    document["events"]["cart_abandoned"]["enabled"] = False
    harness.store.shops.write_settings(harness.shop.id, document, who="test", now=harness.clock())

    assert after(harness, minutes=1) == []
    assert reminders(harness) == [("skipped", "switched_off")]


def test_a_store_that_cannot_be_asked_delays_nothing_and_the_log_says_so(harness: Harness) -> None:
    harness.platform.cart_answers = [GiveUp("there is no token.")]
    tell(harness, a_checkout(harness))

    assert after(harness, hours=1) == ["cart_abandoned"]
    [row] = harness.log(kind=EventKind.CART_ABANDONED)
    assert row.partial == "Your store could not be asked whether this was bought: there is no token."


def test_a_cart_that_is_settled_anyway_is_not_asked_about(harness: Harness) -> None:
    tell(harness, a_checkout(harness, happened_at=NOON - timedelta(hours=80)))

    after(harness, hours=1)

    assert harness.platform.carts_asked == []


# ------------------------------------------------------------------ switched off


def switch(harness: Harness, *, is_on: bool) -> None:
    document = a_settings_document()
    document["events"]["cart_abandoned"]["enabled"] = is_on
    import_settings(harness.store, harness.shop.id, document, who="test", now=harness.clock())
    drain(harness.worker)


def test_switching_reminders_off_skips_what_waits_and_switching_on_lets_it_be_sent_again(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    switch(harness, is_on=False)
    assert reminders(harness) == [("skipped", "switched_off")]
    assert after(harness, hours=2) == []
    switch(harness, is_on=True)

    [row] = harness.log(kind=EventKind.CART_ABANDONED)
    wanted = DeliveryFilter(shop_id=harness.shop.id, ids=(row.id,))
    assert replay(harness.store, wanted, now=harness.clock()) == 1
    drain(harness.worker)

    assert reminders(harness) == [("delivered", "")]


def test_off_and_on_again_leaves_a_cart_its_reminder(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    switch(harness, is_on=False)
    switch(harness, is_on=True)
    harness.clock.move(minutes=5)

    tell(harness, a_checkout(harness))

    assert after(harness, hours=1) == ["cart_abandoned"]


def test_switching_a_kind_off_stops_what_waits_of_it(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY]
    tell(harness, an_order(harness, "o1", kind=EventKind.ORDER_PAID))
    tell(harness, an_order(harness, "o2", kind=EventKind.ORDER_PAID))
    document = a_settings_document()
    document["events"]["order_paid"]["enabled"] = False

    import_settings(harness.store, harness.shop.id, document, who="test", now=harness.clock())
    harness.clock.move(hours=2)
    drain(harness.worker)

    waiting = [row for row in harness.log() if row.state == State.SKIPPED]
    assert {row.reason_code for row in waiting} <= {ReasonCode.SWITCHED_OFF}
    assert not [row for row in harness.log() if row.state == State.WAITING]


def test_an_order_known_only_by_its_update_ends_the_wait_and_nothing_older_begins_it_anew(harness: Harness) -> None:
    tell(harness, a_checkout(harness))
    [bought] = purchases(Translation(events=(an_order(harness, "c1"),)))
    harness.platform.meanings["updated"] = Translation(bought=(bought,))
    harness.tell("updated", key="updated")
    drain(harness.worker)
    tell(harness, a_checkout(harness, version="late", happened_at=harness.clock() - timedelta(minutes=1)))

    assert after(harness, days=1) == []
    assert reminders(harness) == [("skipped", "bought")]
