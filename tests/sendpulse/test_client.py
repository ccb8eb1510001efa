"""The real client and the pretend SendPulse, over real HTTP."""

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from plugin.clock import now
from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.routing import Send
from plugin.domain.secret import EventUrl, Secret
from plugin.domain.settings import Account
from plugin.domain.wording import worded
from plugin.ports import ClaimedDelivery
from plugin.sandbox.sendpulse import Fault, Type
from plugin.sandbox.sendpulse.definitions import Via
from plugin.sandbox.sendpulse.faults import Kind
from plugin.sandbox.serving import free_port
from plugin.sendpulse.client import RESERVE
from plugin.sendpulse.wire import Limits
from plugin.worker import SENDING_LEASE
from tests.sendpulse.conftest import Place
from tests.support.sendpulse.samples import BODY, a_claimed_delivery, credentials, with_key


def to_url(place: Place, send: Send = Send.JSON) -> ClaimedDelivery:
    return a_claimed_delivery(send=send, event_url=EventUrl(place.event.url))


def by_name(place: Place, name: str = "order_paid", account: Account | None = None) -> ClaimedDelivery:
    return a_claimed_delivery(
        send=Send.NAME, event_url=None, event_name=name, account=account or credentials(place.pretend.account)
    )


# ------------------------------------------------------------------ the three ways


def test_json_arrives_byte_for_byte(place: Place) -> None:
    assert place.client(to_url(place)).verdict is Verdict.DELIVERED

    (received,) = place.pretend.received()
    assert (received.via, received.by_name, received.body) == (Via.JSON, False, BODY.encode())


def test_form_data_arrives_with_nested_products(place: Place) -> None:
    assert place.client(to_url(place, Send.FORM)).verdict is Verdict.DELIVERED

    (received,) = place.pretend.received()
    assert received.via is Via.FORM
    assert b"products%5B0%5D%5Bproduct_id%5D=1" in received.body
    texts = {"email": "jan@example.com", "automation_id": "101", "product_name": "Żółty kubek"}
    assert received.variables == texts | {"products": [{"product_id": "1"}]}
    assert received.automation_id == 101


@pytest.mark.parametrize("way", [credentials, with_key], ids=["client_id", "api_key"])
def test_an_event_sent_by_name_arrives(place: Place, way: object) -> None:
    account = (with_key if way is with_key else credentials)(place.pretend.account)

    assert place.client(by_name(place, account=account)).verdict is Verdict.DELIVERED

    (received,) = place.pretend.received()
    assert (received.by_name, received.body) == (True, BODY.encode())


def test_a_name_with_odd_characters_stays_one_name(place: Place) -> None:
    name = "paid/ż?#%2F ../x"
    place.pretend.add_event(name)

    assert place.client(by_name(place, name)).verdict is Verdict.DELIVERED
    assert place.pretend.received()[0].event == name


def test_bodies_have_the_types_a_merchant_declares(place: Place) -> None:
    declared = {"product_name": Type.STRING, "automation_id": Type.NUMBER, "products": Type.STRUCTURE}
    event = place.pretend.add_event("declared", declared)

    place.client(a_claimed_delivery(event_url=EventUrl(event.url)))

    assert place.pretend.received()[0].violations == ()


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_an_event_without_a_name_is_not_sent(place: Place, name: str) -> None:
    outcome = place.client(by_name(place, name))

    assert (outcome.verdict, outcome.status) == (Verdict.GIVE_UP, None)


def test_an_event_without_an_address_is_not_sent(place: Place) -> None:
    outcome = place.client(a_claimed_delivery(event_url=None))

    assert outcome.verdict is Verdict.GIVE_UP
    assert "Events page" in outcome.fix


def test_an_unknown_name_says_where_to_make_the_event(place: Place) -> None:
    outcome = place.client(by_name(place, "nothing_like_it"))

    assert (outcome.verdict, outcome.needs_merchant) == (Verdict.GIVE_UP, False)
    assert "Events Manager" in outcome.fix


def test_a_cookie_is_not_carried_to_the_next_event(place: Place) -> None:
    cookie = ("Set-Cookie", "who=somebody; Path=/")
    place.pretend.fault(Fault.json(200, '{"result": true}', cookie))

    place.client(to_url(place))
    place.client(to_url(place))

    assert [one.status for one in place.pretend.requests] == [200, 200]
    assert "cookie" not in place.pretend.requests[1].headers


def test_nothing_of_the_machines_proxies_is_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}")

    assert place.client(to_url(place)).verdict is Verdict.DELIVERED


@pytest.mark.parametrize("way", ["to_url", "by_name"])
def test_an_event_does_not_leave_when_its_answer_could_outlast_the_lease(place: Place, way: str) -> None:
    claimed = to_url(place) if way == "to_url" else by_name(place, "order_paid")
    answer = timedelta(seconds=Limits().answer_seconds) + RESERVE

    late = place.client(replace(claimed, leased_until=now() + answer - timedelta(seconds=1)))
    in_time = place.client(replace(claimed, leased_until=now() + answer + timedelta(seconds=5)))

    assert (late.verdict, late.status) == (Verdict.TRY_AGAIN, None)
    assert in_time.verdict is Verdict.DELIVERED
    assert len(place.pretend.received()) == 1


def test_a_lease_outlasts_connecting_and_the_longest_answer() -> None:
    limits = Limits()

    longest = timedelta(seconds=limits.connect_seconds + limits.answer_seconds)
    assert longest + RESERVE < SENDING_LEASE


# ------------------------------------------------------------------ every fault has its outcome

FAULTS = {
    "reset_before": (Fault.reset(is_taken_first=False), Verdict.UNCERTAIN, None),
    "reset_after": (Fault.reset(is_taken_first=True), Verdict.UNCERTAIN, None),
    "slow_answer": (Fault(kind=Kind.SLOW_ANSWER, seconds=0.8), Verdict.UNCERTAIN, None),
    "slow_headers": (Fault(kind=Kind.SLOW_HEADERS, seconds=20), Verdict.UNCERTAIN, None),
    "slow_body": (Fault(kind=Kind.SLOW_BODY, seconds=20, body=b'{"result": true}' + b" " * 400), Verdict.UNCERTAIN, 200),
    "short_body": (Fault(kind=Kind.SHORT_BODY, body=b'{"result": true}'), Verdict.UNCERTAIN, 200),
    "short_fault": (Fault(kind=Kind.SHORT_BODY, status=503, body=b"<html>"), Verdict.TRY_AGAIN, 503),
    "500": (Fault.page(500), Verdict.TRY_AGAIN, 500),
    "502": (Fault.page(502), Verdict.UNCERTAIN, 502),
    "503": (Fault.page(503), Verdict.TRY_AGAIN, 503),
    "504": (replace(Fault.page(504), is_taken_first=True), Verdict.UNCERTAIN, 504),
    "result_false": (Fault.json(200, '{"result": false}'), Verdict.GIVE_UP, 200),
    "empty": (Fault.json(200, ""), Verdict.DELIVERED, 200),
    "not_json": (Fault.json(200, "fine"), Verdict.UNCERTAIN, 200),
    "page": (Fault.page(200), Verdict.UNCERTAIN, 200),
    "gzip": (Fault.gzipped(200, '{"result": true}'), Verdict.DELIVERED, 200),
    "not_gzip": (Fault.json(200, "no gzip", ("Content-Encoding", "gzip")), Verdict.UNCERTAIN, 200),
    "huge": (Fault.json(200, '{"result": true, "x": "' + "x" * 5_000_000 + '"}'), Verdict.UNCERTAIN, 200),
    "gzip_bomb": (Fault.gzipped(500, "x" * 20_000_000), Verdict.TRY_AGAIN, 500),
    "unauthorized": (Fault.json(401, "{}"), Verdict.GIVE_UP, 401),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_comes_to(place: Place, name: str) -> None:
    fault, verdict, status = FAULTS[name]
    place.pretend.fault(fault)
    began = now()

    outcome = place.impatient(to_url(place))

    assert (outcome.verdict, outcome.status) == (verdict, status)
    assert len(outcome.answer) <= 300
    assert now() - began < timedelta(seconds=5)


def test_an_event_may_have_arrived_though_no_answer_came(place: Place) -> None:
    place.pretend.fault(Fault.reset(is_taken_first=True))

    assert place.client(to_url(place)).verdict is Verdict.UNCERTAIN
    assert len(place.pretend.received()) == 1


def test_after_a_fault_the_next_event_goes_through(place: Place) -> None:
    place.pretend.fault(Fault(kind=Kind.SLOW_BODY, seconds=20, body=b" " * 400))
    assert place.impatient(to_url(place)).verdict is Verdict.UNCERTAIN

    assert place.impatient(to_url(place)).verdict is Verdict.DELIVERED


def test_a_redirect_is_never_followed(place: Place) -> None:
    for status in (301, 302, 307, 308):
        place.pretend.fault(Fault.redirect(f"{place.events_url}{place.event.path}", status))

        assert place.client(to_url(place)).verdict is Verdict.GIVE_UP
    assert place.pretend.received() == []


@pytest.mark.parametrize("to", ["http://[", "//", "http://nowhere.invalid/", "\xe9\x7f"])
def test_where_a_redirect_leads_is_not_even_read(place: Place, to: str) -> None:
    place.pretend.fault(Fault.redirect(to))

    assert (place.client(to_url(place)).status, place.client(to_url(place)).status) == (302, 200)


def test_a_wait_sendpulse_asks_for_is_passed_on(place: Place) -> None:
    place.pretend.fault(Fault.json(429, "{}", ("Retry-After", "17")))

    outcome = place.client(to_url(place))

    assert (outcome.verdict, outcome.after) == (Verdict.TRY_AGAIN, timedelta(seconds=17))


def test_headers_nobody_can_read_do_not_put_the_event_url_into_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.pretend.fault(Fault(kind=Kind.ANSWER, headers=((": odd", "1"),), body=b'{"result": true}'))

    with caplog.at_level(logging.DEBUG):
        place.client(to_url(place))

    assert place.event.hash not in caplog.text


# ------------------------------------------------------------------ credentials


@pytest.mark.parametrize("key", ["ключ", "two\nlines", "blank at the end\r\n"])
def test_a_key_no_header_can_carry_is_for_the_merchant_to_mend(place: Place, key: str) -> None:
    outcome = place.client(by_name(place, account=Account(api_key=Secret(key))))

    assert (outcome.verdict, outcome.needs_merchant) == (Verdict.GIVE_UP, True)


def test_a_revoked_key_is_for_the_merchant_to_mend(place: Place) -> None:
    account = with_key(place.pretend.account)
    place.pretend.account.api_keys.clear()

    outcome = place.client(by_name(place, account=account))

    assert (outcome.verdict, outcome.status, outcome.needs_merchant) == (Verdict.GIVE_UP, 401, True)


def test_without_credentials_nothing_is_sent_by_name(place: Place) -> None:
    for account in (Account(), Account(client_id="x"), Account(client_secret=Secret("x"))):
        outcome = place.client(by_name(place, account=account))

        assert (outcome.verdict, outcome.needs_merchant, outcome.status) == (Verdict.GIVE_UP, True, None)


def test_the_check_says_whether_credentials_work(place: Place) -> None:
    right = credentials(place.pretend.account)

    assert place.client.check(right) == Outcome(
        verdict=Verdict.DELIVERED, code=ReasonCode.ACCEPTED, reason=worded("SendPulse accepts the keys."), status=200
    )
    assert place.client.check(replace(right, client_secret=Secret("wrong"))).needs_merchant
    assert place.client.check(Account()).needs_merchant


def test_a_plan_without_automation_is_for_the_merchant_to_mend(place: Place) -> None:
    place.pretend.account.has_automation = False

    for claimed in (to_url(place), by_name(place)):
        outcome = place.client(claimed)
        assert (outcome.verdict, outcome.needs_merchant) == (Verdict.GIVE_UP, True)
        assert json.loads(outcome.answer)["error_code"] == 3030303030
