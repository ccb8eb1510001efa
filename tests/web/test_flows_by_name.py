"""A flow may be typed by its name wherever one is entered: on the Languages page, in the guide and on an event's page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from plugin.config import Settings
from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import Account
from plugin.domain.wording import worded
from plugin.ports import AccountApi, FoundFlow, Store
from tests.support.builders import EVENT_URL, a_settings_document
from tests.support.web.merchant import Merchant, a_merchant, errors_in, fields_in

KEYS = {"client_id": "one", "client_secret": "other"}
SILENT = Outcome(verdict=Verdict.TRY_AGAIN, code=ReasonCode.NO_ANSWER, reason=worded("No answer."))
PLACES = {
    "languages": ("/languages", "flow-0"),
    "other languages": ("/languages", "default_flow"),
    "guide": ("/setup/languages", "flow-0"),
    "event": ("/events/customer_created", "flow-of-en"),
}


@dataclass
class FakeAccount:
    """An account that tells its flows, and counts how often it is asked."""

    told: Sequence[FoundFlow] | Outcome
    asked: list[Account] = field(default_factory=list)

    def flows(self, account: Account) -> Sequence[FoundFlow] | Outcome:
        self.asked.append(account)
        return self.told


FLOWS = (
    FoundFlow(number=501, name="Welcome  Café", is_active=True),
    FoundFlow(number=502, name="Polski", is_active=True),
    FoundFlow(number=503, name="polski", is_active=False),
)


def a_shop(
    store: Store, settings: Settings, told: Sequence[FoundFlow] | Outcome, **account: str
) -> tuple[Merchant, FakeAccount]:
    document = a_settings_document(flows=[{"locale": "en", "automation_id": 101}], events={}, account=account)
    fake = FakeAccount(told)
    return a_merchant(store, settings, document=document, account=cast(AccountApi, fake)), fake


def sent(merchant: Merchant, place: str, typed: str) -> tuple[int, str, str, str]:
    """The status, what stands beside the field, what is in it, and the page."""
    path, name = PLACES[place]
    form = merchant.form("/setup?step=languages" if place == "guide" else path)
    form |= {"enabled": "on", "event_url": EVENT_URL, "own_flows": "own"} if place == "event" else {}
    form |= {"policy": "default_flow"} if name == "default_flow" else {}
    answer = merchant.post(path, form | {name: typed})
    return answer.status_code, errors_in(answer.text).get(name, ""), fields_in(answer.text).get(name, ""), answer.text


@pytest.mark.parametrize("place", PLACES)
def test_a_flow_is_found_by_its_name(store: Store, settings: Settings, place: str) -> None:
    merchant, account = a_shop(store, settings, FLOWS, **KEYS)

    status, error, _, page = sent(merchant, place, " welcome CAFÉ ")

    assert (status, error) == (200, "")
    assert 501 in _numbers(merchant.document())
    assert ("Read as flow 501." in page) is (place != "guide")  # which goes on to its next step
    assert len(account.asked) == 1


def _numbers(document: Any) -> set[int]:
    return {flow["automation_id"] for flow in [*document["flows"], document.get("no_match", {})] if "automation_id" in flow}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("told", "typed", "expected"),
    [
        (FLOWS, "Polski", "Several flows in your SendPulse account are called “Polski”: 502 (active), 503 (paused)."),
        (
            FLOWS,
            "Welcom",
            "No flow in your SendPulse account is called “Welcom”. Choose one from the list, or enter",
        ),
        (SILENT, "Welcome Café", "couldn’t look up “Welcome Café” in your SendPulse account. Enter the flow’s number."),
        (FLOWS, EVENT_URL, "ound an event URL"),
        (FLOWS, "-5", "no minus"),
    ],
    ids=["several", "none", "no answer", "URL", "number"],
)
def test_what_is_not_one_flow_is_said_beside_the_field(
    store: Store, settings: Settings, place: str, told: Sequence[FoundFlow] | Outcome, typed: str, expected: str
) -> None:
    merchant, _ = a_shop(store, settings, told, **KEYS)
    before = merchant.document()

    status, error, kept, _ = sent(merchant, place, typed)

    assert status == 422
    assert expected in error
    assert kept == typed
    assert merchant.document() == before


def test_without_keys_nobody_is_asked(store: Store, settings: Settings) -> None:
    merchant, account = a_shop(store, settings, FLOWS)

    _, error, _, _ = sent(merchant, "languages", "Welcome Café")

    assert error.startswith("Found")
    assert account.asked == []


def test_many_names_are_one_question(store: Store, settings: Settings) -> None:
    merchant, account = a_shop(store, settings, FLOWS, **KEYS)
    rows = {f"locale-{number}": code for number, code in enumerate(("en", "pl", "de", "fr"))}

    merchant.post("/languages", merchant.form("/languages") | rows | dict.fromkeys(["flow-0", "flow-1", "flow-3"], "Unknown"))

    assert len(account.asked) == 1


@pytest.mark.parametrize(("account", "is_asked"), [(KEYS, True), ({}, False)])
def test_an_events_own_flows_are_chosen_as_in_the_table(
    store: Store, settings: Settings, account: dict[str, str], is_asked: bool
) -> None:
    merchant, _ = a_shop(store, settings, FLOWS, **account)

    page = merchant.get("/events/customer_created").text

    assert 'data-combobox="account-flows"' in page
    assert '<datalist id="account-flows"><option value="101"' in page
    assert ('hx-get="/fake/languages/flows"' in page) is is_asked
