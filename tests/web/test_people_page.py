"""The page of customers' data, on both databases: looked up, handed out, deleted."""

import json
from datetime import timedelta

import pytest

from plugin.config import Settings
from plugin.domain.notice import PersonAsks
from plugin.domain.person import ErasureState
from plugin.storage import SqlStore
from plugin.storage.privacy.requests import note_request
from plugin.upkeep.people import ALL_BY_HAND, BY_HAND, SHARED
from plugin.web.moments import day_text
from tests.storage.test_identity import EVA
from tests.storage.test_notices import count
from tests.storage.test_people import everything_about_jan
from tests.support.builders import NOON, a_contact, an_event
from tests.support.storage.situations import LEASE, audit_lines, tell
from tests.support.web.merchant import Merchant, a_merchant, errors_in

PAGE = "/settings/customers"
JAN = {"email": " JAN@example.com ", "phone": "", "customer_id": ""}


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def test_somebody_is_looked_up_by_any_name(merchant: Merchant, store: SqlStore) -> None:
    everything_about_jan(store, merchant.shop)

    for typed in (JAN, {"phone": "+48 512 345 678"}, {"customer_id": "7"}):
        answer = merchant.post(PAGE, typed)

        assert answer.status_code == 200
        assert "jan@example.com, +48512345678, 7" in answer.text
        assert "Events from your store</dt><dd>3<" in answer.text


def test_a_phone_that_several_people_use_says_so(merchant: Merchant, store: SqlStore) -> None:
    everything_about_jan(store, merchant.shop)
    assert SHARED.split(",")[0] not in merchant.post(PAGE, {"phone": "+48512345678"}).text
    tell(store, merchant.shop, an_event(**EVA), key="eva")

    for path in ("", "/ask", "/erase"):
        answer = merchant.post(f"{PAGE}{path}", {"phone": "+48512345678"}).text
        assert SHARED in answer
        assert "jan@example.com" not in answer
    assert count(store, "events") == 4


def test_nobody_is_nobody(merchant: Merchant) -> None:
    assert "Nothing is kept" in merchant.post(PAGE, {"email": "nobody@example.com"}).text


def test_who_looked_is_noted_without_whom_for(merchant: Merchant, store: SqlStore) -> None:
    merchant.post(PAGE, JAN)

    [*_, (who, what)] = audit_lines(store, merchant.shop)
    assert (who, "jan" in what.lower()) == ("fake:7", False)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, "email"), ({"email": "jan@"}, "email"), ({"phone": "512 345 678"}, "phone"),
        (JAN | {"customer_id": "7" * 999}, "customer_id"),
    ],
    ids=["nothing", "no address", "no country", "no number"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["", "/ask", "/erase"])
def test_a_name_that_cannot_be_read_is_said_beside_it(merchant: Merchant, typed: dict[str, str], wrong: str, path: str) -> None:
    answer = merchant.post(f"{PAGE}{path}", typed)

    assert answer.status_code == 422
    assert set(errors_in(answer.text)) == {wrong}


def test_what_is_kept_is_downloaded_as_json_and_as_a_page(merchant: Merchant, store: SqlStore) -> None:
    everything_about_jan(store, merchant.shop)
    tell(store, merchant.shop, an_event(object_id="2", contact=a_contact(first_name="<b>Jan</b>")), key="bold")

    document = merchant.post(f"{PAGE}/export.json", JAN)
    assert "customer-data.json" in document.headers["Content-Disposition"]
    assert len(json.loads(document.text)["kept"]["events"]) == 4
    page = merchant.post(f"{PAGE}/export.html", JAN)
    assert page.mimetype == "text/html"
    assert "What is kept about a customer" in page.text
    assert "&lt;b&gt;Jan&lt;/b&gt;" in page.text
    assert "<b>Jan" not in page.text
    assert merchant.post(f"{PAGE}/export.json", {"email": "jan@"}).status_code == 422
    exported = [line for line in audit_lines(store, merchant.shop) if line[1] == "person_exported"]
    assert [who for who, _ in exported] == ["fake:7", "fake:7"]


@pytest.mark.parametrize("has_keys", [True, False])
def test_everything_is_deleted_after_a_question(store: SqlStore, settings: Settings, has_keys: bool) -> None:
    merchant = a_merchant(store, settings, document=None if has_keys else {})
    tell(store, merchant.shop, an_event())

    question = merchant.post(f"{PAGE}/ask", JAN)
    assert "Delete everything about this customer?" in question.text
    assert "Events from your store</dt><dd>1<" in merchant.post(PAGE, JAN).text
    answer = merchant.post(f"{PAGE}/erase", JAN)

    assert "Everything about this customer was deleted here" in answer.text
    assert (BY_HAND if has_keys else ALL_BY_HAND).replace("'", "&#39;") in answer.text
    assert ("This app is asking SendPulse" in answer.text) is has_keys
    assert "Nothing is kept" in merchant.post(PAGE, JAN).text or has_keys
    assert any(who == "fake:7" for who, _ in audit_lines(store, merchant.shop))
    assert "Nothing was kept about this customer" in merchant.post(f"{PAGE}/erase", {"email": "nobody@example.com"}).text


def test_a_request_stands_on_the_page_and_on_the_overview_until_it_is_answered(merchant: Merchant, store: SqlStore) -> None:
    tell(store, merchant.shop, an_event(), notices=[PersonAsks(email="jan@example.com", request_id="9999")])
    [request] = store.people.requests(merchant.shop.id)
    page, overview = merchant.get(PAGE).text, merchant.get("").text

    assert "9999" in page
    assert "j…@example.com" in page
    assert day_text(request.due_at.date()) in page
    assert f"Answer them by {day_text(request.due_at.date())}" in overview
    downloaded = merchant.post(f"{PAGE}/export.json", {"request": str(request.id)})

    assert json.loads(downloaded.text)["known_as"]["emails"] == ["jan@example.com"]
    assert "Downloaded on" in merchant.get(PAGE).text
    assert "Answer them by" not in merchant.get("").text
    assert "jan@example.com" in merchant.post(PAGE, {"request": str(request.id)}).text


@pytest.mark.parametrize(("path", "end"), [("/export.json", "\n}\n"), ("/export.html", "</html>\n")])
def test_a_download_that_breaks_off_answers_no_request(merchant: Merchant, store: SqlStore, path: str, end: str) -> None:
    everything_about_jan(store, merchant.shop)
    [request] = store.people.requests(merchant.shop.id)

    broken = merchant.post(f"{PAGE}{path}", {"request": str(request.id)}, buffered=False)
    pieces = broken.iter_encoded()
    while not str(next(pieces), "utf-8").endswith(end):  # the server has all of it in hand, but could not send the last piece
        pass
    broken.close()

    [request] = store.people.requests(merchant.shop.id)
    assert request.fetched_at is None


def test_a_request_nobody_answered_in_time_is_late(merchant: Merchant, store: SqlStore) -> None:
    ago = NOON - timedelta(days=3000)
    with store.database.write() as connection:
        note_request(connection, store.crypto, merchant.shop.id, PersonAsks(customer_id="7"), now=ago)

    assert "<strong>Late</strong>" in merchant.get(PAGE).text


def test_another_shops_request_is_not_there(merchant: Merchant) -> None:
    for path in ("", "/ask", "/erase", "/export.json", "/export.html"):
        assert merchant.post(f"{PAGE}{path}", {"request": "9"}).status_code == 404


def test_the_page_says_how_it_stands_with_sendpulse(merchant: Merchant, store: SqlStore) -> None:
    tell(store, merchant.shop, an_event())
    merchant.post(f"{PAGE}/erase", JAN)
    assert "<strong>Waiting</strong>" in merchant.get(PAGE).text

    [pending] = store.people.claim_erasures(limit=9, now=NOON + timedelta(days=9999), lease=LEASE)
    store.people.end_erasure(pending, ErasureState.DONE, reason=BY_HAND, fix="", again_at=None, now=NOON)

    assert "<strong>Deleted</strong>" in merchant.get(PAGE).text
