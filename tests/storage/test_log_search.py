"""Every delivery is found by what a merchant knows of it, and nobody else's is, on both databases."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from plugin.domain.delivery import Skip, State
from plugin.domain.kinds import EventKind
from plugin.domain.notice import PersonToForget
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.secret import AutomationId
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import DeliveryFilter, LogRow
from plugin.storage import SqlStore
from plugin.storage.db.log_tables import delivery_words, product_names
from plugin.storage.log import id_ranges, search
from tests.support.builders import NOON, a_basket, a_contact, a_product, an_event
from tests.support.storage.situations import (
    DELIVERED,
    REFUSED,
    a_claimed_delivery,
    a_delivery,
    a_plan,
    attempted,
    audit_lines,
    claimed_event,
    tell,
)

HOUR = timedelta(hours=1)


def found(store: SqlStore, shop: Shop, **wanted: Any) -> list[int]:
    """The ids on every page there is, newest first."""
    return [row.id for row in rows(store, DeliveryFilter(shop_id=shop.id, **wanted))]


def rows(store: SqlStore, filter: DeliveryFilter) -> Iterator[LogRow]:
    while True:
        page = store.log.page(filter)
        yield from page.rows
        if page.older is None:
            return
        filter = replace(filter, before_id=page.older)


def ordered(store: SqlStore, shop: Shop, number: int, *, now: datetime = NOON, plan: Any = None, **fields: Any) -> int:
    """A delivery of this order; its id."""
    basket = a_basket(keys=(f"order:{number}",), order_number=f"#{number}", products=fields.pop("products", (a_product(),)))
    event = an_event(object_id=str(900_000 + number), basket=basket, **fields)
    stored = claimed_event(store, shop, event, key=f"k{number}", now=max(now, NOON))
    store.events.planned(stored, event, plan or a_plan(event), timers=(), now=now)
    return found(store, shop)[0]


@pytest.mark.parametrize("text", ["#1001", "1001", " #1001 ", "901001"], ids=["number", "bare", "blanks", "the store's id"])
def test_an_order_is_found_by_its_number(store: SqlStore, a_shop: Shop, text: str) -> None:
    wanted = ordered(store, a_shop, 1001)
    ordered(store, a_shop, 10012)

    assert found(store, a_shop, search=text) == [wanted]


@pytest.mark.parametrize("text", ["Eva@Example.com", " eva@example.com ", "+48 512 345 678", "+48512345678"])
def test_a_buyer_is_found_by_the_whole_address(store: SqlStore, a_shop: Shop, text: str) -> None:
    ordered(store, a_shop, 1)
    wanted = ordered(store, a_shop, 2, contact=a_contact(email="eva@example.com", phone="+48512345678"))

    assert found(store, a_shop, search=text) == [wanted]


@pytest.mark.parametrize("text", ["żółty", "KUBEK ŻÓŁTY", "bek", "77", "Napis dla Ewy"])
def test_a_product_is_found_by_its_number_or_a_part_of_its_name(store: SqlStore, a_shop: Shop, text: str) -> None:
    made_to_order = a_product(id="", name="Napis dla Ewy")
    wanted = ordered(
        store, a_shop, 1, products=(a_product(id="5", name="Talerz"), a_product(id="77", name="Kubek żółty"), made_to_order)
    )
    ordered(store, a_shop, 2, products=(a_product(id="5", name="Talerz"),))

    assert found(store, a_shop, search=text) == [wanted]


def test_what_is_made_for_one_buyer_is_not_kept_in_plain_words(store: SqlStore, a_shop: Shop) -> None:
    ordered(store, a_shop, 1, products=(a_product(id="", name="Napis dla Ewy"),))

    with store.database.read() as connection:
        assert connection.execute(select(product_names.c.name)).all() == []


@pytest.mark.parametrize("text", ["%", "_", "'", "nobody@example.com", "@", "\x00", "🎈", "x" * 5000, "#", "0"])
def test_a_strange_text_finds_nothing(store: SqlStore, a_shop: Shop, text: str) -> None:
    ordered(store, a_shop, 1001)

    assert found(store, a_shop, search=text) == []


def test_a_search_and_filters_must_both_fit(store: SqlStore, a_shop: Shop) -> None:
    polish = ordered(store, a_shop, 1)
    ordered(store, a_shop, 2, locale="uk")

    assert found(store, a_shop, search="kubek", locale="pl-PL") == [polish]
    assert found(store, a_shop, search="kubek", locale="de") == []


def test_another_shop_finds_nothing_of_this_one(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    mine = ordered(store, a_shop, 1001)

    for text in ("", "1001", "901001", "jan@example.com", "kubek", "632910392"):
        assert found(store, other, search=text) == []
    assert store.log.story(other.id, mine) is None
    assert store.log.sent_body(other.id, mine, who="x", now=NOON) is None
    assert store.log.send_again(DeliveryFilter(shop_id=other.id, ids=(mine,)), who="x", now=NOON).number == 0


def test_a_forgotten_person_is_not_found_by_the_order_either(store: SqlStore, a_shop: Shop) -> None:
    ordered(store, a_shop, 1001)

    tell(store, a_shop, notices=[PersonToForget(email="jan@example.com")], key="redact")

    assert words(store) == 0
    assert found(store, a_shop, search="1001") == []


def test_an_emptied_delivery_has_lost_its_words(store: SqlStore, a_shop: Shop) -> None:
    ordered(store, a_shop, 1001, plan=Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")))
    assert words(store) == 2

    [kept] = store.retention.events(after_id=0, limit=9)
    store.retention.empty_events([kept.id], now=NOON)

    assert words(store) == 0


def words(store: SqlStore) -> int:
    with store.database.read() as connection:
        return connection.execute(select(func.count()).select_from(delivery_words)).scalar_one()


# ------------------------------------------------------------------ filters


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few at a time that every step is gone through."""
    monkeypatch.setattr(id_ranges, "LONGEST", 7)
    monkeypatch.setattr(id_ranges, "HOURS", 1)
    monkeypatch.setattr(search, "CANDIDATES", 8)


@pytest.mark.parametrize("seed", range(3))
def test_filters_find_what_a_walk_through_everything_finds(store: SqlStore, a_shop: Shop, seed: int, small_steps: None) -> None:
    chance, known = random.Random(seed), list[dict[str, Any]]()
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    for number in range(70):
        at = NOON + timedelta(minutes=11 * number - chance.choice((0, 0, 30)))  # a worker whose clock is slow
        kind = chance.choice((EventKind.ORDER_PAID, EventKind.ORDER_PAID, EventKind.ORDER_REFUNDED))
        locale, flow = chance.choice(("pl", "pl", "uk", "")), chance.choice((101, 102, None))
        shop = chance.choice((a_shop, a_shop, other))
        event = an_event(kind=kind, locale=locale)
        planned = a_plan(event, automation_id=AutomationId(flow) if flow else None)
        plan = chance.choice((planned, planned, Skip(code=ReasonCode.NO_CONTACT, reason=worded("no"))))
        id = ordered(store, shop, number, now=at, plan=plan, kind=kind, locale=locale)
        state = "skipped" if isinstance(plan, Skip) else "waiting"
        if shop == a_shop:
            known.append(
                {
                    "id": id,
                    "kind": kind,
                    "locale": locale,
                    "at": at,
                    "state": state,
                    "flow": flow if state == "waiting" else None,
                }
            )
        if chance.random() < 0.2:
            store.statistics.count(now=at)

    for _ in range(40):
        wanted = _some_filter(chance)
        expected = [row["id"] for row in known if _fits(row, wanted)][::-1]
        assert found(store, a_shop, limit=chance.choice((1, 3, 50)), **wanted) == expected, wanted


def _some_filter(chance: random.Random) -> dict[str, Any]:
    since = NOON + timedelta(minutes=chance.randint(0, 700))
    choices: dict[str, Any] = {
        "kind": chance.choice((EventKind.ORDER_PAID, EventKind.ORDER_REFUNDED, EventKind.CART_ABANDONED)),
        "locale": chance.choice(("pl", "uk", "", "xx")), "automation_id": chance.choice((101, 102, 9)),
        "state": chance.choice((State.WAITING, State.SKIPPED, State.FAILED)), "since": since,
        "until": since + timedelta(minutes=chance.randint(0, 300)), "search": chance.choice(("kubek", "jan@example.com")),
    }  # fmt: skip
    return {name: choices[name] for name in chance.sample(sorted(choices), chance.randint(0, 4))}


def _fits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    equal = {"kind": "kind", "locale": "locale", "automation_id": "flow", "state": "state"}
    return (
        all(row[column] == wanted[name] for name, column in equal.items() if name in wanted)
        and ("since" not in wanted or row["at"] >= wanted["since"])
        and ("until" not in wanted or row["at"] < wanted["until"])
    )


def test_a_state_that_changed_after_the_counting_is_found(store: SqlStore, a_shop: Shop) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), REFUSED)
    while store.statistics.count(now=NOON + 9 * HOUR):
        pass

    store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=NOON + 9 * HOUR)

    assert len(found(store, a_shop, kind=EventKind.ORDER_PAID, state=State.WAITING)) == 1
    assert found(store, a_shop, kind=EventKind.ORDER_PAID, state=State.FAILED) == []


def test_a_look_that_takes_too_long_says_from_where_to_go_on(
    store: SqlStore, a_shop: Shop, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ordered(store, a_shop, 1, locale="uk")
    for number in range(2, 30):
        ordered(store, a_shop, number)
    monkeypatch.setattr(search, "PATIENCE_SECONDS", 0)

    page = store.log.page(DeliveryFilter(shop_id=a_shop.id, locale="uk"))

    assert (page.rows, page.is_cut) == ([], True)
    assert found(store, a_shop, locale="uk") == [wanted]


def test_matching_ones_are_counted_as_far_as_it_is_useful(store: SqlStore, a_shop: Shop) -> None:
    for number in range(5):
        ordered(store, a_shop, number)
    everything = DeliveryFilter(shop_id=a_shop.id)

    assert (store.log.count(everything, most=9).number, store.log.count(everything, most=9).is_all) == (5, True)
    assert store.log.count(replace(everything, search="jan@example.com"), most=9).number == 5
    assert store.log.count(replace(everything, locale="uk"), most=9).number == 0


# ------------------------------------------------------------------ what is shown, and sending again


def test_a_line_shows_a_masked_buyer(store: SqlStore, a_shop: Shop) -> None:
    ordered(store, a_shop, 1001)

    [row] = store.log.page(DeliveryFilter(shop_id=a_shop.id)).rows

    assert (row.buyer, row.order_number, row.product) == ("j…@example.com", "#1001", "Kubek")
    assert "jan@" not in str(row)


def test_a_story_goes_from_the_webhook_to_the_last_answer(store: SqlStore, a_shop: Shop) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), DELIVERED)

    story = store.log.story(a_shop.id, found(store, a_shop)[0])

    assert story
    assert (story.topic, story.received_at, story.translated_at) == ("orders/paid", NOON, NOON)
    assert [attempt.status for attempt in story.attempts] == [200]
    assert "jan@" not in str(story)


def test_who_looks_at_a_body_is_written_down(store: SqlStore, a_shop: Shop) -> None:
    a_delivery(store, a_shop)
    [id] = found(store, a_shop)

    body = store.log.sent_body(a_shop.id, id, who="shopify:7", now=NOON)

    assert body
    assert "jan@example.com" in body
    assert audit_lines(store, a_shop)[-1] == ("shopify:7", f"body_viewed {id}")


def test_a_body_that_is_gone_leaves_no_line(store: SqlStore, a_shop: Shop) -> None:
    ordered(store, a_shop, 1, plan=Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")))
    before = audit_lines(store, a_shop)

    assert store.log.sent_body(a_shop.id, found(store, a_shop)[0], who="x", now=NOON) is None
    assert audit_lines(store, a_shop) == before


def test_all_that_match_are_sent_again_in_steps(store: SqlStore, a_shop: Shop) -> None:
    for number in range(5):
        ordered(
            store,
            a_shop,
            number,
            locale="uk" if number % 2 else "pl",
            plan=Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")),
        )
    wanted, steps = DeliveryFilter(shop_id=a_shop.id, locale="pl", limit=2), []

    while True:
        step = store.log.send_again(wanted, who="shopify:7", now=NOON)
        steps.append(step.number)
        if step.older is None:
            break
        wanted = replace(wanted, before_id=step.older)

    assert steps == [2, 1]
    assert audit_lines(store, a_shop)[-1] == ("shopify:7", "deliveries_replayed 1")
    assert len(found(store, a_shop)) == 2  # the others are decided anew


def test_names_that_are_not_seen_any_more_go(store: SqlStore, a_shop: Shop) -> None:
    ordered(store, a_shop, 1)
    with store.database.write() as connection:
        connection.execute(update(product_names).values(seen_at=NOON - timedelta(days=100)))

    assert store.retention.delete_product_names(a_shop.id, before=NOON - timedelta(days=91)) == 1
    assert store.retention.delete_product_names(a_shop.id, before=NOON - timedelta(days=91)) == 0


def test_counted_hours_go_after_a_year(store: SqlStore, a_shop: Shop) -> None:
    ordered(store, a_shop, 1)
    while store.statistics.count(now=NOON + 9 * HOUR):
        pass

    assert store.retention.delete_hours(a_shop.id, before=NOON) == 0
    assert store.retention.delete_hours(a_shop.id, before=NOON + HOUR) == 1
