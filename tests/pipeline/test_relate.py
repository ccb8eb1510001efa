"""What was told of the same thing before decides what an event may still say: both databases, a clock that is moved."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.event import Buyer, BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import DeliveryFilter
from plugin.sendpulse.body import Body, bodies
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.pipeline.conftest import Harness
from tests.support.builders import EVENT_URL, NOON, a_basket, a_cart, a_contact, a_product, a_settings_document, an_event
from tests.support.working import drain, prepare


@pytest.fixture
def everything(harness: Harness) -> Harness:
    """Every kind is switched on."""
    route = {"enabled": True, "send": "json", "event_url": EVENT_URL}
    write_settings(harness, events={kind.value: route for kind in EventKind})
    return harness


def write_settings(harness: Harness, **changed: Any) -> None:
    harness.store.shops.write_settings(harness.shop.id, a_settings_document(**changed), who="test", now=NOON)


def placed(**changed: Any) -> StoreEvent:
    return an_event(kind=EventKind.ORDER_CREATED, placed_at=NOON, **changed)


def later(kind: EventKind = EventKind.ORDER_PAID, **changed: Any) -> StoreEvent:
    """Something that happens to the order after it was placed."""
    return an_event(kind=kind, awaits=(EventKind.ORDER_CREATED,), **changed).after(NOON)


def work(harness: Harness, *, seconds: int = 3) -> None:
    """Do what comes due within these seconds."""
    for _ in range(seconds):
        drain(harness.worker)
        harness.clock.move(seconds=1)


def sent_kinds(harness: Harness) -> list[str]:
    return [body["event_name"] for body in harness.sent()]


def codes(harness: Harness) -> list[tuple[str, str]]:
    return [(row.kind.value, row.reason_code) for row in harness.log() if row.state == "skipped"]


# ------------------------------------------------------------------ the purchase leaves first


def test_a_payment_waits_for_its_order(everything: Harness) -> None:
    everything.happen(later(), key="paid")
    drain(everything.worker)
    assert everything.sent() == []

    everything.clock.move(seconds=5)
    everything.happen(placed(), key="created")
    work(everything)

    assert sent_kinds(everything) == ["order_created", "order_paid"]


def test_it_waits_for_half_a_minute_and_no_longer(everything: Harness) -> None:
    everything.happen(later(), key="paid")
    drain(everything.worker)
    for _ in range(29):
        everything.clock.move(seconds=1)
        drain(everything.worker)
        assert everything.sent() == []

    everything.clock.move(seconds=1)
    drain(everything.worker)

    assert sent_kinds(everything) == ["order_paid"]


def test_it_does_not_wait_for_what_is_switched_off(harness: Harness) -> None:
    harness.happen(later(), key="paid")

    drain(harness.worker)

    assert sent_kinds(harness) == ["order_paid"]


def test_it_does_not_wait_for_an_order_of_before(everything: Harness) -> None:
    everything.clock.move(minutes=11)
    everything.happen(later(), key="paid")

    drain(everything.worker)

    assert sent_kinds(everything) == ["order_paid"]


def test_it_does_not_wait_for_an_order_that_was_told(everything: Harness) -> None:
    everything.happen(placed(), key="created")
    drain(everything.worker)
    everything.happen(later(), key="paid")

    prepare(everything.worker)

    assert [row.kind for row in everything.log(state=None)] == [EventKind.ORDER_PAID, EventKind.ORDER_CREATED]


# ------------------------------------------------------------------ a parcel nobody is to hear of


def parcel(**changed: Any) -> StoreEvent:
    fields: dict[str, Any] = {"version": "p1", "parcel": "p1", "no_letter": ReasonCode.NOT_NOTIFIED}
    return later(EventKind.ORDER_PARTIALLY_FULFILLED, **(fields | changed))


def whole(**changed: Any) -> StoreEvent:
    event = later(EventKind.ORDER_FULFILLED, **changed)
    return replace(event, awaits=(EventKind.ORDER_CREATED, EventKind.ORDER_PARTIALLY_FULFILLED))


@pytest.mark.parametrize("is_listed", [True, False], ids=["its parcel is listed", "no parcel is listed"])
@pytest.mark.parametrize("is_first", [True, False], ids=["parcel first", "order first"])
def test_an_order_sent_without_notice_is_told_nobody(everything: Harness, *, is_first: bool, is_listed: bool) -> None:
    everything.happen(placed(), key="created")
    drain(everything.worker)
    webhooks = [parcel(), whole(parcel="p1" if is_listed else "")]
    for number, event in enumerate(webhooks if is_first else reversed(webhooks)):
        everything.happen(event, key=f"sent{number}")
        work(everything)

    assert sent_kinds(everything) == ["order_created"]
    assert sorted(codes(everything)) == [("order_fulfilled", "not_notified"), ("order_partially_fulfilled", "not_notified")]


def test_an_earlier_parcel_without_notice_does_not_silence_the_last(everything: Harness) -> None:
    last = parcel(version="p2", parcel="p2", no_letter=ReasonCode.TOLD_ELSEWHERE)
    everything.happen(placed(), parcel(), last, whole(parcel="p2", version="p2"))
    work(everything)

    assert sent_kinds(everything) == ["order_created", "order_fulfilled"]


# ------------------------------------------------------------------ what a refund gave


def refund(so_far: str, *, version: str, **changed: Any) -> StoreEvent:
    gone, whole = (Money(amount=Decimal(amount), currency="PLN") for amount in (so_far, "168.90"))
    basket = a_basket(total=None, order_total=whole, refunded=gone)
    event = an_event(kind=EventKind.ORDER_REFUNDED, version=version, basket=basket, **changed)
    return replace(event, happened_at=NOON + timedelta(seconds=int(version)))


@pytest.mark.parametrize(
    ("so_far", "told"),
    [
        (("39.90", "168.90"), ["39.90", "129.00"]),
        (("3.00", "3.00"), ["3.00"]),
        (("168.90", "39.90"), ["168.90"]),
        (("10", "20", "20", "30"), ["10.00", "10.00", "10.00"]),
        (("0",), []),
    ],
    ids=["one after the other", "in a blink", "turned round", "the last one twice", "nothing"],
)
def test_a_refund_tells_what_it_gave(everything: Harness, so_far: tuple[str, ...], told: list[str]) -> None:
    for number, amount in enumerate(so_far):
        everything.happen(refund(amount, version=str(number)), key=f"refund{number}")
        drain(everything.worker)
        everything.clock.move(seconds=1)

    assert [body["total"] for body in everything.sent()] == told
    assert {body["order_total"] for body in everything.sent()} <= {"168.90"}
    assert codes(everything) == [("order_refunded", "no_money_moved")] * (len(so_far) - len(told))


def test_two_refunds_at_once_add_up(everything: Harness) -> None:
    everything.happen(refund("39.90", version="0"), refund("168.90", version="1"))

    for _ in range(3):
        drain(everything.worker)
        everything.clock.move(seconds=1)

    assert sorted(Decimal(body["total"]) for body in everything.sent()) == [Decimal("39.90"), Decimal("129.00")]


def test_a_refund_told_while_another_is_planned_is_counted(everything: Harness, settings: Settings) -> None:
    others = [refund("39.90", version="0")]

    def write_bodies(event: StoreEvent, *given: Any, **named: Any) -> tuple[Body, ...]:
        """While the bodies of one refund are written, another worker tells the refund before it."""
        if others:
            everything.happen(others.pop(), key="the one before")
            prepare(everything.worker)
        return bodies(event, *given, **named)

    slow = Services(
        settings=settings, store=everything.store, platforms={"fake": everything.platform}, post=everything.sendpulse,
        write_bodies=write_bodies, short_link=short_links(everything.store, settings),
    )  # fmt: skip
    everything.happen(refund("168.90", version="1"), key="the last one", topic="another")

    prepare(Worker(slow, now=everything.clock, sleep=everything.clock.sleep))
    work(everything)

    assert sorted(Decimal(body["total"]) for body in everything.sent()) == [Decimal("39.90"), Decimal("129.00")]


def test_a_refund_whose_order_is_looked_up_waits_for_it(everything: Harness) -> None:
    told = later(EventKind.ORDER_REFUNDED, version="1")
    everything.platform.completions = [told, placed(), told]
    everything.happen(replace(told, placed_at=None, wants="order:1001"), key="refund")
    drain(everything.worker)
    assert everything.sent() == []

    everything.happen(placed(), key="created", topic="another")
    work(everything)

    assert sent_kinds(everything) == ["order_created", "order_refunded"]


def test_a_refund_of_a_sale_of_long_ago_waits_for_nothing(everything: Harness) -> None:
    told = later(EventKind.ORDER_REFUNDED, version="1")
    everything.platform.completions = [replace(told, no_letter=ReasonCode.IMPORTED)]
    everything.happen(replace(told, placed_at=None, wants="order:1001"))

    drain(everything.worker)

    assert codes(everything) == [("order_refunded", "imported")]


def test_a_refund_sent_again_says_the_same(everything: Harness) -> None:
    everything.happen(refund("10", version="0"), key="first")
    drain(everything.worker)
    everything.happen(refund("30", version="1"), key="second")
    everything.clock.move(seconds=1)
    drain(everything.worker)

    [first] = [row for row in everything.log() if row.happened_at == NOON]
    everything.store.log.replay(filter_of(everything, first.id), now=everything.clock())
    everything.clock.move(seconds=1)
    drain(everything.worker)

    assert [body["total"] for body in everything.sent()] == ["10.00", "20.00", "10.00"]


def filter_of(harness: Harness, delivery_id: int) -> DeliveryFilter:
    return DeliveryFilter(shop_id=harness.shop.id, ids=(delivery_id,))


# ------------------------------------------------------------------ a state that changed nothing


def cart(number: int, **changed: Any) -> StoreEvent:
    return a_cart(version=str(number), happened_at=NOON + timedelta(seconds=number), **changed)


def test_a_cart_that_says_what_was_said_last_is_not_sent(everything: Harness) -> None:
    begun = replace(cart(0), kind=EventKind.CHECKOUT_STARTED, version="")
    dearer = a_basket(keys=("checkout:c1",), order_id="", products=(a_product(quantity=2),))
    looked_up = a_basket(keys=("checkout:c1",), order_id="", products=(a_product(image=""),))
    for number, event in enumerate([begun, cart(1), cart(2, basket=dearer), cart(3, basket=looked_up), cart(4)]):
        everything.happen(event, key=f"cart{number}")
        drain(everything.worker)
        everything.clock.move(seconds=1)

    assert [(body["event_name"], body["quantity"]) for body in everything.sent()] == [
        ("checkout_started", 1),
        ("cart_updated", 2),
        ("cart_updated", 1),
    ]
    assert codes(everything) == [("cart_updated", "unchanged")] * 2


def test_a_customer_who_only_got_a_tag_is_not_told_again(everything: Harness) -> None:
    def told(number: int, **changed: Any) -> StoreEvent:
        fields = {"object_id": "7", "basket": None, "version": str(number), "happened_at": NOON + timedelta(seconds=number)}
        return an_event(kind=EventKind.CUSTOMER_UPDATED, **(fields | changed))

    for number, event in enumerate([told(0), told(1), told(2), told(3, contact=a_contact(first_name="Janina"))]):
        everything.happen(event, key=f"customer{number}")
        drain(everything.worker)
        everything.clock.move(seconds=1)

    assert [body["first_name"] for body in everything.sent()] == ["Jan", "Janina"]


# ------------------------------------------------------------------ no letter, whatever the settings


def test_a_sale_of_long_ago_is_skipped_unless_asked_for(everything: Harness) -> None:
    everything.happen(placed(no_letter=ReasonCode.IMPORTED), key="old")
    drain(everything.worker)
    assert codes(everything) == [("order_created", "imported")]

    write_settings(everything, store=a_settings_document()["store"] | {"old_orders": True},
             events={"order_created": {"enabled": True, "send": "json", "event_url": EVENT_URL}})  # fmt: skip
    everything.happen(placed(object_id="1002", no_letter=ReasonCode.IMPORTED), key="another")
    everything.clock.move(seconds=1)
    drain(everything.worker)

    assert sent_kinds(everything) == ["order_created"]


@pytest.fixture
def telling_old_sales(harness: Harness) -> Harness:
    route = {"enabled": True, "send": "json", "event_url": EVENT_URL}
    store = a_settings_document()["store"] | {"old_orders": True}
    write_settings(harness, events={kind.value: route for kind in EventKind}, store=store)
    return harness


OLD: dict[str, Any] = {"no_letter": ReasonCode.IMPORTED}


def test_a_payment_of_an_old_sale_waits_for_its_order(telling_old_sales: Harness) -> None:
    telling_old_sales.happen(later(**OLD), key="paid")
    work(telling_old_sales)
    telling_old_sales.happen(placed(**OLD), key="created")
    work(telling_old_sales)

    assert sent_kinds(telling_old_sales) == ["order_created", "order_paid"]


def test_a_refund_of_an_old_sale_tells_what_it_gave(telling_old_sales: Harness) -> None:
    for number, so_far in enumerate(("10", "30")):
        telling_old_sales.happen(refund(so_far, version=str(number), **OLD), key=f"refund{number}")
        work(telling_old_sales)

    assert [body["total"] for body in telling_old_sales.sent()] == ["10.00", "20.00"]


def test_an_old_sale_sent_without_notice_is_told_nobody(telling_old_sales: Harness) -> None:
    telling_old_sales.happen(placed(**OLD), parcel(), whole(parcel="p1", **OLD))
    work(telling_old_sales)

    assert sent_kinds(telling_old_sales) == ["order_created"]
    assert ("order_fulfilled", "not_notified") in codes(telling_old_sales)


# ------------------------------------------------------------------ a buyer who was missing


def known_buyer() -> Buyer:
    contact = a_contact(email="ewa@example.com")
    return Buyer(
        order_id="1001", contact=contact, person=("person:ewa@example.com",),
        locale=BuyerLocale(raw="pl", origin=LocaleOrigin.ORDER),
    )  # fmt: skip


def name_the_buyer(harness: Harness, key: str = "named") -> None:
    harness.platform.meanings["updated"] = Translation(buyer=known_buyer())
    harness.tell("updated", key=key)


@pytest.mark.parametrize("is_planned", [True, False], ids=["after it was skipped", "before it was looked at"])
def test_an_order_skipped_for_want_of_an_address_is_completed(everything: Harness, *, is_planned: bool) -> None:
    everything.happen(placed(contact=None, locale="en"), key="created")
    if is_planned:
        drain(everything.worker)
        [row] = everything.log()
        assert row.reason_code == "no_contact"
        assert "48 hours" in row.reason
    everything.clock.move(hours=47)
    name_the_buyer(everything)

    drain(everything.worker)

    [body] = everything.sent()
    assert (body["event_name"], body["email"], body["automation_id"]) == ("order_created", "ewa@example.com", 102)
    [row] = everything.log()
    assert row.state == "delivered"


def test_after_two_days_nobody_is_told_of_it(everything: Harness) -> None:
    everything.happen(placed(contact=None), key="created")
    drain(everything.worker)
    everything.clock.move(hours=49)
    name_the_buyer(everything)

    drain(everything.worker)

    assert everything.sent() == []


def test_a_buyer_changes_nothing_of_what_was_told(everything: Harness) -> None:
    everything.happen(placed(), key="created")
    drain(everything.worker)
    name_the_buyer(everything)

    drain(everything.worker)

    assert [body["email"] for body in everything.sent()] == ["jan@example.com"]


def test_a_buyer_known_late_is_reminded_of_no_cart(everything: Harness) -> None:
    waiting = a_cart(
        object_id="c9", basket=a_basket(keys=("checkout:c9",), order_id=""), contact=a_contact(email="ewa@example.com"),
        happened_at=NOON - timedelta(minutes=1),
    )  # fmt: skip
    everything.happen(waiting, key="cart")
    everything.happen(placed(contact=None), key="created")
    drain(everything.worker)
    name_the_buyer(everything)
    drain(everything.worker)
    everything.clock.move(hours=3)

    drain(everything.worker)

    assert "cart_abandoned" not in sent_kinds(everything)


# ------------------------------------------------------------------ a storefront's cart


def test_a_storefront_cart_moves_the_wait_and_begins_none(everything: Harness) -> None:
    checkout = a_cart(basket=a_basket(keys=("checkout:c1", "cart:t1"), order_id=""))
    everything.happen(checkout, key="checkout")
    drain(everything.worker)
    everything.clock.move(minutes=50)
    storefront = a_cart(
        object_id="t1", contact=None, basket=a_basket(keys=("cart:t1",), order_id=""), happened_at=everything.clock()
    )
    other = replace(storefront, object_id="t2", basket=a_basket(keys=("cart:t2",), order_id=""))
    everything.happen(storefront, other, key="storefront")
    drain(everything.worker)
    everything.clock.move(minutes=20)
    drain(everything.worker)
    assert "cart_abandoned" not in sent_kinds(everything)

    everything.clock.move(minutes=45)
    drain(everything.worker)

    assert sent_kinds(everything).count("cart_abandoned") == 1


def test_nobody_is_asked_about_what_is_no_letter(everything: Harness) -> None:
    everything.happen(placed(no_letter=ReasonCode.IMPORTED, wants="products"), placed(object_id="2", is_test=True))

    drain(everything.worker)

    assert everything.platform.asked == 0
    assert sorted(codes(everything)) == [("order_created", "imported"), ("order_created", "test_order")]
