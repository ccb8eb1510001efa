"""Carts left in the pretend Saleor: what its API says of them, and where their letter leads."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
import requests

from plugin import clock
from plugin.domain.delivery import State
from plugin.domain.kinds import KINDS, Family
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import DeliveryFilter, LoggedDelivery
from plugin.sandbox.stores.saleor.topics import TOPICS
from plugin.worker import Worker
from tests.sandbox.conftest import World
from tests.support.fake_platform import FakeClock
from tests.support.working import drain

ORDERS = {topic.event for kind, topic in TOPICS.items() if KINDS[kind].family is Family.ORDER}  # type: ignore[index]
POLISH_CARTS = 202  #: the demo's flow


@dataclass
class Later:
    """The app's worker at a time that is moved."""

    world: World

    def __post_init__(self) -> None:
        self.clock = FakeClock(clock.now())
        self._worker = Worker(self.world.services, now=self.clock, sleep=self.clock.sleep)

    def move(self, **by: float) -> None:
        self.clock.move(**by)
        drain(self._worker)

    def reminders(self) -> list[LoggedDelivery]:
        found = self.world.services.store.shops.find("saleor", self.world.saleor.api_url)
        assert found
        rows = self.world.services.store.log.list(DeliveryFilter(shop_id=found.shop.id))
        return [row for row in rows if row.kind == "cart_abandoned"]

    def letters(self) -> list[dict[str, Any]]:
        """The bodies of the reminders that left."""
        received = self.world.sendpulse.received()
        return [dict(one.variables) for one in received if one.variables.get("event_name") == "cart_abandoned"]


@pytest.fixture
def later(world: World) -> Later:
    return Later(world)


def leave(world: World, **told: Any) -> None:
    world.fire("cart_updated", store="saleor", **told)


def test_a_left_cart_leads_back_to_its_checkout_in_the_buyers_language(world: World, later: Later) -> None:
    leave(world, products=("moss-teapot", "moss-teapot", "harbour-blanket"))

    later.move(minutes=11)

    [reminder], [letter] = later.reminders(), later.letters()
    assert (reminder.state, reminder.automation_id, reminder.partial) == (State.DELIVERED, POLISH_CARTS, "")
    assert letter["product_name"] == "Czajniczek Mech"
    page = requests.get(letter["cart_link"], timeout=5)
    assert page.status_code == HTTPStatus.OK
    assert "2 × Czajniczek Mech" in page.text
    assert "Koc Port" in page.text


def test_a_language_the_subscription_was_not_made_for_is_asked_for(world: World, later: Later) -> None:
    [app] = world.saleor.apps()
    told = [
        {**hook, "query": "\n".join(line for line in str(hook["query"]).splitlines() if "(languageCode: PL)" not in line)}
        for hook in app.webhooks
    ]
    world.saleor.change_webhooks(app, tuple(told))
    leave(world)

    later.move(minutes=11)

    assert [letter["product_name"] for letter in later.letters()] == ["Czajniczek Mech"]


def test_a_checkout_that_is_gone_has_no_page(world: World, later: Later) -> None:
    leave(world)
    later.move(minutes=11)
    [letter] = later.letters()

    world.fire("order_created", store="saleor")

    assert requests.get(letter["cart_link"], timeout=5).status_code == HTTPStatus.NOT_FOUND
    assert requests.get(f"{world.saleor.url}/pl/checkout?checkout=nonsense", timeout=5).status_code == HTTPStatus.NOT_FOUND
    assert requests.get(f"{world.saleor.url}/pl/checkout", timeout=5).status_code == HTTPStatus.NOT_FOUND


def test_a_purchase_nobody_told_us_of_prevents_the_reminder(world: World, later: Later) -> None:
    world.stage.courier.lose("saleor", ORDERS)
    leave(world)
    world.fire("order_created", store="saleor")

    later.move(minutes=11)

    assert [row.reason_code for row in later.reminders()] == [ReasonCode.BOUGHT]
    assert later.letters() == []


def test_an_order_elsewhere_that_nobody_told_us_of_prevents_it_too(world: World, later: Later) -> None:
    world.stage.courier.lose("saleor", ORDERS)
    leave(world)
    world.fire("order_created", store="saleor", products=("walnut-clock",))

    later.move(minutes=11)

    assert [row.reason_code for row in later.reminders()] == [ReasonCode.BOUGHT]


def test_a_checkout_the_shop_has_deleted_is_not_reminded_of(world: World, later: Later) -> None:
    leave(world)
    [stored] = [one for one in world.saleor.sales() if one.family is Family.CART]
    world.saleor.delete_checkout(stored.sale)

    later.move(minutes=11)

    assert [row.reason_code for row in later.reminders()] == [ReasonCode.CHECKOUT_CLOSED]


def test_a_saleor_that_answers_nothing_delays_the_reminder_by_an_hour(world: World, later: Later) -> None:
    leave(world)
    world.saleor.outage.begin()
    later.move(minutes=11)

    assert later.reminders() == []
    for _ in range(13):
        later.move(minutes=5)
    [reminder] = later.reminders()
    assert reminder.state is State.DELIVERED
    assert "Your store was asked for an hour" in reminder.partial
    assert [letter["product_name"] for letter in later.letters()] == ["Czajniczek Mech"]


def test_a_saleor_that_comes_back_within_the_hour_is_believed(world: World, later: Later) -> None:
    world.stage.courier.lose("saleor", ORDERS)
    leave(world)
    world.saleor.outage.begin()
    world.fire("order_created", store="saleor")
    later.move(minutes=11)
    world.saleor.outage.end()

    for _ in range(3):
        later.move(minutes=5)

    assert [row.reason_code for row in later.reminders()] == [ReasonCode.BOUGHT]


def test_an_app_without_a_token_reminds_and_the_log_says_why_nobody_was_asked(world: World, later: Later) -> None:
    [app] = world.saleor.apps()
    leave(world)
    world.saleor.remove_app(app)

    later.move(minutes=11)

    [reminder] = later.reminders()
    assert reminder.state is State.DELIVERED
    assert "could not be asked" in reminder.partial


def test_many_carts_are_one_question(world: World, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for buyer in ("zofia", "juergen", "joao", "emily"):
        leave(world, buyer=buyer)
    original = requests.Session.request

    def counted(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        asked.append(url)
        return original(session, method, url, **more)

    monkeypatch.setattr(requests.Session, "request", counted)
    later.move(minutes=11)

    assert [row.reason_code for row in later.reminders() if row.state is State.SKIPPED] == []
    assert len(later.reminders()) == 4
    assert asked.count(world.saleor.api_url) == 1
