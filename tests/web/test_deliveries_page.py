"""The log as a merchant reads it: found, filtered, taken along; another shop's never."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest

from plugin.domain.delivery import Skip
from plugin.domain.errors import StorageDown
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.storage import SqlStore
from plugin.web.i18n import PSEUDO
from tests.conftest import database_url as database_url
from tests.support.builders import NOON, an_event
from tests.support.storage.situations import (
    DELIVERED,
    REFUSED,
    a_claimed_delivery,
    attempted,
    planned,
)
from tests.support.web.merchant import Merchant, errors_in, fields_in, texts_in
from tests.support.web.the_log import ON_SQLITE, ended, ids_in, states
from tests.support.web.the_log import failed as failed
from tests.support.web.the_log import merchant as merchant
from tests.web.texts.test_languages import unmarked

# ------------------------------------------------------------------ the list


def test_an_empty_log_says_what_will_stand_there_and_where_to_go(merchant: Merchant) -> None:
    page = merchant.get("/deliveries")

    assert page.status_code == 200
    assert "No events yet" in page.text
    assert 'href="/fake/preview"' in page.text


def test_a_delivery_stands_in_the_list_with_its_state_and_reason_but_no_address(merchant: Merchant, failed: int) -> None:
    page = merchant.get("/deliveries").text

    assert ids_in(page) == [failed]
    assert 'data-state="failed"' in page
    assert "SendPulse refused it." in page
    assert "j…@example.com" in page
    assert "jan@example.com" not in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("state=failed", True), ("state=delivered", False), ("event=order_paid", True), ("event=order_created", False),
        ("language=pl-PL", True), ("language=pl", False), ("language=-", False), ("flow=102", True), ("flow=7", False),
        ("from=2000-01-01&to=2099-12-31", True), ("to=2000-01-01", False), ("from=2099-01-01", False),
        ("from=2026-11-23T13:00&to=2026-11-23T14:00", True), ("from=2026-11-23T13:01", False), ("to=2026-11-23T13:00", False),
        ("from=2026-11-23T12:00%2B00:00&to=2026-11-23T12:01%2B00:00", True), ("from=2026-11-23T13:00&to=2026-11-23", True),
        ("q=jan@example.com", True), ("q=other@example.com", False),
    ],
)  # fmt: skip
def test_each_filter_finds_what_matches(merchant: Merchant, failed: int, query: str, is_found: bool) -> None:
    page = merchant.get(f"/deliveries?{query}")

    assert page.status_code == 200
    assert ids_in(page.text) == ([failed] if is_found else [])
    assert ("Nothing matches" in page.text) is not is_found


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "lost"), ("event", "order_eaten"), ("flow", "seven"), ("flow", "9" * 40), ("flow", "-1"),
        ("from", "yesterday"), ("from", "0001-01-01"), ("to", "9999-12-31"), ("to", "2026-13-01"), ("q", "x" * 300),
        ("q", "a%00b"), ("language", "a%00b"), ("from", "2026-11-23T25:00"), ("from", "2026-11-23T05"),
        ("from", "2026-11-23T05:00Z"), ("to", "2026-11-23T05:00%2B99:99"), ("to", "1999-12-31T23:59"), ("from", "T"),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_used_says_so_beside_its_field(merchant: Merchant, failed: int, name: str, value: str) -> None:
    page = merchant.get(f"/deliveries?{name}={value}")

    assert page.status_code == 422
    assert list(errors_in(page.text)) == [name]
    assert ids_in(page.text) == []


@ON_SQLITE
@pytest.mark.parametrize("end", ["2026-03-02T05:00", "2026-03-02T04:59", "2026-03-01"])
def test_an_end_that_is_not_after_its_beginning_is_said_beside_it(merchant: Merchant, end: str) -> None:
    page = merchant.get(f"/deliveries?from=2026-03-02T05:00&to={end}")

    assert list(errors_in(page.text)) == ["to"]
    assert fields_in(page.text)["from"] == "2026-03-02T05:00"


def test_a_last_day_before_the_first_one_is_said_beside_it(merchant: Merchant) -> None:
    page = merchant.get("/deliveries?from=2026-03-02&to=2026-03-01")

    assert list(errors_in(page.text)) == ["to"]
    assert fields_in(page.text)["from"] == "2026-03-02"


@pytest.mark.parametrize("value", ["-1", "x", "9" * 40, "%00"])
def test_a_place_in_the_list_that_is_none_is_not_there(merchant: Merchant, failed: int, value: str) -> None:
    assert merchant.get(f"/deliveries?before={value}").status_code == 404


def test_no_place_in_the_list_is_its_beginning(merchant: Merchant, failed: int) -> None:
    assert ids_in(merchant.get("/deliveries?before=").text) == [failed]


def test_pages_follow_each_other_without_a_gap(merchant: Merchant, store: SqlStore) -> None:
    for number in range(53):
        planned(
            store,
            merchant.shop,
            an_event(object_id=str(number)),
            Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")),
            key=f"k{number}",
        )

    first = merchant.get("/deliveries?state=skipped").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = merchant.get(older[1].replace("&amp;", "&").removeprefix("/fake")).text

    assert len(ids_in(first)) == 50
    assert ids_in(first) + ids_in(second) == sorted(states(store, merchant.shop), reverse=True)
    assert 'rel="prev" href="/fake/deliveries?state=skipped"' in second


def links_in(html: str, rel: str) -> list[str]:
    """Where these links lead, as the merchant's pages are asked for."""
    return [unescape(link).removeprefix("/fake") for link in re.findall(rf'rel="{rel}" href="([^"]+)"', html)]


def test_newer_pages_are_found_again_with_the_filter(
    merchant: Merchant, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugin.web.pages.deliveries.PAGE_SIZE", 1)
    for number in range(4):
        ended(store, merchant.shop, number, REFUSED)
    pages = [merchant.get("/deliveries?state=failed").text]
    for _page in range(3):
        [older] = links_in(pages[-1], "next")
        pages.append(merchant.get(older).text)

    back = [pages[-1]]
    while newer := links_in(back[-1], "prev"):
        back.append(merchant.get(newer[0]).text)

    assert [ids_in(page) for page in back] == [ids_in(page) for page in reversed(pages)]
    assert links_in(pages[-1], "first") == ["/deliveries?state=failed"]
    assert links_in(pages[-1], "next") == []


def test_the_tabs_count_what_matches_in_each_state(merchant: Merchant, store: SqlStore, failed: int) -> None:
    ended(store, merchant.shop, 2, DELIVERED)
    ended(store, merchant.shop, 3, REFUSED)
    planned(store, merchant.shop, an_event(object_id="4"), Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")), key="k4")

    def tabs(query: str) -> list[str]:
        nav = re.search(r'<nav class="tabs".*?</nav>', merchant.get(f"/deliveries{query}").text, re.DOTALL)
        assert nav
        return [" ".join(re.sub(r"<[^>]+>", "", tab).split()) for tab in re.findall(r"<a .*?</a>", nav[0], re.DOTALL)]

    assert tabs("") == ["All 4", "Failed 2", "Held 0", "Waiting 0", "Skipped 1"]
    assert tabs("?state=failed&flow=102") == ["All 3", "Failed 2", "Held 0", "Waiting 0", "Skipped 0"]
    assert tabs("?flow=x") == ["All", "Failed", "Held", "Waiting", "Skipped"]


def test_a_tab_says_when_there_are_more_than_were_counted(
    merchant: Merchant, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugin.web.pages.deliveries.listing.MOST_COUNTED", 2)
    for number in range(3):
        ended(store, merchant.shop, number, REFUSED)

    assert re.search(r'Failed <span class="small" translate="no">2\+</span>', merchant.get("/deliveries").text)


def test_each_filter_in_use_is_taken_away_by_itself(merchant: Merchant, failed: int) -> None:
    page = merchant.get("/deliveries?state=failed&event=order_paid&flow=102&language=-").text

    chips = re.search(r'<ul class="row chips".*?</ul>', page, re.DOTALL)
    assert chips
    assert [unescape(link) for link in re.findall(r'class="button" href="([^"]+)"', chips[0])] == [
        "/fake/deliveries?state=failed&language=-&flow=102", "/fake/deliveries?state=failed&event=order_paid&flow=102",
        "/fake/deliveries?state=failed&event=order_paid&language=-",
    ]  # fmt: skip
    assert texts_in(chips[0])[:2] == ["Event:", "Order paid"]


@ON_SQLITE
@pytest.mark.parametrize("query", ["", "state=failed&event=order_paid", "flow=102&before=999999&trail=0"])
def test_the_way_back_from_an_event_leads_to_the_list_it_was_found_in(merchant: Merchant, failed: int, query: str) -> None:
    [story] = re.findall(rf'href="/fake(/deliveries/{failed}[^"]*)"', merchant.get(f"/deliveries?{query}").text)
    address = f"/fake/deliveries?{query}".rstrip("?")

    for page in (
        merchant.get(unescape(story)).text,
        merchant.post(unescape(story).replace(f"/{failed}", f"/{failed}/again"), {}).text,
    ):
        [back] = re.findall(r'class="back" href="([^"]+)"', page)
        assert sorted(unescape(back).split("?")[-1].split("&")) == sorted(address.split("?")[-1].split("&"))


@ON_SQLITE
@pytest.mark.parametrize("query", ["state=lost", "before=2&trail=x", "trail=3-0", "before=2&trail=" + "9-" * 90 + "9"])
def test_an_event_is_shown_whatever_the_list_it_came_from_was_asked_for(merchant: Merchant, failed: int, query: str) -> None:
    assert merchant.get(f"/deliveries/{failed}?{query}").status_code == 200


def test_a_look_that_reached_the_end_says_that_nothing_matches_however_long_it_took(
    merchant: Merchant, failed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugin.storage.log.search.PATIENCE_SECONDS", 0.0)

    assert "Nothing matches" in merchant.get("/deliveries?flow=7").text


@ON_SQLITE
def test_every_text_is_marked_for_translation(merchant: Merchant, store: SqlStore, failed: int) -> None:
    ended(store, merchant.shop, 2, DELIVERED)
    merchant.language = PSEUDO
    paths = ("", "?q=nothing", "?state=x", "again", "again?state=waiting", str(failed))

    pages = [merchant.get(f"/deliveries/{path}").text for path in paths]
    pages += [merchant.post(f"/deliveries/{path}", {}).text for path in ("again", f"{failed}/body", f"{failed}/again")]
    fields = fields_in(merchant.get("/deliveries/again?state=delivered").text)
    pages += [merchant.post(f"/deliveries/{path}", fields).text for path in ("again", "selection")]

    assert [unmarked(page) for page in pages] == [[]] * len(pages)


def test_a_look_that_took_too_long_offers_to_look_further(
    merchant: Merchant, store: SqlStore, failed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(store, merchant.shop, 2, DELIVERED)
    monkeypatch.setattr("plugin.storage.log.search.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("plugin.storage.log.id_ranges.LONGEST", 1)

    page = merchant.get("/deliveries?flow=7").text

    assert "Nothing matches" not in page
    assert "Search older events" in page


# ------------------------------------------------------------------ what changes by itself


def test_a_list_with_something_waiting_asks_again_and_stops_when_nothing_waits(merchant: Merchant, store: SqlStore) -> None:
    now = NOON + timedelta(minutes=1)
    claimed = a_claimed_delivery(store, merchant.shop, key="k1", object_id="1", now=now)

    page = merchant.get("/deliveries?event=order_paid").text
    [asked] = re.findall(r'hx-get="/fake(/deliveries\?[^"]+)" hx-trigger="every 5s"', page)
    attempted(store, claimed, REFUSED, now=now)
    part = merchant.get(unescape(asked)).text

    assert ids_in(part) == [claimed.delivery.id]
    assert 'data-state="failed"' in part
    assert "every 5s" not in part
    assert 'id="tabs" hx-swap-oob="outerMorph"' in part


# ------------------------------------------------------------------ the table to take along


def test_the_table_holds_what_matches_with_masked_addresses(merchant: Merchant, store: SqlStore, failed: int) -> None:
    ended(store, merchant.shop, 2, DELIVERED)

    answer = merchant.get("/deliveries/export?state=failed")

    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert 'filename="deliveries.csv"' in answer.headers["Content-Disposition"]
    assert [row[head.index("Log ID")] for row in rows] == [str(failed)]
    assert rows[0][head.index("To")] == "j…@example.com"
    assert rows[0][head.index("Last answer")] == "400"


def test_a_database_that_is_away_before_the_table_begins_is_told_at_once(
    merchant: Merchant, store: SqlStore, failed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StorageDown("The database is away.")

    merchant.get("/deliveries")
    monkeypatch.setattr("plugin.storage.log.walk._newest", away)

    assert merchant.get("/deliveries/export").status_code == 503
    assert merchant.get("/deliveries/export/rows").status_code == 503
