"""What the pretend REST host answers."""

from base64 import b64encode
from typing import Any

import pytest
from flask.testing import FlaskClient

from plugin.sandbox.sendpulse import Flow, PretendSendPulse
from plugin.sandbox.sendpulse.account import AddressBook, CrmContact
from tests.support.sendpulse.samples import Clock

ANNA = "anna@example.com"


def ask_token(api: FlaskClient, pretend: PretendSendPulse, **changed: Any) -> Any:
    account = pretend.account
    fields = {"grant_type": "client_credentials", "client_id": account.client_id, "client_secret": account.client_secret}
    return api.post("/oauth/access_token", json=fields | changed)


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


# ------------------------------------------------------------------ tokens


def test_a_token_is_as_long_as_the_real_ones_and_lasts_an_hour(
    api: FlaskClient, pretend: PretendSendPulse, clock: Clock
) -> None:
    answer = ask_token(api, pretend).get_json()
    token = answer["access_token"]

    assert (len(token) >= 1000, answer["token_type"], answer["expires_in"]) == (True, "Bearer", 3600)
    clock.pass_by(seconds=3599)
    assert api.get("/user/info", headers=bearer(token)).status_code == 200
    clock.pass_by(seconds=1)
    assert api.get("/user/info", headers=bearer(token)).json == {"message": "Unauthorized!", "error_code": 401}


def test_a_token_is_given_for_form_data_too(api: FlaskClient, pretend: PretendSendPulse) -> None:
    account = pretend.account
    fields = {"grant_type": "client_credentials", "client_id": account.client_id, "client_secret": account.client_secret}

    assert api.post("/oauth/access_token", data=fields).status_code == 200
    assert account.token_requests == 1


@pytest.mark.parametrize("changed", [{"client_secret": "wrong"}, {"client_id": "nobody"}])
def test_wrong_credentials_are_invalid_client(api: FlaskClient, pretend: PretendSendPulse, changed: dict[str, str]) -> None:
    response = ask_token(api, pretend, **changed)

    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")
    assert response.get_json()["message"] == "Client authentication failed"


@pytest.mark.parametrize("changed", [{"client_id": ""}, {"grant_type": "password"}, {"client_secret": 7}])
def test_a_token_request_without_its_fields_is_invalid(
    api: FlaskClient, pretend: PretendSendPulse, changed: dict[str, Any]
) -> None:
    response = ask_token(api, pretend, **changed)

    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_request")
    assert api.post("/oauth/access_token", data="[", content_type="application/json").status_code == 400


def test_asking_for_tokens_too_often_is_punished(api: FlaskClient, pretend: PretendSendPulse, clock: Clock) -> None:
    pretend.account.limits.tokens_per_minute = 2

    assert [ask_token(api, pretend).status_code for _ in range(3)] == [200, 200, 429]
    clock.pass_by(seconds=60)
    assert ask_token(api, pretend).status_code == 200


def test_another_accounts_token_does_not_send_this_ones_events(api: FlaskClient, pretend: PretendSendPulse) -> None:
    pretend.add_event("order_paid")
    other = pretend.add_account(user_id=2)
    key = next(iter(other.api_keys))

    response = api.post("/events/name/order_paid", json={"email": ANNA}, headers=bearer(key))

    assert (response.status_code, response.get_json()["message"]) == (404, "Event not exists")


def test_a_revoked_key_is_refused(api: FlaskClient, pretend: PretendSendPulse, signed_in: dict[str, str]) -> None:
    assert api.get("/user/info", headers=signed_in).get_json()["id"] == pretend.account.user_id
    pretend.account.api_keys.clear()

    assert api.get("/user/info", headers=signed_in).status_code == 401
    assert api.get("/user/info", headers={"Authorization": "Basic eDp5"}).status_code == 401
    assert api.get("/a360/autoresponders/list").status_code == 401


# ------------------------------------------------------------------ events by name, limits


@pytest.mark.parametrize("path", ["/events/name/order_paid", "//events/name/order_paid"])
def test_both_hosts_take_events_by_name(
    api: FlaskClient, events: FlaskClient, pretend: PretendSendPulse, signed_in: dict[str, str], path: str
) -> None:
    pretend.add_event("order_paid")

    for host in (api, events):
        # As WSGI servers hand it over: Flask's own client would read the first of two slashes as a host.
        response = host.open(method="POST", environ_overrides={"PATH_INFO": path}, json={"email": ANNA}, headers=signed_in)
        assert response.json == {"result": True}
    assert [received.by_name for received in pretend.received()] == [True, True]


def test_guesses_about_addresses_can_be_switched_off(
    api: FlaskClient, events: FlaskClient, pretend: PretendSendPulse, signed_in: dict[str, str]
) -> None:
    pretend.add_event("order_paid")
    habits = pretend.account.habits
    habits.takes_names_at_both_hosts = habits.reads_double_slash = False

    assert events.post("/events/name/order_paid", json={"email": ANNA}, headers=signed_in).status_code == 404
    double = {"PATH_INFO": "//events/name/order_paid"}
    assert api.open(method="POST", environ_overrides=double, json={"email": ANNA}, headers=signed_in).status_code == 404
    assert events.post("/events/name/order_paid", json={"email": ANNA}).status_code == 401


def test_ten_calls_a_second_are_the_most(
    api: FlaskClient, pretend: PretendSendPulse, signed_in: dict[str, str], clock: Clock
) -> None:
    pretend.account.limits.per_second = 10
    answers = [api.get("/user/info", headers=signed_in) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].get_json()["error_code"] == 2020202020
    clock.pass_by(seconds=1)
    assert api.get("/user/info", headers=signed_in).status_code == 200


def test_a_minutes_calls_are_counted_without_a_retry_after(
    api: FlaskClient, pretend: PretendSendPulse, signed_in: dict[str, str]
) -> None:
    pretend.account.limits.per_minute = 1
    api.get("/user/info", headers=signed_in)

    assert "Retry-After" not in api.get("/user/info", headers=signed_in).headers
    pretend.account.limits.retry_after_seconds = 9
    refused = api.get("/user/info", headers=signed_in)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "9")


def test_a_plan_without_automation_is_told_so(
    api: FlaskClient, events: FlaskClient, pretend: PretendSendPulse, signed_in: dict[str, str]
) -> None:
    event = pretend.add_event("order_paid")
    pretend.account.has_automation = False
    refused = [
        api.get("/a360/autoresponders/list", headers=signed_in),
        api.post("/events/name/order_paid", json={"email": ANNA}, headers=signed_in),
        events.post(event.path, json={"email": ANNA}),
    ]

    assert [(answer.status_code, answer.get_json()["error_code"]) for answer in refused] == [(403, 3030303030)] * 3


# ------------------------------------------------------------------ flows


def test_flows_are_listed_in_pages(api: FlaskClient, pretend: PretendSendPulse, signed_in: dict[str, str]) -> None:
    for number in range(103):
        pretend.add_flow(Flow(id=number, name=f"Покинутий кошик {number}", event="cart", status=(0, 1, 3)[number % 3]))

    first = api.get("/a360/autoresponders/list", headers=signed_in).get_json()["data"]
    second = api.get("/a360/autoresponders/list?limit=2&offset=100", headers=signed_in).get_json()["data"]

    assert (len(first), [flow["id"] for flow in second]) == (100, [100, 101])
    assert first[5]["name"] == first[5]["main_data"]["automation_name"] == "Покинутий кошик 5"
    assert {type(value) for value in first[5]["main_data"].values()} == {str}
    assert {flow["status"] for flow in first} == {0, 1, 3}


def test_one_flow_tells_how_it_does(
    api: FlaskClient, events: FlaskClient, pretend: PretendSendPulse, signed_in: dict[str, str]
) -> None:
    event = pretend.add_event("cart")
    pretend.add_flow(Flow(id=5, name="English", event="cart"))
    events.post(event.path, json={"email": ANNA})

    flow = api.get("/a360/autoresponders/5", headers=signed_in).get_json()
    assert (flow["autoresponder"]["name"], flow["starts"], flow["end_count"], flow["send_messages"]) == ("English", 1, 1, 1)
    assert api.get("/a360/autoresponders/6", headers=signed_in).status_code == 404
    assert api.get("/a360/autoresponders/5").status_code == 401


# ------------------------------------------------------------------ erasure


@pytest.fixture
def people(pretend: PretendSendPulse) -> PretendSendPulse:
    account = pretend.account
    account.books[1] = AddressBook(id=1, name="News", emails={ANNA, "jan@example.com"}, phones={"48501234567"})
    account.books[2] = AddressBook(id=2, name="Empty")
    account.crm[9] = CrmContact(id=9, emails=(ANNA,))
    return pretend


CALLS: list[tuple[str, str, Any, int, int | None]] = [
    ("GET", f"/emails/{ANNA}", None, 200, 1),
    ("GET", "/emails/nobody@example.com", None, 404, None),
    ("DELETE", f"/emails/{ANNA}", None, 200, None),
    ("DELETE", "/emails/nobody@example.com", None, 404, None),
    ("GET", "/addressbooks", None, 200, 2),
    ("DELETE", "/addressbooks/1/emails", {"emails": [ANNA]}, 200, None),
    ("DELETE", "/addressbooks/7/emails", {"emails": [ANNA]}, 404, None),
    ("DELETE", "/addressbooks/1/emails", {"emails": []}, 422, None),
    ("DELETE", "/addressbooks/1/emails", {"emails": [f"{n}@example.com" for n in range(101)]}, 422, None),
    ("POST", "/addressbooks/1/emails/unsubscribe", {"emails": [ANNA]}, 200, None),
    ("POST", "/smtp/unsubscribe", [{"email": ANNA, "comment": "asked"}], 200, None),
    ("POST", "/smtp/unsubscribe", {}, 422, None),
    ("POST", "/blacklist", {"emails": b64encode(b"anna@example.com, x@example.com").decode(), "comment": ""}, 200, None),
    ("POST", "/blacklist", {"emails": "%"}, 422, None),
    ("POST", "/blacklist", [], 422, None),
    ("DELETE", "/sms/numbers", {"addressBookId": 1, "phones": ["48501234567"]}, 200, None),
    ("DELETE", "/sms/numbers", {"addressBookId": 7, "phones": []}, 404, None),
    ("POST", "/crm/v1/contacts/get-list-by-email", {"email": ANNA, "isEmailFullSearch": True}, 200, None),
    ("DELETE", "/crm/v1/contacts/9", None, 204, None),
    ("DELETE", "/crm/v1/contacts/8", None, 404, None),
    ("POST", "/a360/events/delete-log", {"email": ANNA}, 200, None),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "count"), CALLS)
def test_a_call_of_erasure_answers(
    api: FlaskClient, people: PretendSendPulse, signed_in: dict[str, str], method: str, path: str, body: Any,
    status: int, count: int | None,
) -> None:  # fmt: skip
    assert api.open(path, method=method, json=body).status_code == 401

    response = api.open(path, method=method, json=body, headers=signed_in)

    assert response.status_code == status
    assert count is None or len(response.get_json()) == count


def test_after_erasure_nothing_is_left(api: FlaskClient, people: PretendSendPulse, signed_in: dict[str, str]) -> None:
    account = people.account
    for method, path, body, status, _ in CALLS:
        if status < 300:
            api.open(path, method=method, json=body, headers=signed_in)

    assert (account.books[1].emails, account.books[1].phones, account.crm) == ({"jan@example.com"}, set(), {})
    assert (account.unsubscribed, account.blacklist) == ({ANNA}, {ANNA, "x@example.com"})
    assert account.deleted_logs == [{"email": ANNA}]


def test_the_crm_finds_by_email(api: FlaskClient, people: PretendSendPulse, signed_in: dict[str, str]) -> None:
    answer = api.post("/crm/v1/contacts/get-list-by-email", json={"email": ANNA}, headers=signed_in).get_json()

    assert answer["data"] == {"list": [{"id": 9, "emails": [ANNA]}], "total": 1}
