"""Switching a kind off stops its queue, and the page says first what that stops."""

import pytest

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.storage import SqlStore
from tests.support.builders import an_event
from tests.support.storage.situations import a_delivery, planned, waiting_cart
from tests.support.web.merchant import Merchant, a_merchant, fields_in

CART, PAID = "/events/cart_abandoned", "/events/order_paid"
SKIPPED = "Once the event is off, these are skipped. You can send them again when it is on."


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def off(page: str) -> dict[str, str]:
    """The fields of this page with the event switched off."""
    return {name: value for name, value in fields_in(page).items() if name != "enabled"}


def is_on(merchant: Merchant, kind: str) -> bool:
    return bool(merchant.document()["events"][kind]["enabled"])


def some_carts(store: SqlStore, merchant: Merchant, *numbers: int) -> None:
    for number in numbers:
        waiting_cart(store, merchant.shop, key=f"cart {number}", keys=(f"checkout:c{number}",), object_id=f"c{number}")


def test_what_waits_is_said_before_it_is_stopped(merchant: Merchant, store: SqlStore) -> None:
    some_carts(store, merchant, 1, 2)
    planned(store, merchant.shop, an_event(kind=EventKind.CART_ABANDONED, object_id="due"), key="due")

    asked = merchant.post(CART, off(merchant.get(CART).text))

    assert asked.status_code == 422
    assert (
        "<strong>Cart abandoned</strong>: 1 event is waiting to be sent. 2 carts are waiting for their reminder." in asked.text
    )
    assert SKIPPED in asked.text
    assert is_on(merchant, "cart_abandoned")


def test_what_was_said_is_stopped_at_the_second_time(merchant: Merchant, store: SqlStore) -> None:
    some_carts(store, merchant, 1, 2)
    asked = merchant.post(CART, off(merchant.get(CART).text))

    answer = merchant.post(CART, off(asked.text))

    assert answer.status_code == 200
    assert not is_on(merchant, "cart_abandoned")
    assert store.timers.waiting(merchant.shop.id, limit=1).number == 0


def test_another_number_meanwhile_is_not_asked_about_again(merchant: Merchant, store: SqlStore) -> None:
    some_carts(store, merchant, 1)
    asked = merchant.post(CART, off(merchant.get(CART).text))
    some_carts(store, merchant, 2, 3)

    assert merchant.post(CART, off(asked.text)).status_code == 200


def test_what_began_to_wait_meanwhile_is_not_asked_about_again(merchant: Merchant, store: SqlStore) -> None:
    asked = merchant.post(PAID, off(merchant.get(PAID).text))
    assert SKIPPED not in asked.text
    a_delivery(store, merchant.shop, locale="pl")

    assert merchant.post(PAID, off(asked.text)).status_code == 200


def test_orders_are_counted_without_carts(merchant: Merchant, store: SqlStore) -> None:
    some_carts(store, merchant, 1)
    for number in range(3):
        a_delivery(store, merchant.shop, object_id=f"o{number}", key=f"o{number}")

    asked = merchant.post(PAID, off(merchant.get(PAID).text))

    assert "<strong>Order paid</strong>: 3 events are waiting to be sent.</li>" in asked.text


def test_the_same_loss_is_said_once_for_all_languages(merchant: Merchant) -> None:
    asked = merchant.post(PAID, off(merchant.get(PAID).text))

    assert asked.text.count("Order paid is switched off.") == 1
    assert '<strong translate="no">en, pl</strong>: Order paid is switched off. (Order paid)' in asked.text


def test_changing_an_event_that_stays_on_asks_nothing_however_much_waits(merchant: Merchant, store: SqlStore) -> None:
    some_carts(store, merchant, 1)

    assert merchant.post(CART, merchant.form(CART) | {"wait_minutes": "30"}).status_code == 200


def test_a_settings_file_that_switches_kinds_off_asks_for_each(merchant: Merchant, store: SqlStore) -> None:
    some_carts(store, merchant, 1)
    a_delivery(store, merchant.shop)
    file = {"text": '{"version": 1}', "version": "1"}

    asked = merchant.post("/settings/file", file)

    assert "<strong>Order paid</strong>: 1 event is waiting to be sent.</li>" in asked.text
    assert "<strong>Cart abandoned</strong>: 1 cart is waiting for its reminder.</li>" in asked.text
    assert merchant.post("/settings/file", fields_in(asked.text)).status_code == 200
