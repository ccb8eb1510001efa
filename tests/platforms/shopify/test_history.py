"""What a buyer ordered before: asked of the Admin API with the customer, and never older than the order."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.facts import NO_FACTS, Facts
from plugin.domain.kinds import EventKind
from plugin.domain.routing import Route, RouteTable
from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.platforms.shopify.complete import complete
from plugin.platforms.shopify.lookups import Lookups
from plugin.ports import LookupContext
from tests.platforms.shopify.test_complete import BOTH, completed
from tests.platforms.shopify.test_complete_people import BUYER, ORDER
from tests.support.builders import NOON
from tests.support.platforms.shopify.admin import FakeCatalogue, a_customer, a_place, data, failing, running, way
from tests.support.platforms.shopify.given import the_event

SECONDS = 20
JUST_NOW = NOON - timedelta(minutes=1)


def switched_on(*kinds: EventKind, enabled: bool = True) -> ShopSettings:
    routes = {kind: Route(kind=kind, enabled=enabled) for kind in kinds}
    return replace(NO_SETTINGS, table=RouteTable(routes=routes))


PAID = switched_on(EventKind.ORDER_PAID)


def told_by_the_store(count: int | None, spent: str = "120.00", last: str = "5001000000001", **more: Any) -> dict[str, Any]:
    money = {"amount": spent, "currency_code": "PLN"}
    order = {"id": last, "created_at": "2026-11-01T10:00:00Z"} if last else None
    return {"orders_count": count and str(count), "total_spent": money, "last_order": order, "tags": ["vip", "b2b"]} | more


def an_order(**changed: Any) -> StoreEvent:
    return the_event("orders/paid", "order_created", created_at=JUST_NOW.isoformat(), **changed)


def known(event: StoreEvent, customer: dict[str, Any] | None, place: LookupContext | None = None) -> Facts:
    found, _ = completed(event, BOTH, a_customer(customer), place=place or a_place(settings=PAID))
    return found.facts


def history(facts: Facts) -> tuple[int | None, str]:
    return facts.order_count, str(facts.total_spent.amount) if facts.total_spent else ""


def test_an_order_learns_its_buyer_s_orders() -> None:
    facts = known(an_order(), told_by_the_store(3))

    assert (history(facts), facts.customer_tags) == ((3, "120.00"), ("vip", "b2b"))


OLDER, SAME, NEWER = "2026-11-01T10:00:00Z", JUST_NOW.isoformat(), NOON.isoformat()
COUNTS: dict[str, tuple[dict[str, Any], tuple[int | None, str]]] = {
    "counted": (told_by_the_store(3), (3, "120.00")),
    "not counted yet": (told_by_the_store(2, last="5", last_order={"id": "5", "created_at": OLDER}), (3, "244.30")),
    "the first, not counted yet": (told_by_the_store(0, "0.00", last=""), (1, "124.30")),
    "another at the same moment": (told_by_the_store(2, last_order={"id": "5", "created_at": SAME}), (2, "120.00")),
    "one more since": (told_by_the_store(4, last_order={"id": "9", "created_at": NEWER}), (4, "120.00")),
    "of no number": (told_by_the_store(None), (None, "")),
    "of less than none": (told_by_the_store(-1), (None, "")),
    "of no sum": (told_by_the_store(3, total_spent=None), (3, "")),
    "in the shop's currency": (
        told_by_the_store(1, last="", total_spent={"amount": "9", "currency_code": "EUR"}), (2, ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("customer", "expected"), COUNTS.values(), ids=COUNTS)
def test_the_order_itself_is_counted_even_before_the_store_does(
    customer: dict[str, Any], expected: tuple[int | None, str]
) -> None:
    assert history(known(an_order(), customer)) == expected


def test_an_order_of_long_ago_is_counted_as_the_store_counts() -> None:
    facts = known(the_event("orders/paid", "order_created"), told_by_the_store(2, last=""))

    assert history(facts) == (2, "120.00")


def test_no_order_is_known_of_who_placed_this_one_but_counts_for_none() -> None:
    facts = known(the_event("orders/paid", "order_created"), told_by_the_store(0, "0.00", last=""))

    assert (history(facts), facts.customer_tags) == ((None, ""), ("vip", "b2b"))


LASTS: dict[str, tuple[dict[str, Any] | None, bool]] = {
    "this one": ({"id": "5001000000001", "created_at": SAME}, False),
    "an older one": ({"id": "5", "created_at": OLDER}, False),
    "a newer one": ({"id": "9", "created_at": NEWER}, True),
    "nobody knows which": (None, False),
}


@pytest.mark.parametrize(("last", "expected"), LASTS.values(), ids=LASTS)
def test_it_is_known_that_the_count_holds_later_orders(last: dict[str, Any] | None, expected: bool) -> None:
    assert known(an_order(), told_by_the_store(4, last_order=last)).has_later_orders is expected


@pytest.mark.parametrize("settings", [NO_SETTINGS, switched_on(EventKind.ORDER_PAID, enabled=False)], ids=["none", "off"])
def test_nobody_asks_for_a_letter_that_does_not_leave(settings: ShopSettings) -> None:
    event, admin = completed(an_order(), BOTH, a_customer(told_by_the_store(3)), place=a_place(settings=settings))

    assert history(event.facts) == (None, "")
    assert len(admin.questions) == 1


def test_a_guest_is_not_asked_for() -> None:
    event, admin = completed(an_order(customer=None), BOTH, place=a_place(settings=PAID))

    assert history(event.facts) == (None, "")
    assert len(admin.questions) == 1


def test_locale_consent_and_history_are_one_question() -> None:
    reply = a_customer(told_by_the_store(3, locale="pt-BR"))

    event, admin = completed(an_order(customer_locale=None), reply, BOTH, place=a_place(settings=PAID))

    assert (event.locale.raw, history(event.facts)) == ("pt-BR", (3, "120.00"))
    assert len(admin.questions) == 2


def test_a_refund_learns_it_with_its_order() -> None:
    order = ORDER | {"customer": BUYER | told_by_the_store(3), "created_at": "2026-11-01T10:00:00Z"}

    event, admin = completed(the_event("refunds/create", "order_refunded"), data({"order": order}), BOTH)

    assert history(event.facts) == (3, "120.00")
    assert len(admin.questions) == 2


def test_a_customer_learns_their_tags_and_orders() -> None:
    event, _ = completed(the_event("customers/create", "customer_created"), a_customer(told_by_the_store(0, "0.00", last="")))

    assert (event.facts.customer_tags, history(event.facts)) == (("vip", "b2b"), (0, "0.00"))


def test_an_answer_to_an_earlier_order_is_not_taken_for_a_later_one() -> None:
    """The later one is placed while the question about the earlier one is under way."""
    is_asked, is_placed = threading.Event(), threading.Event()

    def first_answer(handler: BaseHTTPRequestHandler) -> None:
        is_asked.set()
        assert is_placed.wait(SECONDS)
        a_customer(told_by_the_store(1))(handler)

    def one(event: StoreEvent) -> StoreEvent:
        return complete(replace(event, wants="history:7001000000001"), a_place(settings=PAID), way(admin.url), lookups)

    lookups = Lookups()
    with running(first_answer, a_customer(told_by_the_store(2, last="6"))) as admin, ThreadPoolExecutor(2) as pool:
        earlier = pool.submit(one, an_order())
        assert is_asked.wait(SECONDS)
        later = pool.submit(one, an_order(id=6))
        while sum(lane.guests for lane in tuple(lookups.customers._lanes.values())) < 2:
            time.sleep(0.001)
        is_placed.set()

        assert [event.result().facts.order_count for event in (earlier, later)] == [1, 2]


def test_an_order_whose_buyer_cannot_be_asked_for_comes_again_and_at_last_leaves_with_what_is_remembered() -> None:
    catalogue, event = FakeCatalogue(), an_order()
    place = a_place(catalogue, settings=PAID)
    completed(event, BOTH, place=a_place(catalogue))

    with pytest.raises(TryAgain):
        completed(event, failing("THROTTLED"), place=place)
    last, admin = completed(event, failing("THROTTLED"), place=replace(place, is_last_try=True))

    assert [product.link for product in last.products] == [
        "https://demo.example/products/kubek?variant=44001000000001",
        "https://demo.example/products/herbata?variant=44001000000002",
    ]
    assert (history(last.facts), admin.questions) == ((None, ""), [])


def test_what_is_not_remembered_is_not_asked_for_at_last() -> None:
    event = an_order()

    last, admin = completed(event, BOTH, place=replace(a_place(settings=PAID), is_last_try=True))

    assert (last, admin.questions) == (event, [])
    assert last.facts != NO_FACTS
