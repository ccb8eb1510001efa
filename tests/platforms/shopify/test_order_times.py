"""When things happened to an order, and which sales are of long ago."""

from datetime import datetime, timedelta

import pytest

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from tests.platforms.shopify.test_complete import BOTH, completed
from tests.platforms.shopify.test_complete_people import ORDER
from tests.support.platforms.shopify.admin import data
from tests.support.platforms.shopify.given import meaning, the_event

SALE = "2026-11-23T10:05:06+01:00"
LATER = ("orders/paid", "orders/partially_fulfilled", "orders/fulfilled", "orders/cancelled")


def told(topic: str, **changed: object) -> StoreEvent:
    return the_event(topic, "order_created", **({"created_at": SALE, "processed_at": SALE, "updated_at": SALE} | changed))


@pytest.mark.parametrize("topic", LATER)
@pytest.mark.parametrize("sold", [SALE, "2026-11-23T10:05:07+01:00", "2026-11-23T10:05:05+01:00", None])
def test_nothing_is_as_old_as_the_order_itself(topic: str, sold: str | None) -> None:
    first, later = told("orders/create", processed_at=sold), told(topic, processed_at=sold)

    assert later.happened_at > first.happened_at
    assert (first.awaits, later.awaits) == ((), (EventKind.ORDER_CREATED,))
    assert first.placed_at == later.placed_at == datetime.fromisoformat(SALE)


def test_an_order_happened_when_it_was_sold() -> None:
    event = told("orders/create", processed_at="2026-11-22T09:00:00+01:00")

    assert event.happened_at == datetime.fromisoformat("2026-11-22T09:00:00+01:00")
    assert event.no_letter is None


@pytest.mark.parametrize("topic", ["orders/create", *LATER])
@pytest.mark.parametrize(
    ("hours", "reason"), [(47, None), (48, None), (49, ReasonCode.IMPORTED), (20_000, ReasonCode.IMPORTED), (-1, None)]
)
def test_a_sale_of_long_ago_is_no_occasion(topic: str, hours: int, reason: ReasonCode | None) -> None:
    sold = datetime.fromisoformat(SALE) - timedelta(hours=hours)

    assert told(topic, processed_at=sold.isoformat()).no_letter is reason


def test_an_old_sale_brought_in_paid_was_paid_when_it_was_sold() -> None:
    sold = "2023-03-11T14:00:00+01:00"
    brought_in = told("orders/paid", processed_at=sold, updated_at="2026-11-23T10:05:09+01:00")
    paid_since = told("orders/paid", processed_at=sold, updated_at="2026-11-25T10:00:00+01:00")

    assert brought_in.happened_at.date() == datetime.fromisoformat(sold).date()
    assert paid_since.happened_at == datetime.fromisoformat("2026-11-25T10:00:00+01:00")


def test_a_shipment_happened_when_its_parcel_was_made() -> None:
    parcels = [{"id": 7, "status": "success", "created_at": "2026-11-24T09:00:00+01:00"}]

    event = told("orders/fulfilled", fulfillments=parcels, updated_at="2026-11-27T09:00:00+01:00")

    assert event.happened_at == datetime.fromisoformat("2026-11-24T09:00:00+01:00")


def test_a_refund_learns_from_its_order_when_it_was_placed() -> None:
    order = ORDER | {"created_at": SALE, "processed_at": "2026-11-26T11:38:34+01:00"}

    event, _ = completed(the_event("refunds/create", "order_refunded"), data({"order": order}), BOTH)

    assert event.placed_at == datetime.fromisoformat(SALE)
    assert event.happened_at == datetime.fromisoformat("2026-11-26T11:38:34.000001+01:00")
    assert (event.no_letter, event.awaits) == (None, (EventKind.ORDER_CREATED,))


def test_a_refund_of_an_old_sale_is_no_occasion_either() -> None:
    order = ORDER | {"created_at": SALE, "processed_at": "2023-03-11T14:00:00+01:00"}

    event, _ = completed(the_event("refunds/create", "order_refunded"), data({"order": order}), BOTH)

    assert event.no_letter is ReasonCode.IMPORTED


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", *LATER])
def test_whatever_is_told_of_an_order_names_its_buyer(topic: str) -> None:
    buyer = meaning(topic, "order_created").buyer

    assert buyer
    assert (buyer.order_id, buyer.contact.email, buyer.locale.raw) == ("5001000000001", "zofia@example.com", "pl-PL")
    assert (buyer.person[0], buyer.wants) == ("customer:7001000000001", "products consent:7001000000001 history:7001000000001")


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated"])
def test_an_order_without_an_address_names_no_buyer(topic: str) -> None:
    assert meaning(topic, "order_created__custom_item_nobody").buyer is None
