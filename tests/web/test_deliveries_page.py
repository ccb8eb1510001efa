"""The log as a merchant reads it: found, told, sent again, taken along; another shop's never."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from plugin.config import Settings
from plugin.domain.delivery import Hold, Outcome, Skip
from plugin.domain.errors import StorageDown
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import DeliveryFilter
from plugin.storage import SqlStore
from plugin.upkeep import resending
from plugin.web.i18n import PSEUDO
from tests.conftest import database_url as database_url
from tests.support.builders import NOON, a_settings_document, an_event
from tests.support.storage.situations import (
    BODY,
    DELIVERED,
    REFUSED,
    a_claimed_delivery,
    a_delivery,
    attempted,
    audit_lines,
    planned,
)
from tests.support.web.merchant import Merchant, a_merchant, errors_in, fields_in, texts_in
from tests.web.texts.test_languages import unmarked

# Where a page answers before it asks the log, or only tells what it found, the second database adds nothing.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def merchant(store: SqlStore, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Merchant:
    monkeypatch.setattr("plugin.storage.log.search.PATIENCE_SECONDS", 60.0)  # a slow machine finds as much as a fast one
    monkeypatch.setattr("plugin.web.pages.deliveries.listing.COUNTING_SECONDS", 60.0)
    monkeypatch.setattr("plugin.web.pages.deliveries.sending.OLD", timedelta(days=36_500))
    return a_merchant(store, settings)


@pytest.fixture
def failed(store: SqlStore, merchant: Merchant) -> int:
    """A delivery SendPulse refused."""
    claimed = a_claimed_delivery(store, merchant.shop)
    attempted(store, claimed, REFUSED)
    return claimed.delivery.id


def ended(store: SqlStore, shop: Shop, number: int, outcome: Outcome) -> None:
    """One more delivery, a minute later each, with what came of it."""
    now = NOON + timedelta(minutes=number)
    attempted(store, a_claimed_delivery(store, shop, key=f"k{number}", object_id=str(number), now=now), outcome, now=now)


def ids_in(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/fake/deliveries/(\d+)["?]', html)]


def states(store: SqlStore, shop: Shop) -> Mapping[int, str]:
    return {row.id: row.state for row in store.log.list(DeliveryFilter(shop_id=shop.id))}


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


# ------------------------------------------------------------------ one delivery


def test_a_story_goes_from_the_store_s_word_to_what_to_do_next(merchant: Merchant, failed: int) -> None:
    page = merchant.get(f"/deliveries/{failed}").text

    places = [page.index(words) for words in ("orders/paid", "pl is written for pl-PL", "Answer: 400", "Show what was sent")]
    assert places == sorted(places)
    assert "Check the event." in page
    assert "jan@example.com" not in page


def test_a_deleted_flow_keeps_its_name_where_it_was_sent_to(merchant: Merchant, store: SqlStore, failed: int) -> None:
    document = a_settings_document()
    document["flows"] = [flow for flow in document["flows"] if flow["automation_id"] != 102]
    store.shops.write_settings(merchant.shop.id, document, who="test", now=NOON)

    for path in ("", f"/{failed}"):
        assert "102 Polski (deleted)" in merchant.get(f"/deliveries{path}").text


def test_what_sendpulse_said_is_shown_as_text(merchant: Merchant, store: SqlStore) -> None:
    claimed = a_claimed_delivery(store, merchant.shop)
    attempted(
        store,
        claimed,
        type(REFUSED)(verdict=REFUSED.verdict, code=REFUSED.code, reason=worded("no"), status=400, answer="<script>x</script>"),
    )

    assert "&lt;script&gt;x" in merchant.get(f"/deliveries/{claimed.delivery.id}").text


def test_what_was_sent_is_shown_when_asked_for_which_is_noted_without_it(
    merchant: Merchant, store: SqlStore, failed: int
) -> None:
    page = merchant.post(f"/deliveries/{failed}/body", {}).text

    assert "Kubek" in page
    who, what = audit_lines(store, merchant.shop)[-1]
    assert str(failed) in what
    assert BODY not in what and "jan" not in what
    assert who


def test_a_delivery_of_another_shop_is_none(merchant: Merchant, store: SqlStore) -> None:
    other = store.shops.install(Shop(id=0, platform="fake", address="other"), {}, now=NOON)
    store.shops.write_settings(other.id, a_settings_document(), who="test", now=NOON)
    claimed = a_claimed_delivery(store, other)
    attempted(store, claimed, REFUSED)
    number = claimed.delivery.id

    answers = [
        merchant.get(f"/deliveries/{number}"),
        *(merchant.post(f"/deliveries/{number}/{do}", {}) for do in ("body", "again")),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert ids_in(merchant.get("/deliveries").text) == []
    assert states(store, other) == {number: "failed"}
    assert not any("viewed" in what for _, what in audit_lines(store, other))


# ------------------------------------------------------------------ sending again


def test_a_failed_delivery_is_sent_again(merchant: Merchant, store: SqlStore, failed: int) -> None:
    page = merchant.post(f"/deliveries/{failed}/again", {})

    assert "It will be sent again" in page.text
    assert states(store, merchant.shop) == {failed: "waiting"}


def test_a_held_delivery_is_decided_anew(merchant: Merchant, store: SqlStore) -> None:
    planned(store, merchant.shop, an_event(), Hold(code=ReasonCode.NO_FLOW, reason=worded("no flow"), fix=worded("add one")))
    [held] = states(store, merchant.shop)

    page = merchant.post(f"/deliveries/{held}/again", {})

    assert page.status_code == 200
    assert "Your current settings decide" in page.text
    assert states(store, merchant.shop) == {}


def test_a_delivery_that_waits_offers_nothing_to_send_again(merchant: Merchant, store: SqlStore) -> None:
    a_delivery(store, merchant.shop)
    [waiting] = states(store, merchant.shop)

    assert "/again" not in merchant.get(f"/deliveries/{waiting}").text


def test_sending_all_again_asks_first_with_a_count_of_each_state(merchant: Merchant, store: SqlStore, failed: int) -> None:
    ended(store, merchant.shop, 2, DELIVERED)
    planned(store, merchant.shop, an_event(object_id="3"), Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")), key="k3")

    page = merchant.get("/deliveries/again").text

    assert {"Failed: 1 event", "Accepted by SendPulse: 1 event", "Skipped: 1 event"} <= set(texts_in(page))
    assert any(text.startswith("The oldest is from ") for text in texts_in(page))
    assert [name for name in fields_in(page) if name.startswith("again")] == ["again-failed"]
    assert states(store, merchant.shop)[failed] == "failed"


@pytest.mark.parametrize(("query", "ticked"), [("skipped", ["again-skipped"]), ("delivered", []), ("held", [])])
def test_what_a_tab_shows_is_ticked_but_for_what_sendpulse_has(
    merchant: Merchant, store: SqlStore, failed: int, query: str, ticked: list[str]
) -> None:
    ended(store, merchant.shop, 2, DELIVERED)
    planned(store, merchant.shop, an_event(object_id="3"), Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")), key="k3")

    page = merchant.get(f"/deliveries/again?state={query}").text

    assert [name for name in fields_in(page) if name.startswith("again")] == ticked


def test_only_the_ticked_states_of_what_matches_are_sent_again(merchant: Merchant, store: SqlStore, failed: int) -> None:
    ended(store, merchant.shop, 2, DELIVERED)
    planned(store, merchant.shop, an_event(object_id="3"), Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")), key="k3")

    page = merchant.post("/deliveries/again", fields_in(merchant.get("/deliveries/again?event=order_paid&flow=102").text))

    assert "One event will be sent again" in page.text
    assert sorted(states(store, merchant.shop).values()) == ["delivered", "skipped", "waiting"]
    assert any("deliveries_replayed 1" in what for _, what in audit_lines(store, merchant.shop))


def test_old_ones_are_sent_again_only_when_somebody_says_so(
    merchant: Merchant, store: SqlStore, failed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugin.web.pages.deliveries.sending.OLD", timedelta(0))
    page = merchant.get("/deliveries/again").text
    assert "1 is older than 3 days. Send it too." in texts_in(page)

    refused = merchant.post("/deliveries/again", fields_in(page))
    assert refused.status_code == 422
    assert "older than 3 days" in errors_in(refused.text)["again"]
    assert states(store, merchant.shop) == {failed: "failed"}
    merchant.post("/deliveries/again", fields_in(refused.text) | {"old-failed": "on"})

    assert states(store, merchant.shop) == {failed: "waiting"}


def test_sending_again_without_a_choice_says_so(merchant: Merchant, failed: int) -> None:
    page = merchant.post("/deliveries/again", {})

    assert page.status_code == 422
    assert errors_in(page.text) == {"again": "Select at least one of these."}


# ------------------------------------------------------------------ a selection


def test_selected_events_are_sent_again_and_no_others(merchant: Merchant, store: SqlStore) -> None:
    for number in range(3):
        ended(store, merchant.shop, number, REFUSED)
    first, second, third = sorted(states(store, merchant.shop))

    page = merchant.post("/deliveries/selection?state=failed", {"id": [first, third]})

    assert "2 events will be sent again" in page.text
    assert ids_in(page.text) == [second]
    assert states(store, merchant.shop) == {first: "waiting", second: "failed", third: "waiting"}


def test_nothing_selected_is_said_beside_the_button(merchant: Merchant, failed: int) -> None:
    page = merchant.post("/deliveries/selection", {})

    assert page.status_code == 422
    assert errors_in(page.text) == {"selection": "Select at least one event."}


@pytest.mark.parametrize("ids", [["x"], ["-1"], ["0"], [str(2**60)], ["7; drop table deliveries"]])
def test_a_selection_of_what_is_none_sends_nothing(merchant: Merchant, store: SqlStore, failed: int, ids: list[str]) -> None:
    assert merchant.post("/deliveries/selection", {"id": ids}).status_code == 422
    assert states(store, merchant.shop) == {failed: "failed"}


def test_another_shop_s_events_cannot_be_selected(merchant: Merchant, store: SqlStore) -> None:
    other = store.shops.install(Shop(id=0, platform="fake", address="other"), {}, now=NOON)
    store.shops.write_settings(other.id, a_settings_document(), who="test", now=NOON)
    claimed = a_claimed_delivery(store, other)
    attempted(store, claimed, REFUSED)

    page = merchant.post("/deliveries/selection", {"id": [claimed.delivery.id]})

    assert "Nothing was sent again" in page.text
    assert states(store, other) == {claimed.delivery.id: "failed"}


def test_a_selection_with_something_old_or_delivered_is_asked_about(
    merchant: Merchant, store: SqlStore, failed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(store, merchant.shop, 2, DELIVERED)
    newest = max(states(store, merchant.shop))

    asked = merchant.post("/deliveries/selection", {"id": [newest]}).text
    assert [name for name in fields_in(asked) if name.startswith("again")] == []
    assert "Accepted by SendPulse: 1 event" in texts_in(asked)
    monkeypatch.setattr("plugin.web.pages.deliveries.sending.OLD", timedelta(0))
    asked = merchant.post("/deliveries/selection", {"id": [failed]}).text
    merchant.post("/deliveries/again", fields_in(asked) | {"old-failed": "on"})

    assert states(store, merchant.shop) == {failed: "waiting", newest: "delivered"}


# ------------------------------------------------------------------ many, as a job


@pytest.fixture
def job(merchant: Merchant, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> int:
    """The job that sends three failed ones again."""
    monkeypatch.setattr("plugin.web.pages.deliveries.sending.AT_ONCE", 2)
    monkeypatch.setattr("plugin.upkeep.resending.STEP", 2)
    for number in range(3):
        ended(store, merchant.shop, number, REFUSED)
    page = merchant.post("/deliveries/again", fields_in(merchant.get("/deliveries/again").text)).text
    assert "0 of 3 events sent again" in page
    running = store.resends.latest(merchant.shop.id)
    assert running
    return running.id


def go_on(merchant: Merchant, *, hours: int = 1) -> None:
    resending.go_on(merchant.services.store, now=merchant.services.now() + timedelta(hours=hours))


def test_many_are_a_job_that_every_page_shows_until_it_is_over(merchant: Merchant, store: SqlStore, job: int) -> None:
    go_on(merchant)

    for path in ("", "/again", "/job"):
        page = merchant.get(f"/deliveries{path}").text
        assert "2 of 3 events sent again" in page
        assert 'hx-trigger="every 3s"' in page
    go_on(merchant, hours=2)
    page = merchant.get("/deliveries/job").text

    assert "3 events were sent again." in texts_in(page)
    assert "every 3s" not in page
    assert set(states(store, merchant.shop).values()) == {"waiting"}
    assert "All sent again" not in merchant.get("/deliveries/again").text


def test_a_job_that_is_stopped_leaves_the_rest_as_it_was(merchant: Merchant, store: SqlStore, job: int) -> None:
    go_on(merchant)

    page = merchant.post(f"/deliveries/job/{job}/stop", {}).text
    go_on(merchant, hours=2)

    assert "2 events were sent again. The other events stay as they were." in texts_in(page)
    assert sorted(states(store, merchant.shop).values()) == ["failed", "waiting", "waiting"]
    assert merchant.post(f"/deliveries/job/{job}/stop", {}).text == page
    assert "Stopped sending again" in merchant.get("/deliveries").text


def test_two_tabs_begin_one_job(merchant: Merchant, store: SqlStore, job: int) -> None:
    form = {"again-failed": str(2**40), "event": "order_paid"}

    second = merchant.post("/deliveries/again", form)

    assert second.status_code == 200
    assert "Events are already being sent again" in second.text
    running = store.resends.latest(merchant.shop.id)
    assert running
    assert running.id == job


@pytest.mark.parametrize("number", ["0", "999999", str(2**53), "9" * 40, "-1", "x"])
def test_a_job_that_is_none_is_not_stopped(merchant: Merchant, store: SqlStore, job: int, number: str) -> None:
    assert merchant.post(f"/deliveries/job/{number}/stop", {}).status_code == 404
    running = store.resends.latest(merchant.shop.id)
    assert running
    assert running.is_running


def test_a_job_of_another_shop_is_neither_shown_nor_stopped(merchant: Merchant, store: SqlStore, job: int) -> None:
    store.shops.install(Shop(id=0, platform="fake", address="other"), {}, now=NOON)
    ours, theirs = merchant.shop, replace(merchant.shop, address="other")

    merchant.shop = theirs
    answers = [merchant.post(f"/deliveries/job/{job}/stop", {}).status_code, merchant.get("/deliveries/job").text.strip()]
    merchant.shop = ours

    assert answers == [404, ""]
    assert "0 of 3 events sent again" in merchant.get("/deliveries/job").text


def test_nobody_without_a_token_stops_a_job(merchant: Merchant, store: SqlStore, job: int) -> None:
    answer = merchant.client.post(f"/fake/deliveries/job/{job}/stop", headers={"Authorization": "Bearer expired"})

    assert answer.status_code == 401
    running = store.resends.latest(merchant.shop.id)
    assert running
    assert running.is_running


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
