"""The first page: figures that lead into the log, and what is wrong said first."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import ColumnElement, func, select, update

from plugin import clock
from plugin.config import Settings
from plugin.domain.delivery import Hold, Outcome, Skip, Verdict
from plugin.domain.errors import StoreRefuses
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import Plan
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.queue.destinations import keys_of
from plugin.upkeep.platform_sync import sync_due
from plugin.web.concern_texts import concern_text
from plugin.web.pages.overview.lacking import PAGES
from tests.conftest import database_url as database_url
from tests.support.builders import NOON, a_settings_document, an_event
from tests.support.storage.situations import (
    DELIVERED,
    REFUSED,
    a_claimed_delivery,
    a_delivery,
    a_plan,
    attempted,
    claimed_event,
)
from tests.support.web.merchant import Merchant, a_merchant, fields_in
from tests.web.texts.test_translations import in_reasons

NOBODY = Skip(code=ReasonCode.NO_CONTACT, reason=worded("No address."), kind=EventKind.ORDER_PAID)
UNPAID = Outcome(
    verdict=Verdict.TRY_AGAIN,
    code=ReasonCode.SERVER_FAULT,
    reason=worded("The plan has ended."),
    fix=worded("Pay for the plan."),
    status=402,
    needs_merchant=True,
)


@pytest.fixture
def merchant(store: SqlStore, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Merchant:
    monkeypatch.setattr("plugin.clock.now", lambda: NOON)
    found = a_merchant(store, settings)
    store.guides.dismissed(found.shop.id, now=NOON)
    return found


def figures(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>([^<]+)</dt><dd>(?:<a [^>]+>)?([^<]+)", page)
    return {name: value.strip() for name, value in found}


def test_a_shop_nothing_happened_in_is_offered_a_test(merchant: Merchant) -> None:
    page = merchant.get("/").text

    assert "No events in this period" in page
    assert 'href="/fake/preview"' in page


def test_what_was_sent_refused_and_left_out_is_counted(merchant: Merchant, store: SqlStore) -> None:
    attempted(store, a_claimed_delivery(store, merchant.shop, key="k1"), DELIVERED)
    attempted(
        store, a_claimed_delivery(store, merchant.shop, key="k2", object_id="2", now=NOON + timedelta(seconds=9)), REFUSED
    )
    a_delivery(store, merchant.shop, key="k3", plan=NOBODY, object_id="3")

    told = figures(merchant.get("/").text)

    assert (told["Events"], told["Accepted by SendPulse"], told["Failed"], told["Skipped"]) == ("3", "1", "1", "1")
    assert told["Typical delay"] != "–"


HELD = Hold(code=ReasonCode.NO_FLOW, reason=worded("No flow."), fix=worded("Add one."))
PLANS: tuple[Plan | str, ...] = ("one", NOBODY, "one", HELD, "one")
BECOMES = {0: "delivered", 2: "failed"}  #: of every five; the last one waits, and one of those is on its way
A_DAY, HALF_HOUR = timedelta(days=1), timedelta(minutes=30)
MOMENTS = [
    *(timedelta(minutes=67 * step) for step in range(24)),  # nearly each hour of the last, and beyond them
    *(A_DAY * day + HALF_HOUR * half for day in (1, 6, 29, 30) for half in (-1, 0, 1, 24, 25, 47)),
]
CLOCKS_GO_BACK = datetime(2026, 10, 25, 3, 40, tzinfo=UTC)
CLOCKS_GO_FORWARD = datetime(2026, 3, 29, 5, 10, tzinfo=UTC)


def many_things_happen(store: SqlStore, shop: Shop, now: datetime) -> None:
    """Deliveries of several kinds, languages and states, over a month, some hours of it counted already."""
    kinds = (EventKind.ORDER_PAID, EventKind.ORDER_CREATED, EventKind.CUSTOMER_CREATED)
    for number, back in enumerate(sorted(MOMENTS, reverse=True)):
        at, plan = now - back, PLANS[number % 5]
        event = an_event(
            kind=kinds[number % 3], object_id=str(number), locale=("pl-PL", "pt-BR", "")[number % 4 % 3], happened_at=at
        )
        stored = claimed_event(store, shop, event, key=f"k{number}", now=max(at, NOON))
        store.events.planned(stored, event, a_plan(event) if isinstance(plan, str) else plan, timers=(), now=at)
        state = "sending" if number == len(MOMENTS) // 5 * 5 - 1 else BECOMES.get(number % 5)
        if state:
            values = {"state": state, "due_at": None, "finished_at": at + timedelta(seconds=7)}
            with store.database.write() as connection:
                connection.execute(update(tables.deliveries).where(_newest()).values(values))
        while number == len(MOMENTS) // 2 and store.statistics.count(now=at):
            pass


def _newest() -> ColumnElement[bool]:
    return tables.deliveries.c.id == select(func.max(tables.deliveries.c.id)).scalar_subquery()


def shown_figures(page: str) -> Iterator[tuple[str, str]]:
    """Each figure that is a link, and where it leads."""
    for address, figure in re.findall(r'<(?:dd|td)[^>]*><a href="([^"]*/deliveries\?[^"]+)">([^<]+)</a>', page):
        yield unescape(address).removeprefix("/fake"), figure


def found_behind(merchant: Merchant, address: str) -> int:
    """How many deliveries the log shows there, page after page."""
    page = merchant.get(address)
    assert page.status_code == 200, address
    number = len(re.findall(r'<th scope="row"><a href="/fake/deliveries/\d+[?"]', page.text))
    older = re.search(r'rel="next" href="/fake([^"]+)"', page.text)
    return number + (found_behind(merchant, unescape(older[1])) if older else 0)


A_HALF_HOUR_OFF = ("Asia/Kolkata", NOON + timedelta(minutes=17))


@pytest.mark.parametrize(  # where an hour begins is reckoned before a database is asked: one zone is enough for the second
    ("database_url", "zone", "now"),
    [
        ("sqlite", "Europe/Warsaw", CLOCKS_GO_BACK), ("sqlite", "Europe/Warsaw", CLOCKS_GO_FORWARD),
        ("sqlite", *A_HALF_HOUR_OFF), ("postgresql", *A_HALF_HOUR_OFF),
        ("sqlite", "America/Havana", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
    ],
    indirect=["database_url"],
)  # fmt: skip
def test_each_figure_leads_to_the_deliveries_it_counts(
    store: SqlStore, settings: Settings, monkeypatch: pytest.MonkeyPatch, zone: str, now: datetime
) -> None:
    monkeypatch.setattr("plugin.clock.now", lambda: now)
    monkeypatch.setattr("plugin.storage.log.search.PATIENCE_SECONDS", 60.0)
    there = a_merchant(store, settings, document=a_settings_document(store={"name": "Demo"}), timezone=zone)
    store.guides.dismissed(there.shop.id, now=NOON)
    many_things_happen(store, there.shop, now)

    for span in ("day", "month"):
        page = there.get(f"/?span={span}").text

        leading, delivered = list(shown_figures(page)), int(figures(page)["Accepted by SendPulse"])
        told = {address: int(figure) if figure.isdigit() else delivered for address, figure in leading}
        assert {address: found_behind(there, address) for address in told} == told
        assert len(told) > 25
        assert sum(not figure.isdigit() for _, figure in leading) == 2  # how long they took
        assert figures(page)["Sending"] == "1"


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("from=2026-11-23", ("date", "date")),
        ("from=2026-11-23T05:00&to=2026-11-23T06:00", ("datetime-local", "datetime-local")),
        ("from=2026-10-25T02:00%2B01:00&to=2026-10-25", ("text", "date")),
    ],
)
def test_the_filter_shows_an_hour_and_keeps_it(merchant: Merchant, query: str, types: tuple[str, str]) -> None:
    page = merchant.get(f"/deliveries?{query}").text

    fields = fields_in(page)
    assert {name: value for name, value in fields.items() if value} == dict(parse_qsl(query))
    shown = dict(re.findall(r'<input id="(from|to)" name="\w+" type="([\w-]+)"', page))
    assert (shown["from"], shown["to"]) == types


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("zone", ["Mars/Base", "GMT+2", "Europe", "../etc", ""])
@pytest.mark.parametrize("path", ["/", "/?span=day", "/deliveries"])
def test_a_store_whose_time_zone_nobody_here_knows_reads_times_of_utc(
    store: SqlStore, settings: Settings, path: str, zone: str
) -> None:
    there = a_merchant(store, settings, document=a_settings_document(store={"name": "Demo"}), timezone=zone)
    store.guides.dismissed(there.shop.id, now=NOON)
    attempted(store, a_claimed_delivery(store, there.shop, now=clock.now()), DELIVERED)
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).values(created_at=clock.now()))

    page = there.get(path)

    assert page.status_code == 200
    assert "Times are in the time zone UTC." in page.text


def test_the_chart_draws_what_stands_in_the_table(merchant: Merchant, store: SqlStore) -> None:
    attempted(store, a_claimed_delivery(store, merchant.shop), DELIVERED)

    page = merchant.get("/?span=day").text

    [drawn] = re.findall(r'data-chart="([^"]+)"', page)
    chart = json.loads(unescape(drawn))
    assert (len(chart["times"]), chart["unit"], chart["zone"]) == (24, "hour", "Europe/Warsaw")
    assert chart["times"][-1] == NOON.isoformat()
    assert {one["label"]: sum(one["values"]) for one in chart["series"]}["Accepted by SendPulse"] == 1
    assert page.count('<th scope="row">') >= 24


def test_the_legend_names_what_the_chart_shows_and_nothing_else(merchant: Merchant, store: SqlStore) -> None:
    attempted(store, a_claimed_delivery(store, merchant.shop), DELIVERED)
    a_delivery(store, merchant.shop, key="k3", plan=NOBODY, object_id="3")

    [legend] = re.findall(r'<ul class="legend">(.+?)</ul>', merchant.get("/").text)

    assert re.findall(r'<li class="(\w+)">([^<]+)</li>', legend) == [
        ("delivered", "Accepted by SendPulse"),
        ("skipped", "Skipped"),
    ]


@pytest.mark.parametrize(("span", "lines"), [("day", 24), ("week", 7), ("month", 30), ("", 7), ("strange", 7), ("1' OR 1", 7)])
def test_any_span_is_answered(merchant: Merchant, store: SqlStore, span: str, lines: int) -> None:
    attempted(store, a_claimed_delivery(store, merchant.shop), DELIVERED)

    page = merchant.client.get("/fake/", query_string={"span": span}, headers=merchant._headers())

    [drawn] = re.findall(r'data-chart="([^"]+)"', page.text)
    assert (page.status_code, len(json.loads(unescape(drawn))["times"])) == (200, lines)


def test_an_account_that_waits_for_its_merchant_is_said_and_can_be_tried_again(merchant: Merchant, store: SqlStore) -> None:
    claimed = a_claimed_delivery(store, merchant.shop)
    attempted(store, claimed, UNPAID, next_at=NOON + timedelta(hours=1))
    with store.database.write() as connection:  # what a route leads to, as the settings of this shop have it
        known = next(iter(_keys(store, merchant)))
        connection.execute(update(tables.destinations).values(key=known))

    before = merchant.get("/").text
    after = merchant.post("/health/again", {}).text

    assert "Pay for the plan." in before
    assert "Try again now" in before
    assert "Pay for the plan." not in after
    assert "Trying again" in after


def attention(page: str) -> list[str]:
    """Each thing that needs the merchant, as it is read."""
    [section] = re.findall(r'<section class="card" id="attention">(.+?)</section>', page, re.DOTALL) or [""]
    items = re.findall(r"<li>(.+?)</li>", section, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", item)).split()) for item in items]


def test_what_failed_needs_attention_by_its_reason_with_one_way_out(merchant: Merchant, store: SqlStore) -> None:
    unknown = replace(REFUSED, code=ReasonCode.EVENT_UNKNOWN)
    for number in range(3):
        at = NOON + timedelta(seconds=9 * number)
        claimed = a_claimed_delivery(store, merchant.shop, key=f"k{number}", object_id=str(number), now=at)
        attempted(store, claimed, unknown if number else REFUSED)
    a_delivery(store, merchant.shop, key="k9", plan=NOBODY, object_id="9")

    page = merchant.get("/").text

    assert attention(page) == [
        "SendPulse doesn’t know this event Failed 2 events · Order paid · Oldest: 1 second ago "
        "Check event URL Send 2 events again",
        "SendPulse refused the event’s data Failed 1 event · Order paid · Oldest: 1 second ago In SendPulse, compare the "
        "event’s variables with the data in the event log. Check event settings Send 1 event again",
    ]
    asked = "state=failed&reason=event_unknown&from=2026-11-16T13:00&event=order_paid"
    [again] = re.findall(r'href="/fake([^"]+)">Send 2 events again<', page)
    asking = fields_in(merchant.get(unescape(again)).text)
    assert {"state": "failed", "reason": "event_unknown", "event": "order_paid"}.items() <= asking.items()
    assert "again-failed" in asking
    assert found_behind(merchant, f"/deliveries?{asked}") == 2
    narrowed = merchant.get(f"/deliveries?{asked}").text
    assert "SendPulse doesn’t know this event" in narrowed
    assert "Nov 16, 2026, 1:00\u202fPM" in narrowed


def test_what_is_held_in_several_kinds_is_one_thing_to_do(merchant: Merchant, store: SqlStore) -> None:
    for number, kind in enumerate((EventKind.ORDER_PAID, EventKind.ORDER_CREATED, EventKind.ORDER_PAID)):
        a_delivery(store, merchant.shop, key=f"k{number}", plan=HELD, object_id=str(number), kind=kind)

    page = merchant.get("/").text

    assert attention(page) == [
        "No flow for the buyer’s language Held 3 events · Order paid, Order placed · Oldest: 1 second ago "
        "Add flow Send 3 events again"
    ]
    assert 'href="/fake/languages"' in page


NO_LINK = "No product links: Saleor does not know your storefront. Enter the address of a product’s page on the Settings page."
NOT_TOLD = "No link for {} of 3 products: a word in braces in their address has no value here."
GONE = "Shopify no longer has this order."


def test_what_was_accepted_incomplete_needs_attention_by_what_was_missing(merchant: Merchant, store: SqlStore) -> None:
    lacked = (NOT_TOLD.format(1), f"{NOT_TOLD.format(2)}; {NO_LINK}", GONE, "")
    for number, partial in enumerate((*lacked, GONE)):
        at, kind = NOON + timedelta(seconds=9 * number), (EventKind.ORDER_PAID, EventKind.ORDER_CREATED)[number % 2]
        claimed = a_claimed_delivery(
            store, merchant.shop, key=f"k{number}", object_id=str(number), kind=kind, partial=partial, now=at
        )
        attempted(store, claimed, REFUSED if number == len(lacked) else DELIVERED, now=at)

    page = merchant.get("/").text

    assert attention(page)[1:] == [
        f"{NOT_TOLD.format(2)} Accepted by SendPulse 2 events · Order placed, Order paid · Newest: 1 second ago "
        "Check the address in Settings",
        f"{NO_LINK} Accepted by SendPulse 1 event · Order placed · Newest: 1 second ago Enter it on the Settings page",
        f"{GONE} Accepted by SendPulse 1 event · Order paid · Newest: 1 second ago Open the newest event",
    ]
    assert re.search(r'href="/fake/deliveries/\d+">Open the newest event<', page)
    assert len(re.findall(r'href="/fake/settings">(?:Check the address|Enter it)', page.partition('id="attention"')[2])) == 2


def test_every_page_for_what_is_missing_is_spoken_of_by_a_sentence() -> None:
    sentences = [str(sentence) for sentence in in_reasons() if isinstance(sentence, str)]

    assert [words for words, *_ in PAGES if not any(words in sentence for sentence in sentences)] == []


@pytest.mark.parametrize("says", ["consent_key", ""])
def test_buyers_without_a_known_consent_need_attention_where_the_merchant_can_say_what_tells_it(
    merchant: Merchant, store: SqlStore, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    monkeypatch.setattr(merchant.services.platforms["fake"], "merchant_says", frozenset({says}))
    a_delivery(store, merchant.shop, plan=replace(NOBODY, code=ReasonCode.CONSENT_UNKNOWN))

    found = attention(merchant.get("/").text)

    assert [item.partition(" Skipped")[0] for item in found] == [
        *(["Your store doesn’t say who agreed to marketing"] if says else [])
    ]


def test_nothing_needs_attention_where_all_was_meant(merchant: Merchant, store: SqlStore) -> None:
    attempted(store, a_claimed_delivery(store, merchant.shop, key="k1"), DELIVERED)
    a_delivery(store, merchant.shop, key="k3", plan=NOBODY, object_id="3")

    page = merchant.get("/").text

    assert attention(page) == []
    told = figures(page)
    assert told["Store"] == "Connected"
    assert told["Last event received"] == "1 second ago"
    assert re.fullmatch(r"\d+ of \d+", told["Events on"])


def test_before_anything_happened_the_strip_says_so(merchant: Merchant) -> None:
    told = figures(merchant.get("/").text)

    assert (told["SendPulse account"], told["Last event received"]) == ("Nothing sent yet", "None yet")


def test_a_reason_nobody_knows_is_said_and_nothing_is_shown(merchant: Merchant) -> None:
    page = merchant.get("/deliveries?reason=strange").text

    assert "This filter can’t be used" in page
    assert "Other reasons" in page


def test_every_reason_has_a_way_out() -> None:
    for text in (concern_text(None), *map(concern_text, ReasonCode)):
        assert text.title
        assert bool(text.action) == bool(text.page)
        assert text.action or text.hint


def _keys(store: SqlStore, merchant: Merchant) -> list[str]:
    settings = store.shops.settings(merchant.shop.id)
    return sorted(keys_of(store.crypto, settings, merchant.shop.id))


def test_a_store_that_refuses_is_said_with_since_when_and_what_to_do(merchant: Merchant, store: SqlStore) -> None:
    merchant.services.platforms["fake"].answers_to_settling.append(  # type: ignore[attr-defined]
        StoreRefuses(worded("The store said no."), fix=worded("Install the app again."))
    )
    sync_due(store, merchant.services.platforms, now=NOON - timedelta(minutes=20))
    before = merchant.get("/").text
    sync_due(store, merchant.services.platforms, now=NOON)
    said = merchant.get("/").text
    sync_due(store, merchant.services.platforms, now=NOON + timedelta(minutes=10))

    assert "Your store is blocking" not in before
    assert "The store said no. Install the app again." in said
    assert "Since Nov 23, 2026, 1:00\u202fPM." in said
    assert "Your store is blocking" not in merchant.get("/").text


def test_a_store_that_fell_silent_is_noticed_by_its_own_measure(
    merchant: Merchant, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in range(14):
        at = NOON - timedelta(hours=60 - 2 * hour)
        a_delivery(store, merchant.shop, key=f"k{hour}", plan=NOBODY, object_id=str(hour), happened_at=at)
        with store.database.write() as connection:
            connection.execute(update(tables.deliveries).where(_newest()).values(created_at=at))

    assert "unusually long" in merchant.get("/").text


def test_a_night_is_no_silence(merchant: Merchant, store: SqlStore) -> None:
    a_delivery(store, merchant.shop, plan=NOBODY)

    assert "unusually long" not in merchant.get("/").text


def test_another_shops_events_are_not_counted(merchant: Merchant, store: SqlStore, a_shop: object) -> None:
    other = store.shops.find("shopify", "demo.myshopify.com")
    assert other
    attempted(store, a_claimed_delivery(store, other.shop), DELIVERED)

    assert "No events in this period" in merchant.get("/").text


@pytest.mark.parametrize("most", [0, 24])
def test_figures_that_may_be_older_than_the_log_say_so(
    merchant: Merchant, store: SqlStore, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("plugin.storage.log.statistics.LIVE_HOURS", most)
    a_delivery(store, merchant.shop)
    while store.statistics.count(now=NOON + timedelta(hours=2)):
        pass

    assert ("the event log may be ahead of these figures" in merchant.get("/").text) is (most == 0)
