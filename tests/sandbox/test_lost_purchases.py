"""Every webhook of an order is lost, so that nothing but the stores' own word prevents a reminder after the purchase."""

from itertools import cycle, islice

import pytest

from plugin import clock
from plugin.domain.delivery import State
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import DeliveryFilter, LoggedDelivery
from plugin.sandbox import buyers
from plugin.sandbox.kinds import SANDBOX_KINDS
from plugin.sandbox.stage import FireRequest
from plugin.worker import Worker
from tests.sandbox.conftest import World
from tests.support.fake_platform import FakeClock
from tests.support.working import drain

CARTS = 50  #: a store
ORDERS = {kind.value for kind in SANDBOX_KINDS if KINDS[kind].family is Family.ORDER}
BUYERS = [buyer.key for buyer in buyers.BUYERS if buyer.email or buyer.phone]


def reminders(world: World) -> list[LoggedDelivery]:
    shops = [installed.shop.id for installed in world.services.store.shops.list()]
    wanted = [DeliveryFilter(shop_id=shop, kind=EventKind.CART_ABANDONED, limit=1000) for shop in shops]
    return [row for filter in wanted for row in world.services.store.log.list(filter)]


def happens(world: World, event: str, *, store: str, buyer: str) -> None:
    """It is told, and nobody waits for what follows."""
    world.stage.fire(FireRequest(store=store, event=event, buyer=buyer, products=("moss-teapot",), locale=None))


def pass_hours(world: World, hours: int) -> None:
    moved = FakeClock(clock.now())
    worker = Worker(world.services, now=moved, sleep=moved.sleep)
    for _ in range(hours * 12):
        moved.move(minutes=5)
        drain(worker)


@pytest.mark.parametrize("store", ["shopify", "saleor"])
def test_a_store_that_loses_every_purchase_is_asked_and_nobody_is_reminded(world: World, store: str) -> None:
    world.stage.courier.lose(store, ORDERS)
    for buyer in islice(cycle(BUYERS), CARTS):
        happens(world, "cart_updated", store=store, buyer=buyer)
        happens(world, "order_created", store=store, buyer=buyer)

    pass_hours(world, 2)

    found = [(row.state, row.reason_code) for row in reminders(world)]
    print(f"{store}: {found.count((State.SKIPPED, ReasonCode.BOUGHT))} of {CARTS} prevented")
    assert found == [(State.SKIPPED, ReasonCode.BOUGHT)] * CARTS


@pytest.mark.parametrize("store", ["shopify", "saleor"])
def test_a_store_that_is_dead_for_the_whole_hour_delays_reminders_and_marks_them(world: World, store: str) -> None:
    for buyer in BUYERS:
        happens(world, "cart_updated", store=store, buyer=buyer)
    outage = world.shopify.outage if store == "shopify" else world.saleor.outage
    outage.begin()

    pass_hours(world, 2)

    found = reminders(world)
    assert [row.state for row in found] == [State.DELIVERED] * len(BUYERS)
    assert all("Your store was asked for an hour" in row.partial for row in found)
