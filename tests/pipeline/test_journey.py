"""The path as a whole, on both databases: a webhook in, an attempt out."""

from datetime import timedelta

import pytest

from plugin.domain.delivery import Outcome, Skip, State
from plugin.domain.errors import TryAgain, Unreadable
from plugin.domain.kinds import EventKind
from plugin.domain.notice import BasketEnded, Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import WebhookState
from plugin.domain.wording import worded
from plugin.pipeline.hold import person_keys
from plugin.ports import AttemptResult, DeliveryFilter
from plugin.worker import MOST_TRIES, SENDING_LEASE
from tests.pipeline.conftest import BUSY, REFUSED, SILENT, Harness
from tests.support.builders import NOON, a_basket, a_cart, a_contact, a_product, a_settings_document, an_event
from tests.support.working import drain, work_once


def test_a_paid_order_reaches_the_flow_in_the_buyers_language(harness: Harness) -> None:
    harness.happen(an_event(locale="pl-PL"))

    drain(harness.worker)

    [body] = harness.sent()
    assert body["automation_id"] == 102
    assert body["email"] == "jan@example.com"
    [row] = harness.log()
    assert (row.state, row.automation_id, row.locale) == ("delivered", 102, "pl-PL")
    assert [attempt.verdict for attempt in row.attempts] == ["delivered"]


@pytest.mark.parametrize("raw", ["pl_PL.UTF-8@euro", "pl-PL,pl;q=0.9", "Pl_pl_" + "x" * 300])
def test_the_log_shows_a_locale_as_the_store_wrote_it(harness: Harness, raw: str) -> None:
    harness.happen(an_event(locale=raw))

    drain(harness.worker)

    [row] = harness.log()
    assert (row.automation_id, row.locale) == (102, raw)
    assert harness.log(locale=raw) == [row]


def test_the_same_webhook_again_changes_nothing(harness: Harness) -> None:
    assert harness.happen(an_event(), key="same") is True
    assert harness.happen(an_event(), key="same") is False

    drain(harness.worker)

    assert len(harness.sent()) == 1


def test_another_webhook_about_the_same_happening_is_the_same_event(harness: Harness) -> None:
    harness.happen(an_event(), key="first")
    harness.happen(an_event(), key="second")

    drain(harness.worker)

    assert len(harness.sent()) == 1


@pytest.mark.parametrize("topic", ["themes/publish", ""], ids=["named", "unnamed"])
def test_an_unknown_topic_is_skipped_with_its_reason(harness: Harness, topic: str) -> None:
    harness.tell(topic)

    drain(harness.worker)

    assert harness.store.backlog().webhooks[WebhookState.SKIPPED] == 1
    assert harness.sent() == []


def test_a_translators_skip_closes_the_webhook(harness: Harness) -> None:
    harness.platform.meanings["odd"] = Translation(
        skip=Skip(code=ReasonCode.NO_CONTACT, reason=worded("An import, not a purchase."))
    )
    harness.tell("odd")

    drain(harness.worker)

    assert harness.store.backlog().webhooks[WebhookState.SKIPPED] == 1


@pytest.mark.parametrize("body", [b"not json", b"[]", b"[" * 5000], ids=["text", "list", "deep"])
def test_a_body_that_is_no_object_is_kept_as_failed(harness: Harness, body: bytes) -> None:
    harness.platform.meanings["odd"] = Translation()
    harness.tell("odd", body=body)

    drain(harness.worker)

    assert harness.store.backlog().webhooks[WebhookState.FAILED] == 1


def test_a_hole_in_a_body_is_kept_as_failed(harness: Harness) -> None:
    harness.platform.meanings["odd"] = Unreadable("odd.id: expected text, found null")
    harness.tell("odd")

    drain(harness.worker)

    assert harness.store.backlog().webhooks[WebhookState.FAILED] == 1


def test_an_event_without_a_contact_is_skipped_in_the_log(harness: Harness) -> None:
    harness.happen(an_event(contact=None))

    drain(harness.worker)

    [row] = harness.log()
    assert row.state == "skipped"
    assert row.reason


def test_a_test_order_is_skipped(harness: Harness) -> None:
    harness.happen(an_event(is_test=True))

    drain(harness.worker)

    [row] = harness.log()
    assert (row.state, row.reason) == ("skipped", "This is a test order.")


def test_a_test_order_is_sent_when_the_settings_ask_for_it(harness: Harness) -> None:
    store = a_settings_document()["store"] | {"test_orders": True}
    harness.store.shops.write_settings(harness.shop.id, a_settings_document(store=store), who="test", now=NOON)
    harness.happen(an_event(is_test=True))

    drain(harness.worker)

    assert len(harness.sent()) == 1


def test_a_locale_without_a_flow_is_held_when_the_merchant_chose_so(harness: Harness) -> None:
    document = a_settings_document(no_match={"policy": "hold"})
    harness.store.shops.write_settings(harness.shop.id, document, who="test", now=NOON)
    harness.happen(an_event(locale="fr"))

    drain(harness.worker)

    [row] = harness.log()
    assert row.state == "held"


def test_a_held_event_leaves_after_the_locale_got_its_flow(harness: Harness) -> None:
    document = a_settings_document(no_match={"policy": "hold"})
    harness.store.shops.write_settings(harness.shop.id, document, who="test", now=NOON)
    harness.happen(an_event(locale="fr"))
    drain(harness.worker)
    flows = [*document["flows"], {"locale": "fr", "automation_id": 103, "name": "Français"}]
    harness.store.shops.write_settings(harness.shop.id, document | {"flows": flows}, who="test", now=NOON)

    assert harness.store.log.replay(DeliveryFilter(shop_id=harness.shop.id, state=State.HELD), now=harness.clock()) == 1
    drain(harness.worker)

    assert [body["automation_id"] for body in harness.sent()] == [103]


def test_a_link_too_long_for_sendpulse_is_a_short_one_of_ours_that_leads_there(harness: Harness) -> None:
    address = "https://demo.example/products/" + "kubek-" * 60
    harness.happen(an_event(basket=a_basket(products=(a_product(link=address),))))

    drain(harness.worker)

    [body] = harness.sent()
    start, _, token = body["product_link"].rpartition("/go/")
    assert start.startswith("http")
    assert harness.store.links.resolve(token) == address


# ------------------------------------------------------------------ attempts


def test_a_refused_event_is_given_up_at_once(harness: Harness) -> None:
    harness.sendpulse.answers = [REFUSED]
    harness.happen(an_event())

    drain(harness.worker)

    [row] = harness.log()
    assert (row.state, row.reason, row.fix) == ("failed", "SendPulse refused it.", "Check the event.")


@pytest.mark.parametrize("answer", [BUSY, SILENT], ids=["busy", "silent"])
def test_an_attempt_that_may_succeed_later_is_made_again_on_schedule(harness: Harness, answer: Outcome) -> None:
    harness.sendpulse.answers = [answer]
    harness.happen(an_event())
    drain(harness.worker)
    assert harness.log()[0].state == "waiting"

    harness.clock.move(seconds=4)
    drain(harness.worker)
    assert len(harness.sent()) == 1
    harness.clock.move(seconds=2)
    drain(harness.worker)

    [row] = harness.log()
    assert row.state == "delivered"
    assert [attempt.verdict for attempt in row.attempts] == [answer.verdict.value, "delivered"]


def test_after_the_last_attempt_it_is_failed_and_can_be_sent_again(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY] * 10
    harness.happen(an_event())
    for _ in range(10):
        drain(harness.worker)
        harness.clock.move(hours=12)
    [row] = harness.log()
    assert (row.state, len(row.attempts)) == ("failed", 10)

    assert harness.store.log.replay(DeliveryFilter(shop_id=harness.shop.id, ids=(row.id,)), now=harness.clock()) == 1
    drain(harness.worker)

    assert harness.log()[0].state == "delivered"


def test_the_late_answer_of_a_worker_that_lost_its_lease_changes_nothing(harness: Harness) -> None:
    harness.happen(an_event())
    translate, plan, deliver = harness.worker.translating, harness.worker.planning, harness.worker.delivering
    work_once(translate)
    work_once(plan)
    [stale] = harness.store.deliveries.claim(limit=5, now=harness.clock(), lease=SENDING_LEASE)
    harness.clock.move(seconds=21)
    assert work_once(deliver) == 0  # what the other one left is found, and due again by the schedule
    harness.clock.move(seconds=5)
    assert work_once(deliver) == 1

    assert (
        harness.store.deliveries.finish(
            AttemptResult(claimed=stale, outcome=BUSY, sent_at=harness.clock(), next_at=None), now=harness.clock()
        )
        is False
    )

    [row] = harness.log()
    assert row.state == "delivered"
    assert [attempt.verdict for attempt in row.attempts] == ["uncertain", "delivered"]


# ------------------------------------------------------------------ enrich


def test_a_slow_catalogue_delays_an_event_by_a_minute_at_most(harness: Harness) -> None:
    harness.platform.completions = [TryAgain("The catalogue does not answer.") for _ in range(50)]
    harness.happen(an_event())

    for _ in range(70):
        drain(harness.worker)
        harness.clock.move(seconds=1)

    assert len(harness.sent()) == 1
    assert harness.platform.asked <= 6


def test_a_dead_catalogue_is_left_in_peace_while_many_events_come(harness: Harness) -> None:
    harness.platform.completions = [TryAgain("The catalogue does not answer.") for _ in range(500)]
    for number in range(40):
        basket = a_basket(keys=(f"order:{number}",))
        harness.happen(an_event(object_id=str(number), basket=basket), key=str(number), topic=f"t{number}")

    for _ in range(120):
        drain(harness.worker)
        harness.clock.move(seconds=1)

    assert len(harness.sent()) == 40
    assert harness.platform.asked <= 40


def test_a_catalogue_that_recovers_completes_the_event(harness: Harness) -> None:
    completed = an_event(basket=a_basket(order_number="#completed"))
    harness.platform.completions = [TryAgain("Throttled.", after=timedelta(seconds=3)), completed]
    harness.happen(an_event())

    drain(harness.worker)
    harness.clock.move(seconds=4)
    drain(harness.worker)

    assert [body["order_number"] for body in harness.sent()] == ["#completed"]


# ------------------------------------------------------------------ carts


def test_a_quiet_cart_is_called_abandoned_once(harness: Harness) -> None:
    harness.happen(a_cart(version="1"))
    drain(harness.worker)
    harness.clock.move(minutes=59)
    drain(harness.worker)
    assert harness.sent() == []

    harness.clock.move(minutes=2)
    drain(harness.worker)
    harness.clock.move(days=2)
    drain(harness.worker)

    [body] = harness.sent()
    assert (body["event_name"], body["automation_id"]) == ("cart_abandoned", 202)


def test_each_change_of_the_cart_begins_the_wait_anew(harness: Harness) -> None:
    harness.happen(a_cart(version="1"), key="1")
    drain(harness.worker)
    harness.clock.move(minutes=40)
    harness.happen(a_cart(version="2", happened_at=harness.clock()), key="2")
    drain(harness.worker)

    harness.clock.move(minutes=40)
    drain(harness.worker)
    assert harness.sent() == []
    harness.clock.move(minutes=21)
    drain(harness.worker)

    assert len(harness.sent()) == 1


def test_a_purchase_ends_the_wait(harness: Harness) -> None:
    harness.happen(a_cart(), key="cart")
    drain(harness.worker)
    harness.happen(an_event(kind=EventKind.ORDER_CREATED, happened_at=NOON + timedelta(minutes=5)), key="order")
    drain(harness.worker)

    harness.clock.move(days=1)
    drain(harness.worker)

    assert [row.kind for row in harness.log()] == ["cart_abandoned", "order_created", "cart_updated"]
    assert harness.sent() == []


def test_a_purchase_on_another_device_ends_the_wait_of_its_person(harness: Harness) -> None:
    harness.happen(a_cart(), key="cart")
    drain(harness.worker)
    elsewhere = a_basket(keys=("checkout:other", "order:7"))
    placed_at = NOON + timedelta(minutes=5)
    harness.happen(an_event(object_id="7", basket=elsewhere, happened_at=placed_at, placed_at=placed_at), key="order")
    drain(harness.worker)

    harness.clock.move(days=1)
    drain(harness.worker)

    assert [body["event_name"] for body in harness.sent()] == ["order_paid"]


def test_a_purchase_that_is_told_before_its_cart_leaves_no_wait(harness: Harness) -> None:
    harness.happen(an_event(happened_at=NOON), key="order")
    drain(harness.worker)
    harness.happen(a_cart(happened_at=NOON - timedelta(minutes=1)), key="cart")
    drain(harness.worker)

    harness.clock.move(days=1)
    drain(harness.worker)

    assert [body["event_name"] for body in harness.sent()] == ["order_paid"]


def test_an_order_that_arrives_while_the_reminder_is_prepared_wins(harness: Harness) -> None:
    harness.happen(a_cart(), key="cart")
    drain(harness.worker)
    harness.clock.move(minutes=61)
    harness.platform.completions = [TryAgain("The catalogue does not answer.")]
    drain(harness.worker)
    harness.happen(an_event(kind=EventKind.ORDER_CREATED, happened_at=NOON + timedelta(minutes=30)), key="order")

    drain(harness.worker)
    harness.clock.move(seconds=30)
    drain(harness.worker)

    assert harness.sent() == []
    assert "The buyer ordered before this could be sent." in [row.reason for row in harness.log()]


def test_an_emptied_cart_ends_the_wait(harness: Harness) -> None:
    harness.happen(a_cart(version="1"), key="1")
    drain(harness.worker)
    empty = a_basket(keys=("checkout:c1",), products=(), order_id="")
    harness.happen(a_cart(version="2", basket=empty, happened_at=NOON + timedelta(minutes=1)), key="2")
    drain(harness.worker)

    harness.clock.move(days=1)
    drain(harness.worker)

    assert harness.sent() == []


def test_a_deleted_checkout_ends_the_wait(harness: Harness) -> None:
    harness.happen(a_cart(), key="cart")
    drain(harness.worker)
    harness.platform.meanings["gone"] = Translation(notices=(BasketEnded(keys=("checkout:c1",)),))
    harness.tell("gone", key="gone")
    drain(harness.worker)

    harness.clock.move(days=1)
    drain(harness.worker)

    assert harness.sent() == []


def test_a_cart_of_nobody_is_not_waited_for(harness: Harness) -> None:
    harness.happen(a_cart(contact=None))

    drain(harness.worker)
    harness.clock.move(days=1)
    drain(harness.worker)

    assert [row.kind for row in harness.log()] == ["cart_updated"]


def test_without_a_route_for_abandoned_carts_nothing_waits(harness: Harness) -> None:
    events = {"order_paid": a_settings_document()["events"]["order_paid"]}
    harness.store.shops.write_settings(harness.shop.id, a_settings_document(events=events), who="test", now=NOON)
    harness.happen(a_cart())

    drain(harness.worker)
    harness.clock.move(days=1)
    drain(harness.worker)

    assert [row.kind for row in harness.log()] == ["cart_updated"]


def test_a_customer_event_has_no_cart_to_wait_for(harness: Harness) -> None:
    harness.happen(an_event(kind=EventKind.CUSTOMER_CREATED, basket=None))

    drain(harness.worker)

    assert [row.state for row in harness.log()] == ["skipped"]


# ------------------------------------------------------------------ a worker that keeps failing


def test_a_webhook_that_stops_the_worker_again_and_again_is_put_aside(harness: Harness) -> None:
    harness.platform.meanings["bug"] = RuntimeError("a bug")
    harness.tell("bug")
    translate = harness.worker.translating
    for _ in range(MOST_TRIES):
        with pytest.raises(RuntimeError):
            work_once(translate)
        harness.clock.move(seconds=31)

    drain(harness.worker)

    assert harness.store.backlog().webhooks[WebhookState.FAILED] == 1


def test_an_event_that_stops_the_worker_again_and_again_is_put_aside(harness: Harness) -> None:
    harness.platform.completions = [RuntimeError("a bug")] * MOST_TRIES
    harness.happen(an_event())
    translate, plan = harness.worker.translating, harness.worker.planning
    work_once(translate)
    for _ in range(MOST_TRIES):
        with pytest.raises(RuntimeError):
            work_once(plan)
        harness.clock.move(seconds=31)

    drain(harness.worker)

    assert harness.log()[0].state == "skipped"


def test_a_person_is_known_by_both_addresses() -> None:
    assert person_keys(a_contact(phone="+48601000000")) == ("person:jan@example.com", "person:+48601000000")
    assert person_keys(None) == ()


def test_an_order_without_a_language_has_that_of_the_rule_for_its_country(harness: Harness) -> None:
    document = a_settings_document(rules=[{"country": "PL", "locale": "pl"}])
    harness.store.shops.write_settings(harness.shop.id, document, who="test", now=NOON)
    harness.happen(an_event(locale="", basket=a_basket(country="PL")))

    drain(harness.worker)

    [body] = harness.sent()
    assert (body["automation_id"], body["locale"], body["total_text"]) == (102, "pl", "19,99\xa0zł")
    [row] = harness.log()
    assert (row.locale, row.rule) == ("pl", 'language pl by your rule for country Poland (PL) → your flow "pl" (Polski)')
    [past] = harness.store.events.past(harness.shop.id)
    assert (past.event.locale.raw, past.event.locale.origin) == ("pl", "country")
    [asked] = harness.platform.completing
    assert asked.locale.raw == "pl"  # what the catalogue knows of its products is looked up in the rule's language
