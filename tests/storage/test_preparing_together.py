"""What is translated and decided at the same time shares a commit, and the shops take turns."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as on
from sqlalchemy.exc import OperationalError

from plugin.domain.carts import Purchase
from plugin.domain.delivery import Skip
from plugin.domain.errors import ChangedMeanwhile, StorageDown
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.share import Share
from plugin.domain.shop import Shop
from plugin.domain.states import EventState, WebhookState
from plugin.domain.wording import worded
from plugin.pipeline.hold import people_of
from plugin.ports import PurchaseHistory, StoredEvent, StoredWebhook
from plugin.storage import SqlStore
from plugin.storage.queue import shops_in_turn
from tests.support.builders import NOON, a_basket, a_cart, an_event
from tests.support.storage.situations import LEASE, a_plan, a_webhook, tell, waiting_cart

HOUR = timedelta(hours=1)
REMINDED = Skip(code=ReasonCode.REMINDED, reason=worded("They were reminded."))


@pytest.fixture
def shops(store: SqlStore) -> list[Shop]:
    """Three shops."""
    names = ("one", "two", "three")
    found = [Shop(id=0, platform="shopify", address=f"{name}.myshopify.com") for name in names]
    return [store.shops.install(shop, {}, now=NOON) for shop in found]


def received(store: SqlStore, shop: Shop, count: int, *, body: bytes = b"{}", first: int = 0) -> None:
    for number in range(first, first + count):
        store.inbox.receive(a_webhook(shop, key=str(number), body=body), now=NOON + timedelta(seconds=number))


def claimed(store: SqlStore, limit: int = 99) -> Sequence[StoredWebhook]:
    return store.inbox.claim(limit=limit, now=NOON + HOUR, lease=LEASE)


@contextmanager
def together(owner: Any, name: str) -> Iterator[Callable[[], list[Any]]]:
    """Gathers what is brought to one group; the function that is given keeps all of it in one commit."""
    group, brought = getattr(owner, name), []

    def bring(thing: Any) -> Any:
        brought.append(thing)

    setattr(owner, name, bring)
    try:
        yield lambda: list(group._keep(brought))
    finally:
        setattr(owner, name, group)


def translate_together(store: SqlStore, *told: tuple[StoredWebhook, Translation, Sequence[Purchase]]) -> list[int]:
    """How many events of each were new."""
    with together(store.inbox, "_translate") as keep:
        for webhook, translation, purchases in told:
            store.inbox.translated(webhook, translation, now=NOON, purchases=purchases)
        return keep()


def decide_together(store: SqlStore, *decided: tuple[StoredEvent, Any]) -> list[Any]:
    """What was kept of each; each with what is asked of what happened meanwhile."""
    with together(store.events, "_plans") as keep:
        for stored, unless in decided:
            store.events.planned(stored, stored.event, a_plan(stored.event), timers=(), now=NOON, unless=unless)
        return keep()


def an_order(number: int | str) -> StoreEvent:
    """One of several orders, each with a basket of its own."""
    return an_event(
        object_id=str(number), basket=a_basket(keys=(f"checkout:c{number}", f"order:{number}"), order_id=str(number))
    )


def new_events(store: SqlStore, shop: Shop, *events: StoreEvent) -> list[StoredEvent]:
    """These events in a worker's hands."""
    for number, event in enumerate(events):
        tell(store, shop, event, key=f"its{number}")
    return list(store.events.claim(limit=99, now=NOON, lease=LEASE))


# ---------------------------------------------------------------------- translating


def test_webhooks_of_several_shops_are_translated_by_one_commit(store: SqlStore, shops: list[Shop]) -> None:
    for shop in shops:
        received(store, shop, 2)
    told = [(one, Translation(events=(an_order(one.id),)), ()) for one in claimed(store)]

    assert translate_together(store, *told) == [1] * 6
    assert store.backlog().webhooks == {WebhookState.TRANSLATED: 6}
    assert store.backlog().events == {EventState.NEW: 6}


def test_one_event_that_two_webhooks_tell_is_stored_once(store: SqlStore, a_shop: Shop) -> None:
    received(store, a_shop, 2)
    told = [(one, Translation(events=(an_event(),)), ()) for one in claimed(store)]

    assert sorted(translate_together(store, *told)) == [0, 1]
    assert store.backlog().events == {EventState.NEW: 1}


def test_a_webhook_that_another_worker_has_by_now_is_left_to_it(store: SqlStore, a_shop: Shop) -> None:
    received(store, a_shop, 2)
    [late, other] = claimed(store)
    again = store.inbox.claim(limit=1, now=NOON + HOUR + LEASE, lease=LEASE)

    told = [(one, Translation(events=(an_order(one.id),)), ()) for one in (late, other)]

    assert [one.id for one in again] == [late.id]
    assert translate_together(store, *told) == [0, 1]
    assert store.backlog().webhooks == {WebhookState.WAITING: 1, WebhookState.TRANSLATED: 1}


def test_a_webhook_that_cannot_be_read_fails_alone(store: SqlStore, a_shop: Shop) -> None:
    received(store, a_shop, 2)
    [good, bad] = claimed(store)
    with together(store.inbox, "_translate") as keep:
        store.inbox.translated(good, Translation(events=(an_event(),)), now=NOON)
        store.inbox.failed(bad, "It is no JSON.", code=ReasonCode.UNREADABLE, now=NOON)
        keep()

    assert store.backlog().webhooks == {WebhookState.TRANSLATED: 1, WebhookState.FAILED: 1}


def test_a_webhook_whose_event_cannot_be_stored_is_nobody_elses_trouble(
    store: SqlStore, shops: list[Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    for shop in shops:
        received(store, shop, 1)
    [first, bad, last] = claimed(store)
    seal = store.crypto.seal_event

    def refuse(event: StoreEvent) -> bytes:
        if event.object_id == str(bad.id):
            raise ValueError("this one")
        return seal(event)

    monkeypatch.setattr(store.crypto, "seal_event", refuse)
    for one in (first, last):
        store.inbox.translated(one, Translation(events=(an_order(one.id),)), now=NOON)
    with pytest.raises(ValueError, match="this one"):
        store.inbox.translated(bad, Translation(events=(an_event(object_id=str(bad.id)),)), now=NOON)

    assert store.backlog().webhooks == {WebhookState.WAITING: 1, WebhookState.TRANSLATED: 2}


def test_purchases_of_one_commit_end_the_waits_of_their_own_shops_only(store: SqlStore, shops: list[Shop]) -> None:
    for shop in shops:
        waiting_cart(store, shop)
        received(store, shop, 1, first=10)
    purchase = Purchase(keys=("checkout:c1",), placed_at=NOON)
    bought = [(one, Translation(), [purchase] if one.shop.id != shops[1].id else []) for one in claimed(store)]

    translate_together(store, *bought)

    assert [store.timers.waiting(shop.id, limit=9).number for shop in shops] == [0, 1, 0]
    assert [store.events.bought_at(shop.id, ["checkout:c1"]) for shop in shops] == [NOON, None, NOON]


def test_the_latest_of_several_purchases_under_one_name_counts(store: SqlStore, a_shop: Shop) -> None:
    received(store, a_shop, 3)
    moments = [NOON, NOON + HOUR, NOON - HOUR]
    told = [
        (one, Translation(), [Purchase(keys=("checkout:c1",), people=("customer:7",), placed_at=at)])
        for one, at in zip(claimed(store), moments, strict=True)
    ]

    translate_together(store, *told)

    assert store.events.bought_at(a_shop.id, ["checkout:c1"]) == NOON + HOUR
    assert store.events.bought_at(a_shop.id, ["customer:7"]) == NOON + HOUR


# ---------------------------------------------------------------------- deciding


def test_events_that_are_decided_together_are_planned_by_one_commit(store: SqlStore, a_shop: Shop) -> None:
    stored = new_events(store, a_shop, *(an_order(number) for number in range(5)))

    assert decide_together(store, *((one, None) for one in stored)) == [a_plan(one.event) for one in stored]
    assert store.backlog().events == {EventState.PLANNED: 5}
    assert sum(store.backlog().deliveries.values()) == 5


def test_of_two_reminders_to_one_person_the_second_sees_the_first(store: SqlStore, a_shop: Shop) -> None:
    baskets = [
        a_cart(kind=EventKind.CART_ABANDONED, object_id=name, basket=a_basket(keys=(f"checkout:{name}",), order_id=""))
        for name in ("c1", "c2")
    ]
    stored = new_events(store, a_shop, *baskets)

    def unless(one: StoredEvent) -> Callable[[PurchaseHistory], Skip | None]:
        names = people_of(one.event)
        return lambda seen: REMINDED if seen.reminded_at(a_shop.id, names, besides=one.id) else None

    kept = decide_together(store, *((one, unless(one)) for one in stored))

    assert kept == [a_plan(stored[0].event), REMINDED]


def test_what_changed_meanwhile_is_told_to_its_own_worker(store: SqlStore, a_shop: Shop) -> None:
    stored = new_events(store, a_shop, *(an_order(number) for number in range(3)))

    def changed(_seen: PurchaseHistory) -> None:
        raise ChangedMeanwhile("Another event was told.")

    kept = decide_together(store, *zip(stored, (None, changed, None), strict=True))

    assert [isinstance(one, ChangedMeanwhile) for one in kept] == [False, True, False]
    assert store.backlog().events == {EventState.PLANNED: 2, EventState.NEW: 1}
    with pytest.raises(ChangedMeanwhile):
        store.events.planned(stored[1], stored[1].event, None, timers=(), now=NOON, unless=changed)


def test_an_event_that_another_worker_has_by_now_is_left_to_it(store: SqlStore, a_shop: Shop) -> None:
    stored = new_events(store, a_shop, *(an_order(number) for number in range(2)))
    [again] = store.events.claim(limit=1, now=NOON + LEASE, lease=LEASE)

    decide_together(store, *((one, None) for one in stored))

    assert store.backlog().events == {EventState.NEW: 1, EventState.PLANNED: 1}
    assert again.id in {one.id for one in stored}


@pytest.mark.parametrize("step", ["translate", "decide"])
def test_a_database_that_goes_away_in_the_middle_keeps_nothing_or_all(store: SqlStore, shops: list[Shop], step: str) -> None:
    """At every statement in turn; then all of it is done once."""
    for shop in shops:
        received(store, shop, 1, first=20)
    bought = [Purchase(keys=("checkout:c9",), people=("customer:7",), placed_at=NOON)]
    told = [(one, Translation(events=(an_order(one.id),)), bought) for one in claimed(store)]
    if step == "decide":
        translate_together(store, *told)
        stored = store.events.claim(limit=99, now=NOON, lease=LEASE)

    def work() -> None:
        if step == "translate":
            translate_together(store, *told)
        else:
            decide_together(store, *((one, None) for one in stored))

    failed, number = 0, 0
    while number == failed:
        number += 1
        with _failing_at(store, number):
            try:
                work()
            except StorageDown:
                failed += 1
        backlog = store.backlog()
        if number == failed:
            assert not (backlog.events if step == "translate" else backlog.deliveries)

    assert failed >= 3
    assert sum(store.backlog().events.values()) == 3
    assert sum(store.backlog().deliveries.values()) == (3 if step == "decide" else 0)


@contextmanager
def _failing_at(store: SqlStore, number: int) -> Iterator[None]:
    seen = 0

    def fail(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise OperationalError("planted", None, Exception("the server closed the connection"))

    engines = [engine for engine in (store.database.engine, store.database._at_once) if engine]
    for engine in engines:
        on.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        for engine in engines:
            on.remove(engine, "before_cursor_execute", fail)


# ---------------------------------------------------------------------- in turn


def test_a_shops_backlog_stands_before_nobody_elses_work(store: SqlStore, shops: list[Shop]) -> None:
    received(store, shops[0], 30)
    for shop in shops[1:]:
        received(store, shop, 1, first=40)

    first = claimed(store, limit=6)

    assert {one.shop.id for one in first} == {shop.id for shop in shops}
    assert [one.shop.id for one in first].count(shops[0].id) == 2
    assert [one.shop.id for one in claimed(store, limit=6)] == [shops[0].id] * 6


@pytest.mark.parametrize("walked", [2, 3, 4])  # a round takes several steps, or one
def test_the_next_claim_goes_on_with_the_next_shop(
    store: SqlStore, shops: list[Shop], monkeypatch: pytest.MonkeyPatch, walked: int
) -> None:
    monkeypatch.setattr(shops_in_turn, "WALKED", walked)
    for shop in shops:
        received(store, shop, 3)

    order = [claimed(store, limit=1)[0].shop.id for _ in range(9)]

    assert order == [shop.id for shop in shops] * 3
    assert not claimed(store)


def test_events_are_claimed_from_the_shops_in_turn_too(store: SqlStore, shops: list[Shop]) -> None:
    for number in range(9):
        tell(store, shops[0], an_order(number), key=f"its{number}")
    tell(store, shops[2], an_event(), key="later")

    found = store.events.claim(limit=4, now=NOON, lease=LEASE)

    assert sorted(one.shop.id for one in found) == [shops[0].id, shops[0].id, shops[2].id]


def test_a_shop_that_has_enough_in_hand_is_passed_by(store: SqlStore, shops: list[Shop]) -> None:
    for shop in shops:
        tell(store, shop, an_event())

    found = store.events.claim(limit=9, now=NOON, lease=LEASE, share=Share(most=1, in_hand={shops[0].id: 1}))

    assert [one.shop.id for one in found] == [shop.id for shop in shops[1:]]


def test_no_claim_takes_more_of_a_shop_than_its_share(store: SqlStore, shops: list[Shop]) -> None:
    received(store, shops[0], 9)
    received(store, shops[1], 1)
    share = Share(most=4, in_hand={shops[0].id: 1})

    found = store.inbox.claim(limit=9, now=NOON + HOUR, lease=LEASE, share=share)
    none = store.inbox.claim(limit=9, now=NOON + HOUR, lease=LEASE, share=share.without([shops[0].id]))

    assert Counter(one.shop.id for one in found) == {shops[0].id: 3, shops[1].id: 1}
    assert not none


def test_a_claim_holds_no_more_than_fits_into_memory(store: SqlStore, shops: list[Shop]) -> None:
    big = random.Random(1).randbytes(2_000_000)  # cannot be compressed; sealed, it grows by a third
    received(store, shops[0], 3, body=big)
    received(store, shops[1], 3)

    sizes = [len(claimed(store)) for _ in range(4)]

    assert sum(sizes) == 6
    assert max(sizes) < 6


def test_what_was_left_in_the_middle_again_and_again_is_claimed_alone(store: SqlStore, shops: list[Shop]) -> None:
    received(store, shops[0], 1)
    moment = NOON + HOUR
    for _ in range(3):
        [one] = store.inbox.claim(limit=9, now=moment, lease=LEASE)
        moment += LEASE * 2
    received(store, shops[1], 4)

    together_again = [store.inbox.claim(limit=9, now=moment + n * LEASE / 9, lease=LEASE) for n in range(3)]

    alone = [found for found in together_again if any(item.is_poison_suspect for item in found)]
    assert [[item.id for item in found] for found in alone] == [[one.id]]
    assert sum(len(found) for found in together_again) == 5


def test_shops_let_their_carts_ring_in_turn(store: SqlStore, shops: list[Shop]) -> None:
    for shop in shops:
        waiting_cart(store, shop)

    rung = [store.timers.claim(limit=1, now=NOON + HOUR, lease=LEASE)[0].shop.id for _ in shops]

    assert rung == [shop.id for shop in shops]
