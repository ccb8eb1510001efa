"""Asking the Admin API: every answer is data, a refusal in plain words, or a reason to come again."""

import time
from dataclasses import replace
from datetime import timedelta
from gzip import compress

import pytest

from plugin.domain.errors import TryAgain
from plugin.platforms.shopify.api import MOST_BYTES, QUERIES, REFUSALS, Admin, Answer
from tests.support.platforms.shopify.admin import Reply, breaking_off, data, dripping, failing, running, says, slowly
from tests.support.platforms.shopify.given import SHOP

THROTTLED_COST = {
    "requestedQueryCost": 450,
    "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": 200, "restoreRate": 100},
}


def asked(url: str, *, all_seconds: float = 14) -> Answer:
    return Admin(url, all_seconds=all_seconds).of(SHOP, "token")("CustomersForEvent", {"id": "gid://shopify/Customer/1"})


def test_a_question_goes_to_the_shop_with_its_token_and_the_pinned_version() -> None:
    with running(data({"customer": {"locale": "pl"}})) as admin:
        answer = asked(admin.url)

    assert answer.data.object("customer").text("locale") == "pl"
    assert answer.refusal == ""
    assert admin.paths == ["/demo.myshopify.com/admin/api/2026-10/graphql.json"]
    assert admin.headers[0]["x-shopify-access-token"] == "token"
    assert admin.questions == [{"query": QUERIES["CustomersForEvent"], "variables": {"id": "gid://shopify/Customer/1"}}]


@pytest.mark.parametrize(("status", "words"), [*REFUSALS.items(), (400, "Shopify answered 400"), (301, "Shopify answered 301")])
def test_a_refusal_is_told_in_plain_words(status: int, words: str) -> None:
    with running(says(status, b'{"errors": "[API] Invalid API key"}', Location="/elsewhere")) as admin:
        answer = asked(admin.url)

    assert (answer.refusal, bool(answer.data)) == (words, False)
    assert len(admin.paths) == 1


PASSING: dict[str, tuple[Reply, timedelta | None]] = {
    "throttled": (failing("THROTTLED", cost=THROTTLED_COST), timedelta(seconds=2.5)),
    "throttled without its cost": (failing("THROTTLED"), None),
    "throttled with an odd cost": (
        failing("THROTTLED", cost={"requestedQueryCost": 9, "throttleStatus": {"currentlyAvailable": 1, "restoreRate": 0}}),
        None,
    ),
    "too many questions": (says(429, b"", Retry_After="2.0"), timedelta(seconds=2)),
    "too many questions for a day": (says(429, b"", Retry_After="86400"), timedelta(minutes=1)),
    "too many questions, odd wait": (says(429, b"", Retry_After="soon"), None),
    "suspected": (says(430, b""), None),
    "broken": (says(500, b"<html>"), None),
    "down": (says(503, b""), None),
    "failed inside": (failing("INTERNAL_SERVER_ERROR"), None),
    "a page with status 200": (says(200, b"<html>We are sorry</html>"), None),
    "a list": (says(200, b"[]"), None),
    "nothing": (says(200, b""), None),
    "half an answer": (breaking_off, None),
    "no gzip after all": (says(200, b"{}", Content_Encoding="gzip"), None),
}


@pytest.mark.parametrize(("reply", "after"), PASSING.values(), ids=PASSING)
def test_what_may_pass_is_tried_again(reply: Reply, after: timedelta | None) -> None:
    with running(reply) as admin, pytest.raises(TryAgain) as error:
        asked(admin.url)

    assert error.value.after == after


def test_nobody_listening_is_tried_again() -> None:
    with running(data({})) as admin:
        url = admin.url

    with pytest.raises(TryAgain, match="did not answer"):
        asked(url)


@pytest.mark.parametrize("reply", [slowly(3), dripping(100, 0.2)], ids=["silence", "dripping"])
def test_a_slow_answer_is_not_waited_for(reply: Reply) -> None:
    begun = time.monotonic()

    with running(reply) as admin, pytest.raises(TryAgain):
        asked(admin.url, all_seconds=1.2)

    assert time.monotonic() - begun < 2.5


def test_questions_about_one_event_share_one_limit() -> None:
    with running(data({})) as admin:
        ask = Admin(admin.url, all_seconds=1.3).of(SHOP, "token")
        ask("CustomersForEvent", {})
        time.sleep(0.4)
        with pytest.raises(TryAgain, match="too slowly"):
            ask("CustomersForEvent", {})

    assert len(admin.paths) == 1


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_answer_without_end_is_not_read(is_packed: bool) -> None:
    body = b'{"data": "' + b"x" * (MOST_BYTES + 1) + b'"}'
    reply = says(200, compress(body), Content_Encoding="gzip") if is_packed else says(200, body)

    with running(reply) as admin:
        answer = asked(admin.url)

    assert answer.refusal == "Shopify's answer is too long"


def test_a_packed_answer_is_read() -> None:
    with running(says(200, compress(b'{"data": {"customer": {"locale": "pl"}}}'), Content_Encoding="gzip")) as admin:
        assert asked(admin.url).data.object("customer").text("locale") == "pl"


def test_a_redirect_is_never_followed() -> None:
    with running(data({"customer": {"locale": "xx"}})) as other, running(says(302, b"", Location=other.url)) as admin:
        answer = asked(admin.url)

    assert answer.refusal == "Shopify answered 302"
    assert other.paths == []


def test_partial_data_is_used_beside_its_refusal() -> None:
    errors = [{"message": "Access denied for zofia@example.com", "extensions": {"code": "ACCESS_DENIED"}}]

    with running(data({"customer": {"locale": "pl"}}, errors=errors)) as admin:
        answer = asked(admin.url)

    assert answer.data.object("customer").text("locale") == "pl"
    assert answer.refusal == REFUSALS[403]


@pytest.mark.parametrize("code", ["MAX_COST_EXCEEDED", ""])
def test_an_error_is_told_by_its_code_and_never_by_its_words(code: str) -> None:
    with running(failing(code)) as admin:
        answer = asked(admin.url)

    assert code in answer.refusal
    assert "zofia" not in answer.refusal


def test_a_refusal_is_short_whatever_stands_in_its_codes() -> None:
    errors = [{"extensions": {"code": code}} for code in ("said to jan@example.com", "x" * 4000, *(f"C{n}" for n in range(99)))]

    with running(data({}, errors=errors)) as admin:
        answer = asked(admin.url)

    assert answer.refusal == "Shopify refused a part of the question (C0, C1, C10, C11, C12)"


def test_cookies_of_one_shop_do_not_reach_the_next() -> None:
    with running(says(200, b'{"data": {}}', Set_Cookie="shop=demo; Path=/")) as admin:
        ask = Admin(admin.url).of(SHOP, "token")
        ask("CustomersForEvent", {})
        ask("CustomersForEvent", {})

    assert all("cookie" not in headers for headers in admin.headers)


@pytest.mark.parametrize("address", ["evil.example", "demo.myshopify.com.evil.example", "demo.myshopify.com/x", "localhost"])
def test_a_token_goes_to_shopify_shops_only(address: str) -> None:
    with running(data({})) as admin:
        answer = Admin(admin.url).of(replace(SHOP, address=address), "token")("CustomersForEvent", {})

    assert answer.refusal == "this is no address of a Shopify shop"
    assert admin.paths == []
