"""The list of an account's flows, as SendPulse tells it."""

import json

import pytest

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.settings import Account
from plugin.ports import FoundFlow
from plugin.sandbox.sendpulse import Flow
from plugin.sendpulse.client import FLOWS_A_PAGE, MOST_PAGES
from plugin.sendpulse.flows import read_flows
from tests.sendpulse.conftest import Place
from tests.support.sendpulse.samples import credentials


def with_flows(place: Place, count: int) -> list[int]:
    """Give the account so many flows; their numbers."""
    for number in range(1, count + 1):
        place.pretend.add_flow(Flow(id=number, name=f"Flow {number}", event=place.event.name))
    return list(range(1, count + 1))


def test_the_flows_of_an_account_are_told(place: Place) -> None:
    numbers = with_flows(place, 3)

    found = place.client.flows(credentials(place.pretend.account))

    assert not isinstance(found, Outcome)
    assert [flow.number for flow in found] == numbers


def test_an_account_without_credentials_says_what_is_missing(place: Place) -> None:
    found = place.client.flows(Account())

    assert isinstance(found, Outcome)
    assert "there are none" in found.reason


def test_a_list_that_is_refused_says_why(place: Place) -> None:
    place.pretend.account.has_automation = False

    found = place.client.flows(credentials(place.pretend.account))

    assert isinstance(found, Outcome)
    assert found.verdict is not Verdict.DELIVERED


@pytest.mark.parametrize(("made", "told"), [(FLOWS_A_PAGE + 1, FLOWS_A_PAGE + 1), (600, FLOWS_A_PAGE * MOST_PAGES)])
def test_longer_lists_come_in_pages_as_far_as_somebody_can_pick_from(place: Place, made: int, told: int) -> None:
    numbers = with_flows(place, made)

    found = place.client.flows(credentials(place.pretend.account))

    assert not isinstance(found, Outcome)
    assert [flow.number for flow in found] == numbers[:told]


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"data": null}', b'{"data": [1, {"id": "7"}, {"id": true}]}'])
def test_an_answer_that_cannot_be_read_holds_no_flow(answer: bytes) -> None:
    assert read_flows(answer) == []


def test_a_flow_without_a_name_keeps_its_number() -> None:
    answer = json.dumps({"data": [{"id": 7, "name": None, "status": 3}, {"id": 8, "name": "Кошик", "status": 1}]}).encode()

    assert read_flows(answer) == [
        FoundFlow(number=7, name="", is_active=False),
        FoundFlow(number=8, name="Кошик", is_active=True),
    ]
