"""One buyer's story in one store."""

from datetime import timedelta

import pytest

from plugin.domain.kinds import EventKind
from plugin.ports import RawWebhook
from plugin.sandbox.courier import Courier, Fired
from plugin.sandbox.sale import Sale
from plugin.sandbox.stage import FireRequest, NotPossible, Stage
from tests.support.fake_platform import FakeClock


class FakeSender:
    """Remembers what was to happen."""

    name = "shopify"
    address = "demo.myshopify.com"
    kinds = frozenset(EventKind) - {EventKind.ORDER_DELIVERED}

    def __init__(self) -> None:
        self.fired: list[tuple[str, Sale, int, timedelta]] = []

    def fire(self, event: str, sale: Sale, *, turn: int = 1, ago: timedelta = timedelta(0)) -> Fired:
        self.fired.append((event, sale, turn, ago))
        return Fired(
            id=len(self.fired), store=self.name, shop=self.address, event=event, topic=event, buyer="", locale="",
            subject="", request=RawWebhook(headers={}, body=b""), url="", fired_at=sale.began_at,
        )  # fmt: skip

    def again(self, fired: Fired) -> Fired:
        return fired


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
def stage(sender: FakeSender) -> Stage:
    return Stage(Courier(), (sender,), now=FakeClock())


def fire(stage: Stage, event: str, buyer: str = "zofia", products: tuple[str, ...] = ("moss-teapot",)) -> None:
    stage.fire(FireRequest(store="shopify", event=event, buyer=buyer, products=products))


def sales(sender: FakeSender) -> list[int]:
    numbers = [sale.number for _, sale, _, _ in sender.fired]
    return [sorted(set(numbers)).index(number) for number in numbers]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (("checkout_started", "cart_updated", "cart_updated", "order_created", "order_paid", "order_fulfilled"), [0] * 6),
        (("order_paid", "order_paid"), [0, 1]),
        (("order_paid", "order_refunded", "order_refunded"), [0, 0, 0]),
        (("order_created", "cart_updated"), [0, 1]),
        (("cart_abandoned", "cart_abandoned", "order_created"), [0, 1, 1]),
        (("customer_created", "customer_created", "customer_updated"), [0, 1, 1]),
    ],
)
def test_a_sale_goes_on_until_something_would_happen_twice(
    stage: Stage, sender: FakeSender, events: tuple[str, ...], expected: list[int]
) -> None:
    for event in events:
        fire(stage, event)

    assert sales(sender) == expected


def test_other_products_are_another_sale(stage: Stage, sender: FakeSender) -> None:
    fire(stage, "order_created")
    fire(stage, "order_paid", products=("wool-socks",))

    assert sales(sender) == [0, 1]


def test_each_buyer_has_a_story_of_their_own(stage: Stage, sender: FakeSender) -> None:
    for event in ("order_created", "order_paid"):
        fire(stage, event)
        fire(stage, event, buyer="joao")

    assert sales(sender) == [0, 1, 0, 1]


def test_each_refund_of_a_sale_has_its_turn(stage: Stage, sender: FakeSender) -> None:
    for _ in range(2):
        fire(stage, "order_refunded")

    assert [turn for _, _, turn, _ in sender.fired] == [1, 2]


def test_an_abandoned_cart_was_left_nearly_ten_minutes_ago(stage: Stage, sender: FakeSender) -> None:
    fire(stage, "cart_abandoned")

    [(_, sale, _, ago)] = sender.fired
    assert timedelta(minutes=9) < ago < timedelta(minutes=10)
    assert FakeClock()() - sale.began_at == ago


def test_a_product_chosen_twice_is_bought_twice(stage: Stage, sender: FakeSender) -> None:
    fire(stage, "order_paid", products=("moss-teapot", "wool-socks", "moss-teapot"))

    [(_, sale, _, _)] = sender.fired
    assert [(line.product.handle, line.quantity) for line in sale.lines] == [("moss-teapot", 2), ("wool-socks", 1)]


def test_nothing_happens_without_store_buyer_and_event(stage: Stage) -> None:
    for wish in (("ebay", "order_paid", "zofia"), ("shopify", "birthday", "zofia"), ("shopify", "order_paid", "nobody")):
        with pytest.raises(NotPossible):
            stage.fire(FireRequest(store=wish[0], event=wish[1], buyer=wish[2], products=("moss-teapot",)))


def test_an_event_the_store_has_no_webhook_for_is_refused(stage: Stage, sender: FakeSender) -> None:
    sender.kinds = frozenset({EventKind.ORDER_PAID})

    with pytest.raises(NotPossible, match="no webhook"):
        fire(stage, "order_created")
