"""Sending again from the log: one, a selection, all that match, many as a job."""

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin.domain.delivery import Hold, Skip
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.storage import SqlStore
from plugin.upkeep import resending
from tests.conftest import database_url as database_url
from tests.support.builders import NOON, a_settings_document, an_event
from tests.support.storage.situations import (
    DELIVERED,
    REFUSED,
    a_claimed_delivery,
    a_delivery,
    attempted,
    audit_lines,
    planned,
)
from tests.support.web.merchant import Merchant, errors_in, fields_in, texts_in
from tests.support.web.the_log import ended, ids_in, states
from tests.support.web.the_log import failed as failed
from tests.support.web.the_log import merchant as merchant

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
