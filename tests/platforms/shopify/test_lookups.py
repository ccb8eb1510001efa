"""Events of one shop that are completed at the same time, in as few questions as Shopify allows."""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.platforms.shopify.api import REFUSALS, Cost
from plugin.platforms.shopify.budget import LEAST, UNTRIED, Budget
from plugin.platforms.shopify.complete import complete
from plugin.platforms.shopify.lookups import Lookups
from plugin.ports import LookupContext
from tests.support.platforms.shopify.admin import FakeAdmin, FakeCatalogue, Reply, a_place, data, failing, running, way
from tests.support.platforms.shopify.given import the_event

SECONDS = 20.0  #: far more than any of these takes; then it hangs
EVENTS = 64
BUCKET = {"maximumAvailable": 2000, "currentlyAvailable": 2000, "restoreRate": 100}


@dataclass
class CountingCatalogue(FakeCatalogue):
    """How often the database is asked."""

    calls: Counter[str] = field(default_factory=Counter)

    def read(self, shop_id: int, keys: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        self.calls["read"] += 1
        return super().read(shop_id, keys)

    def write(self, shop_id: int, found: Mapping[str, Mapping[str, str]], *, now: datetime) -> None:
        self.calls["write"] += 1
        super().write(shop_id, found, now=now)


def a_node(gid: str) -> dict[str, Any]:
    slug = gid.rpartition("/")[2]
    return {"id": gid, "title": slug, "handle": slug, "onlineStoreUrl": f"https://demo.example/products/{slug}"}


def a_cart(*products: int) -> StoreEvent:
    lines = [{"product_id": number, "title": f"T{number}", "quantity": 1} for number in products]
    return replace(the_event("orders/paid", "order_created", line_items=lines, customer_locale="en"), wants="products")


@dataclass
class Crowd:
    """Many threads that complete events of one shop; the first question is held until all the others wait."""

    admin: FakeAdmin
    catalogue: CountingCatalogue = field(default_factory=CountingCatalogue)
    lookups: Lookups = field(default_factory=Lookups)
    held: threading.Event = field(default_factory=threading.Event)

    def completed(self, events: Iterable[StoreEvent]) -> list[StoreEvent | BaseException]:
        way_of_all = way(self.admin.url)

        def complete_one(event: StoreEvent) -> StoreEvent:
            return complete(event, self.place(), way_of_all, self.lookups)

        events = list(events)
        with ThreadPoolExecutor(len(events)) as pool:
            done: list[Future[StoreEvent]] = [pool.submit(complete_one, event) for event in events]
            self.wait_for(len(events))
            self.held.set()
            return [one.exception(SECONDS) or one.result() for one in done]

    def place(self) -> LookupContext:
        return a_place(self.catalogue)

    def wait_for(self, count: int) -> None:
        give_up_at = time.monotonic() + SECONDS
        while sum(lane.guests for lane in tuple(self.lookups.products._lanes.values())) < count:
            assert time.monotonic() < give_up_at
            time.sleep(0.001)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        assert self.held.wait(SECONDS)
        ids = self.admin.questions[-1]["variables"]["ids"]
        cost = {"requestedQueryCost": 9 * len(ids), "actualQueryCost": len(ids), "throttleStatus": BUCKET}
        data({"nodes": [a_node(gid) for gid in ids]}, cost=cost)(handler)


def sizes(admin: FakeAdmin) -> list[int]:
    return [len(question["variables"]["ids"]) for question in admin.questions]


def crowd(admin: FakeAdmin, *replies: Reply) -> Crowd:
    made = Crowd(admin)

    def held(reply: Reply) -> Reply:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            assert made.held.wait(SECONDS)
            reply(handler)

        return answer

    admin.replies = [held(reply) for reply in replies] or [made.answer]
    return made


def links(event: StoreEvent | BaseException) -> list[str]:
    assert isinstance(event, StoreEvent)
    return [product.link for product in event.products]


def test_a_hot_shop_asks_once() -> None:
    with running() as admin:
        hot = crowd(admin)
        events = hot.completed(a_cart(1, 2, 3) for _ in range(EVENTS))
        more = complete(a_cart(3, 1), hot.place(), way(admin.url), hot.lookups)

    assert {tuple(links(event)) for event in events} == {tuple(f"https://demo.example/products/{n}" for n in (1, 2, 3))}
    assert links(more) == ["https://demo.example/products/3", "https://demo.example/products/1"]
    assert sizes(admin) == [3]
    assert hot.catalogue.calls["write"] == 1


def test_different_products_of_many_events_are_two_questions() -> None:
    with running() as admin:
        shop = crowd(admin)
        events = shop.completed(a_cart(number) for number in range(1, EVENTS + 1))

    assert [links(event) for event in events] == [[f"https://demo.example/products/{n}"] for n in range(1, EVENTS + 1)]
    assert (sum(sizes(admin)), len(sizes(admin))) == (EVENTS, 2)
    assert shop.catalogue.calls["write"] == 2


def test_a_question_never_costs_more_than_shopify_allows() -> None:
    with running() as admin:
        shop = crowd(admin)
        shop.completed(a_cart(*range(first, first + 40)) for first in range(1, 401, 40))

    assert sum(sizes(admin)) == 400
    assert max(sizes(admin)) * 9 <= 1000
    assert len(sizes(admin)) <= 6


def test_a_pause_is_everybodys_who_waited_for_it() -> None:
    with running() as admin:
        cost = {"requestedQueryCost": 900, "throttleStatus": BUCKET | {"currentlyAvailable": 100}}
        told = crowd(admin, failing("THROTTLED", cost=cost)).completed(a_cart(1) for _ in range(8))

    assert [type(one) for one in told] == [TryAgain] * 8
    assert {getattr(one, "after", None).total_seconds() for one in told} == {8.0}  # type: ignore[union-attr]
    assert len(admin.questions) == 1


def test_a_node_that_may_not_be_read_is_the_trouble_of_its_event() -> None:
    errors = [{"path": ["nodes", 1], "extensions": {"code": "ACCESS_DENIED"}}]
    gids = [f"gid://shopify/Product/{number}" for number in (1, 2, 3, 4)]
    reply = data({"nodes": [a_node(gids[0]), None, None, a_node("gid://shopify/Order/4")]}, errors=errors)

    with running(reply) as admin:
        catalogue, lookups = FakeCatalogue(), Lookups()
        whole = complete(a_cart(1, 2, 3, 4), a_place(catalogue), way(admin.url), lookups)
        rest = complete(a_cart(1, 3, 4), a_place(catalogue), way(admin.url), lookups)

    assert (whole.partial, rest.partial) == (REFUSALS[403], "")
    assert catalogue.records.keys() == {"product:1:", "product:3:", "product:4:"}  # one is there, two are gone
    assert links(rest) == ["https://demo.example/products/1", "", ""]
    assert len(admin.questions) == 1


def test_customers_of_many_events_are_asked_together_too() -> None:
    events = [replace(the_event("customers/create", "customer_created"), wants=f"customer:{n}") for n in range(1, 9)]
    everybody = threading.Barrier(len(events))

    def say(handler: BaseHTTPRequestHandler) -> None:
        ids = admin.questions[-1]["variables"]["ids"]
        give_up_at = time.monotonic() + SECONDS
        while sum(lane.guests for lane in tuple(lookups.customers._lanes.values())) < len(events) and len(admin.questions) == 1:
            assert time.monotonic() < give_up_at
            time.sleep(0.001)
        data({"nodes": [{"id": gid, "locale": f"pl-{gid[-1]}"} for gid in ids]})(handler)

    def one(event: StoreEvent) -> StoreEvent:
        everybody.wait(SECONDS)
        return complete(event, a_place(), way(admin.url), lookups)

    with running(say) as admin, ThreadPoolExecutor(len(events)) as pool:
        lookups = Lookups()
        told = list(pool.map(one, events))

    assert [event.locale.raw for event in told] == [f"pl-{n}" for n in range(1, 9)]
    assert (sum(sizes(admin)), len(sizes(admin))) == (8, 2)


def test_who_gets_no_answer_in_time_comes_again_later() -> None:
    with running() as admin, pytest.raises(TryAgain, match="too slowly"):
        complete(a_cart(1), a_place(), way(admin.url), Lookups(seconds=0.5))

    assert admin.questions == []


# ------------------------------------------------------------------ what a question may ask for

COSTS: dict[str, tuple[Cost, int, float, int]] = {
    "a variant costs nine": (Cost(requested=459, available=2000, restore_rate=100), 51, 0, 111),
    "a product of a cheap question": (Cost(requested=51, available=2000, restore_rate=100), 51, 0, 250),
    "little is left": (Cost(requested=90, available=180, restore_rate=100), 10, 0, 20),
    "it fills again": (Cost(requested=90, available=180, restore_rate=100), 10, 1.5, 36),
    "nothing is left": (Cost(requested=90, available=0, restore_rate=100), 10, 0, LEAST),
    "one costs more than there may be": (Cost(requested=1500, available=2000, restore_rate=100), 1, 0, 1),
    "it costs nothing": (Cost(requested=0, available=2000, restore_rate=100), 1, 0, UNTRIED),
}


@pytest.mark.parametrize(("cost", "ids", "seconds", "most"), COSTS.values(), ids=COSTS)
def test_a_question_asks_for_what_the_budget_allows(cost: Cost, ids: int, seconds: float, most: int) -> None:
    now = [100.0]
    budget = Budget(seconds_now=lambda: now[0])

    budget.note((1, "q"), cost, ids=ids)
    now[0] += seconds

    assert budget.most((1, "q")) == most
    assert budget.most((2, "q")) == budget.most((1, "p")) == UNTRIED
