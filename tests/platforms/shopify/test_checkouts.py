"""When a checkout begins, changes, or is none that anybody abandons."""

from datetime import timedelta
from typing import Any

import pytest

from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from tests.support.platforms.shopify.given import meaning, the_event

NOBODY: dict[str, Any] = dict.fromkeys(("email", "phone", "customer", "shipping_address", "billing_address"))


def kinds(topic: str, **changed: Any) -> list[tuple[EventKind, str]]:
    return [(event.kind, event.version) for event in meaning(topic, "cart_updated", **changed).events]


VERSION = "2026-11-23T09:09:31+00:00"


def test_a_checkout_begins_with_the_first_body_that_has_an_address() -> None:
    assert kinds("checkouts/create", **NOBODY) == [(EventKind.CHECKOUT_STARTED, "no-contact")]
    assert kinds("checkouts/create") == [(EventKind.CHECKOUT_STARTED, "")]
    assert kinds("checkouts/update") == [(EventKind.CHECKOUT_STARTED, ""), (EventKind.CART_UPDATED, VERSION)]
    assert kinds("checkouts/update", **NOBODY) == [(EventKind.CART_UPDATED, VERSION)]


def test_a_change_comes_after_the_start_of_the_same_body() -> None:
    started, changed = meaning("checkouts/update", "cart_updated").events

    assert changed.happened_at - started.happened_at == timedelta(microseconds=1)
    assert (changed.basket, changed.contact, changed.person) == (started.basket, started.contact, started.person)


def test_a_checkout_with_nothing_in_it_does_not_begin() -> None:
    created, updated = (
        meaning(topic, "cart_updated", line_items=[]).events for topic in ("checkouts/create", "checkouts/update")
    )

    assert [(event.version, event.no_letter) for event in created] == [("empty", ReasonCode.EMPTIED)]
    assert [(event.kind, event.no_letter) for event in updated] == [(EventKind.CART_UPDATED, ReasonCode.EMPTIED)]


def test_a_completed_checkout_neither_begins_nor_changes() -> None:
    for topic in ("checkouts/create", "checkouts/update"):
        assert kinds(topic, completed_at="2026-11-23T10:10:00+01:00") == []


TILLS: dict[str, tuple[dict[str, Any], bool]] = {
    "at the till": ({"source_name": "pos"}, True),
    "at the till, with a link": ({"source_name": "pos", "location_id": 5}, True),
    "in a shop, without a way back": ({"location_id": 5, "abandoned_checkout_url": None}, True),
    "online, collected in a shop": ({"location_id": 5}, False),
    "online, without a way back": ({"abandoned_checkout_url": ""}, False),
}


@pytest.mark.parametrize(("changed", "is_till"), TILLS.values(), ids=TILLS)
@pytest.mark.parametrize("topic", ["checkouts/create", "checkouts/update"])
def test_a_cart_put_aside_at_the_till_is_no_occasion(topic: str, changed: dict[str, Any], is_till: bool) -> None:
    reasons = {event.no_letter for event in meaning(topic, "cart_updated", **changed).events}

    assert reasons == {ReasonCode.POINT_OF_SALE if is_till else None}


def test_an_emptied_cart_says_why_it_says_nothing() -> None:
    assert the_event("carts/update", "cart_updated__cart_without_buyer", line_items=[]).no_letter is ReasonCode.EMPTIED
