"""Switching on an event that would take an order's letter asks first which flows it starts."""

import json
from typing import Any

import pytest

from plugin.config import Settings
from plugin.ports import Store
from tests.support.builders import EVENT_URL, a_settings_document
from tests.support.web.merchant import Merchant, a_merchant, described_in, errors_in, fields_in

EN, PL = {"locale": "en", "automation_id": 101, "name": "English"}, {"locale": "pl", "automation_id": 102, "name": "Polski"}
PATH, KIND = "/events/customer_created", "customer_created"
ON = {"enabled": "on", "event_url": EVENT_URL}


def a_shop(store: Store, settings: Settings, *flows: dict[str, Any], **changed: Any) -> Merchant:
    return a_merchant(store, settings, document=a_settings_document(flows=list(flows), events={}, **changed))


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_shop(store, settings, EN, PL)


@pytest.mark.parametrize("choice", ["", "none"])
def test_switched_on_without_a_choice_it_is_not_saved(merchant: Merchant, choice: str) -> None:
    answer = merchant.post(PATH, merchant.form(PATH) | ON | {"own_flows": choice})

    assert answer.status_code == 422
    assert "Choose which flows these events start." in errors_in(answer.text)["own_flows"]
    assert fields_in(answer.text)["event_url"] == EVENT_URL
    assert merchant.document()["events"] == {}


def test_the_same_flows_are_stored_as_rows_of_its_own(merchant: Merchant) -> None:
    form = merchant.form(PATH) | ON | {"own_flows": "same"}

    answers = [merchant.post(PATH, form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert merchant.document()["flows"] == [
        EN, PL, {"locale": "en", "automation_id": 101, "event": KIND}, {"locale": "pl", "automation_id": 102, "event": KIND},
    ]  # fmt: skip
    assert "own_flows" not in merchant.get(PATH).text
    assert fields_in(merchant.get("/languages").text)[f"flow-0-{KIND}"] == "Same flow as the default"


def test_their_own_flows_are_entered_for_each_language(merchant: Merchant) -> None:
    own = {"own_flows": "own", "flow-of-en": "https://login.sendpulse.com/flow/id/301", "flow-of-pl": ""}

    missing = merchant.post(PATH, merchant.form(PATH) | ON | own)

    assert missing.status_code == 422
    assert "Enter the flow number" in errors_in(missing.text)["flow-of-pl"]
    assert "flow-of-pl" in described_in(missing.text)
    assert merchant.post(PATH, fields_in(missing.text) | own | {"flow-of-pl": "302"}).status_code == 200
    assert merchant.document()["flows"][2:] == [
        {"locale": "en", "automation_id": 301, "event": KIND}, {"locale": "pl", "automation_id": 302, "event": KIND},
    ]  # fmt: skip


WRONG = [
    ("", "Enter the flow number"), ("0", "start at 1"), ("-5", "no minus"), ("12.5", "whole number"),
    ("the same", 'Found "the same"'), ("12, 13", "several numbers"), (EVENT_URL, "event URL"),
    ("https://login.sendpulse.com/", "not a flow"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "said"), WRONG, ids=[typed for typed, _ in WRONG])
def test_a_wrong_flow_is_explained_beside_its_language_and_kept(merchant: Merchant, typed: str, said: str) -> None:
    answer = merchant.post(PATH, merchant.form(PATH) | ON | {"own_flows": "own", "flow-of-en": typed, "flow-of-pl": "7"})

    assert said in errors_in(answer.text)["flow-of-en"]
    assert fields_in(answer.text)["flow-of-en"] == typed
    assert merchant.document()["flows"] == [EN, PL]


def test_an_order_is_asked_nothing(merchant: Merchant) -> None:
    assert merchant.post("/events/order_created", merchant.form("/events/order_created") | ON).status_code == 200
    assert merchant.document()["flows"] == [EN, PL]


def test_what_stays_off_is_asked_nothing(merchant: Merchant) -> None:
    assert (
        merchant.post(PATH, {name: value for name, value in merchant.form(PATH).items() if name != "enabled"}).status_code
        == 200
    )


def test_a_shop_without_flows_is_asked_nothing(store: Store, settings: Settings) -> None:
    merchant = a_shop(store, settings)

    assert merchant.post(PATH, merchant.form(PATH) | ON).status_code == 200
    assert merchant.document()["flows"] == []


def test_what_a_language_without_a_flow_gets_is_said(store: Store, settings: Settings) -> None:
    said = "In languages without a flow, this event also starts your default flow:"

    assert said in a_shop(store, settings, EN).get(PATH).text
    assert said not in a_shop(store, settings, EN, no_match={"policy": "hold"}).get(PATH).text
    assert said not in a_shop(store, settings, EN).get("/events/order_paid").text


def test_a_file_is_taken_as_it_is_and_the_page_says_what_it_means(store: Store, settings: Settings) -> None:
    merchant = a_shop(store, settings)
    on = {"enabled": True, "send": "json", "event_url": EVENT_URL}

    def imported(*flows: dict[str, Any]) -> str:
        text = json.dumps(a_settings_document(flows=list(flows), events={KIND: on}))
        answer = merchant.post("/settings/file", merchant.form("/settings/file") | {"text": text})
        assert answer.status_code == 200
        return answer.text

    assert "No flow was chosen for: Customer registered." in imported(EN, PL)
    assert merchant.document()["flows"] == [EN, PL]
    assert "No flow was chosen" not in imported(EN, {"locale": "en", "automation_id": 101, "event": KIND})
