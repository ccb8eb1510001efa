"""Orders and their parcels: when something happened, of what, and why it may be no occasion for a letter."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.reason_codes import ReasonCode
from plugin.platforms.saleor.ids import global_id
from tests.support.platforms.saleor.bodies import a_sample, a_translation, an_order

PLACED = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
ORDER_TOPICS = {
    "order_created": "order_created",
    "order_fully_paid": "order_paid",
    "order_fulfilled": "order_fulfilled",
    "order_cancelled": "order_cancelled",
    "order_refunded": "order_refunded",
    "fulfillment_created": "order_partially_fulfilled",
}
TOLD_AGAIN = [(topic, sample) for topic, sample in ORDER_TOPICS.items() if topic != "order_created"]


@pytest.mark.parametrize(("topic", "sample"), ORDER_TOPICS.items())
@pytest.mark.parametrize(("origin", "reason"), [("REISSUE", ReasonCode.REPLACEMENT), ("BULK_CREATE", ReasonCode.IMPORTED)])
def test_what_nobody_bought_today_is_no_letter(topic: str, sample: str, origin: str, reason: ReasonCode) -> None:
    assert an_order(topic, sample, origin=origin).no_letter is reason


@pytest.mark.parametrize(("topic", "sample"), ORDER_TOPICS.items())
def test_a_draft_does_not_use_up_the_key_of_its_order(topic: str, sample: str) -> None:
    translation = a_translation(topic, sample, order={**a_sample(sample)["order"], "status": "DRAFT"})

    assert translation.events == ()
    assert translation.skip
    assert translation.skip.code is ReasonCode.DRAFT
    assert translation.skip.kind


@pytest.mark.parametrize(("topic", "sample"), TOLD_AGAIN)
def test_what_happens_to_an_order_waits_for_it(topic: str, sample: str) -> None:
    event = an_order(topic, sample)

    assert EventKind.ORDER_CREATED in event.awaits
    assert (EventKind.ORDER_PARTIALLY_FULFILLED in event.awaits) == (topic == "order_fulfilled")
    assert an_order().awaits == ()


# ------------------------------------------------------------------ when


@pytest.mark.parametrize(("topic", "sample"), TOLD_AGAIN)
def test_nothing_happens_to_an_order_before_it_is_placed(topic: str, sample: str) -> None:
    later = datetime(2026, 4, 1, tzinfo=UTC)

    event = an_order(topic, sample, created=later.isoformat())

    assert event.placed_at == later < event.happened_at


def test_an_order_is_as_old_as_the_order_itself() -> None:
    event = an_order(created=PLACED.isoformat())

    assert event.happened_at == event.placed_at == PLACED


@pytest.mark.parametrize(("topic", "sample"), [("order_fully_paid", "order_paid"), ("order_cancelled", "order_cancelled")])
@pytest.mark.parametrize(
    ("updated", "issued", "happened"),
    [
        ("23:00", "23:58", "23:00"), ("23:58", "23:00", "23:00"), ("", "23:00", "22:30"), ("23:00", "", "23:00"),
        ("", "", "22:30"),
    ],
)  # fmt: skip
def test_a_state_is_no_younger_than_its_order_nor_than_the_body(
    topic: str, sample: str, updated: str, issued: str, happened: str
) -> None:
    order = {**a_sample(sample)["order"], "created": PLACED.isoformat(), "updatedAt": _clock(updated), "transactions": None}

    (event,) = a_translation(topic, sample, order=order, issuedAt=_clock(issued)).events

    assert event.happened_at - datetime.fromisoformat(_clock(happened)) <= timedelta(microseconds=1)


def _clock(time: str) -> str:
    return f"2026-03-01T{time}:00+00:00" if time else ""


def test_a_payment_is_as_old_as_the_last_charge() -> None:
    events = [
        {"type": "CHARGE_SUCCESS", "createdAt": _clock("22:40")},
        {"type": "CHARGE_SUCCESS", "createdAt": _clock("22:50")},
        {"type": "REFUND_SUCCESS", "createdAt": _clock("22:55")},
        {"type": "CHARGE_SUCCESS", "createdAt": "soon"},
    ]

    event = an_order("order_fully_paid", "order_paid", created=PLACED.isoformat(), transactions=[{"events": events}, None, {}])

    assert event.happened_at == datetime.fromisoformat(_clock("22:50"))


def test_a_refund_is_as_old_as_the_money_that_went_back() -> None:
    events = [{"type": "REFUND_SUCCESS", "createdAt": _clock("22:50")}]

    event = an_order("order_refunded", "order_refunded", created=PLACED.isoformat(), transactions=[{"events": events}])

    assert event.happened_at == datetime.fromisoformat(_clock("22:50"))


def test_a_refund_of_an_older_query_is_as_old_as_its_body() -> None:
    event = an_order("order_refunded", "order_refunded", transactions=None)

    assert event.happened_at == datetime.fromisoformat(a_sample("order_refunded")["issuedAt"])


# ------------------------------------------------------------------ parcels


def a_parcel(**changed: Any) -> dict[str, Any]:
    return {**a_sample("order_partially_fulfilled")["fulfillment"], **changed}


def lines_of(order: dict[str, Any], *quantities: int) -> list[dict[str, Any]]:
    return [{"quantity": each, "orderLine": line} for each, line in zip(quantities, order["lines"], strict=False)]


def test_a_parcel_speaks_of_its_own_lines() -> None:
    order = a_sample("order_partially_fulfilled")["order"]
    parcel = a_parcel(lines=[*lines_of(order, 5), {"quantity": 1, "orderLine": None}, None])

    (event,) = a_translation("fulfillment_created", "order_partially_fulfilled", fulfillment=parcel).events

    (product,) = event.products
    assert (product.quantity, product.line_total) == (5, None)
    assert product.price


def test_all_pieces_of_a_line_cost_in_a_parcel_what_the_line_costs() -> None:
    """A third of 82.70 is no price of a piece: three times 27.57 are 82.71."""
    prices = {name: {"gross": {"amount": Decimal(text)}} for name, text in (("unitPrice", "27.57"), ("totalPrice", "82.70"))}
    line = {**a_sample("order_partially_fulfilled")["order"]["lines"][0], "quantity": 3, **prices}
    parcel = a_parcel(lines=[{"quantity": 3, "orderLine": line}])

    (event,) = a_translation("fulfillment_created", "order_partially_fulfilled", fulfillment=parcel).events

    (product,) = event.products
    assert product.line_total == Money(amount=Decimal("82.70"), currency="EUR")


@pytest.mark.parametrize("lines", [None, [], [{"quantity": 1, "orderLine": None}], "two"], ids=str)
def test_a_parcel_that_does_not_list_its_lines_speaks_of_all(lines: Any) -> None:
    (event,) = a_translation("fulfillment_created", "order_partially_fulfilled", fulfillment=a_parcel(lines=lines)).events

    assert len(event.products) == len(a_sample("order_partially_fulfilled")["order"]["lines"])


def test_two_parcels_of_an_order_are_two_events() -> None:
    first, second = (
        a_translation("fulfillment_created", "order_partially_fulfilled", fulfillment=a_parcel(id=id)).events[0]
        for id in ("RnVsZmlsbG1lbnQ6MQ==", "RnVsZmlsbG1lbnQ6Mg==")
    )

    assert (first.version, second.version) == (first.parcel, second.parcel) == ("1", "2")


@pytest.mark.parametrize(
    ("notify", "status", "reason"),
    [
        (True, "PARTIALLY_FULFILLED", None),
        (None, "PARTIALLY_FULFILLED", None),
        (False, "PARTIALLY_FULFILLED", ReasonCode.NOT_NOTIFIED),
        (True, "FULFILLED", ReasonCode.TOLD_ELSEWHERE),
        (False, "FULFILLED", ReasonCode.NOT_NOTIFIED),
    ],
)
def test_why_a_parcel_is_no_letter(notify: object, status: str, reason: ReasonCode | None) -> None:
    order = {**a_sample("order_partially_fulfilled")["order"], "status": status}

    (event,) = a_translation("fulfillment_created", "order_partially_fulfilled", order=order, notifyCustomer=notify).events

    assert event.no_letter is reason


def test_an_imported_parcel_without_notice_is_not_sent_with_old_orders() -> None:
    order = {**a_sample("order_partially_fulfilled")["order"], "origin": "BULK_CREATE"}

    (event,) = a_translation("fulfillment_created", "order_partially_fulfilled", order=order, notifyCustomer=False).events

    assert event.no_letter is ReasonCode.NOT_NOTIFIED


@pytest.mark.parametrize("status", ["WAITING_FOR_APPROVAL", "CANCELED"])
def test_a_parcel_that_did_not_leave_is_not_told(status: str) -> None:
    translation = a_translation("fulfillment_created", "order_partially_fulfilled", fulfillment=a_parcel(status=status))

    assert translation.events == ()
    assert translation.skip


def test_a_parcel_leaves_when_it_is_approved() -> None:
    created, approved = _clock("22:40"), _clock("23:40")
    parcel, order = a_parcel(created=created), {**a_sample("order_partially_fulfilled")["order"], "created": _clock("22:30")}

    (sent,) = a_translation("fulfillment_created", "order_partially_fulfilled", fulfillment=parcel, order=order).events
    (let,) = a_translation(
        "fulfillment_approved", "order_partially_fulfilled__approved", fulfillment=parcel, order=order, issuedAt=approved
    ).events

    assert (sent.happened_at, let.happened_at) == (datetime.fromisoformat(created), datetime.fromisoformat(approved))


# ------------------------------------------------------------------ the whole order


def fulfilments(*found: tuple[int, str, str]) -> list[dict[str, Any]]:
    return [{"id": global_id("Fulfillment", str(n)), "status": status, "created": _clock(at)} for n, status, at in found]


@pytest.mark.parametrize(
    ("found", "version"),
    [
        (fulfilments((1, "FULFILLED", "22:40"), (2, "FULFILLED", "22:50")), "2"),
        (fulfilments((9, "FULFILLED", "22:40"), (10, "FULFILLED", "22:40")), "10"),
        (fulfilments((1, "CANCELED", "22:40"), (2, "FULFILLED", "22:50"), (3, "CANCELED", "22:55")), "2"),
        (fulfilments((1, "FULFILLED", "22:40"), (2, "RETURNED", "22:50")), "1"),
        (fulfilments((1, "REFUNDED", "22:40"), (2, "WAITING_FOR_APPROVAL", "22:50")), "1"),
        (fulfilments((1, "CANCELED", "22:40")), ""),
        ([], ""),
        (None, ""),
        ([{"id": None, "status": 5, "created": 7}], ""),
    ],
)
def test_an_order_sent_completely_names_the_parcel_that_completed_it(found: Any, version: str) -> None:
    event = an_order("order_fulfilled", "order_fulfilled", fulfillments=found)

    assert (event.version, event.parcel) == (version, version)


def test_an_order_is_sent_completely_when_its_last_parcel_is() -> None:
    event = an_order(
        "order_fulfilled",
        "order_fulfilled",
        created=PLACED.isoformat(),
        fulfillments=fulfilments((1, "FULFILLED", "22:40"), (2, "FULFILLED", "22:50")),
    )

    assert event.happened_at == datetime.fromisoformat(_clock("22:50"))


# ------------------------------------------------------------------ lines


def test_a_line_with_a_negative_price_is_no_product() -> None:
    lines = a_sample("order_created")["order"]["lines"]
    gift = {**lines[0], "isGift": True, "unitPrice": {"gross": {"amount": Decimal("-10.1"), "currency": "USD"}}}

    assert an_order(lines=[*lines, gift]).products == an_order(lines=lines).products
