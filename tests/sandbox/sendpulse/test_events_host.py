"""What the pretend events host takes, refuses and notes."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from plugin.sandbox.sendpulse import EventDefinition, PretendSendPulse, Type
from plugin.sandbox.sendpulse.definitions import Via

VARIABLES = {
    "product_name": Type.STRING,
    "product_id": Type.NUMBER,
    "event_date": Type.DATE,
    "products": Type.STRUCTURE,
}
GOOD = {
    "product_name": "Kubek",
    "product_id": 7,
    "event_date": "2026-11-23",
    "products": [{"product_id": 7}],
    "email": "a@example.com",
}


@pytest.fixture
def event(pretend: PretendSendPulse) -> EventDefinition:
    return pretend.add_event("order_paid", VARIABLES)


@pytest.mark.parametrize(
    ("sent", "via"),
    [
        ({"json": {"email": "a@example.com"}}, Via.JSON),
        ({"data": {"email": "a@example.com"}, "content_type": "application/x-www-form-urlencoded"}, Via.FORM),
        ({"data": {"email": "a@example.com"}, "content_type": "multipart/form-data"}, Via.MULTIPART),
    ],
)
def test_three_kinds_of_bodies_are_taken(
    pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition, sent: dict[str, Any], via: Via
) -> None:
    response = events.post(event.path, **sent)

    assert (response.status_code, response.get_json()) == (200, {"result": True})
    (received,) = pretend.received()
    assert (received.via, received.email, received.violations) == (via, "a@example.com", ())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b'{"email": NaN}', "content_type": "application/json"}, 400),
        ({"json": ["email"]}, 400),
        ({"data": b"[" * 100_000, "content_type": "application/json"}, 400),
        ({"json": {"product_id": 7}}, 400),
        ({"json": {"email": "nobody", "phone": "12"}}, 400),
        ({"json": {"email": {"a": "a@example.com"}}}, 400),
        ({"data": b"<a/>", "content_type": "text/xml"}, 415),
    ],
)
def test_what_is_no_event_is_refused(
    pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition, sent: dict[str, Any], status: int
) -> None:
    assert events.post(event.path, **sent).status_code == status
    assert pretend.received() == []


def test_addresses_nobody_made_are_refused(pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition) -> None:
    other = pretend.add_account(user_id=1)
    body = {"email": "a@example.com"}

    assert events.post(f"/events/id/{'0' * 32}/{event.account_id}", json=body).status_code == 404
    assert events.post(f"/events/id/{event.hash}/{other.user_id}", json=body).status_code == 404
    assert events.post(f"/events/id/{event.hash}/99", json=body).status_code == 404
    assert events.get(event.path).status_code == 405
    assert events.get("/nothing").json == {"message": "Not Found", "error_code": 404}
    pretend.remove_event(event)
    assert events.post(event.path, json=body).status_code == 404


@pytest.mark.parametrize(
    ("changed", "noted"),
    [
        ({}, ()),
        ({"undeclared": True}, ()),
        ({"product_name": 7}, ("product_name is a number, declared is string",)),
        ({"product_name": "x" * 256}, ("product_name has 256 characters",)),
        ({"undeclared": "x" * 256}, ("undeclared has 256 characters",)),
        ({"product_id": "7"}, ("product_id is a string, declared is number",)),
        ({"product_id": True}, ("product_id is a boolean, declared is number",)),
        ({"event_date": "2026-02-30"}, ("event_date is a string, declared is date",)),
        ({"event_date": "23.11.2026"}, ("event_date is a string, declared is date",)),
        ({"event_date": 20261123}, ("event_date is a number, declared is date",)),
        ({"products": "none"}, ("products is a string, declared is structure",)),
        ({"products": [{"automation_id": 5}, 7]}, ("products.automation_id stands inside products",)),
        ({"undeclared": None}, ("undeclared is null",)),
        ({"phone": 48501234567}, ("phone is a number, declared is string",)),
        ({"product_name": ["x"]}, ("product_name is an array, declared is string",)),
        ({"product_name": {"x": 1}}, ("product_name is an object, declared is string",)),
    ],
)
def test_values_of_another_type_are_noted_and_refused_only_in_strict_mode(
    pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition, changed: dict[str, Any], noted: tuple[str, ...]
) -> None:
    assert events.post(event.path, json=GOOD | changed).status_code == 200
    assert pretend.received()[0].violations == noted

    pretend.account.habits.is_strict = True
    assert events.post(event.path, json=GOOD | changed).status_code == (422 if noted else 200)


def test_numbers_in_form_data_are_texts_of_digits(
    pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition
) -> None:
    fields = {"email": "a@example.com", "product_id": "7.5", "products[0][product_id]": "1", "products[1][product_id]": "2"}
    events.post(event.path, data=fields | {"tags[]": ["a", "b"], "map[x][y]": "z", "email[x]": "ignored", "automation_id": "5"})
    events.post(event.path, data={"phone": "+48501234567", "product_id": "seven"})

    first, second = pretend.received()
    assert (first.violations, first.automation_id) == ((), 5)
    assert first.variables["products"] == [{"product_id": "1"}, {"product_id": "2"}]
    assert (first.variables["tags"], first.variables["map"]) == (["a", "b"], {"x": {"y": "z"}})
    assert second.violations == ("product_id is a string, declared is number",)


def test_the_same_event_twice_is_there_twice(pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition) -> None:
    for _ in range(2):
        events.post(event.path, json=GOOD)

    assert len(pretend.received()) == 2


def test_every_answer_can_be_another_one(pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition) -> None:
    pretend.answers["no_contact"] = pretend.answers["success"]

    assert events.post(event.path, json={}).json == {"result": True}


def test_event_urls_have_a_limit_when_one_is_switched_on(
    pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition
) -> None:
    pretend.account.limits.events_per_second = 2

    statuses = [events.post(event.path, json=GOOD).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_onlookers_see_events_and_mails(pretend: PretendSendPulse, events: FlaskClient, event: EventDefinition) -> None:
    from plugin.sandbox.sendpulse import Flow

    pretend.add_flow(Flow(id=5, name="English", event="order_paid"))
    events.post(event.path, json=GOOD)

    received, mails = events.get("/pretend/received").get_json(), events.get("/pretend/mails").get_json()
    assert (received[0]["event"], received[0]["variables"]["email"]) == ("order_paid", "a@example.com")
    assert [(mail["flow_name"], mail["contact"]) for mail in mails] == [("English", "a@example.com")]
