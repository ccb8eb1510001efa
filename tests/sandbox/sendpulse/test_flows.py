"""Which mails the pretend SendPulse would send."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from plugin.sandbox.sendpulse import Flow, PretendSendPulse, Reentry, StopMatch
from plugin.sandbox.sendpulse.flows import DRAFT, STOPPED
from tests.support.builders import NOON
from tests.support.sendpulse.samples import Clock

ANNA = {"email": "anna@example.com"}


class Shopkeeper:
    """Has two flows for one event, and sends events."""

    def __init__(self, pretend: PretendSendPulse, events: FlaskClient) -> None:
        self.pretend, self._events = pretend, events
        self._paths = {name: pretend.add_event(name).path for name in ("cart_abandoned", "order_paid")}
        self.english = pretend.add_flow(Flow(id=101, name="English", event="cart_abandoned"))
        self.polish = pretend.add_flow(Flow(id=102, name="Polski", event="cart_abandoned"))

    def send(self, event: str = "cart_abandoned", flow: Any = 101, **variables: Any) -> None:
        fields = (variables or ANNA) | ({} if flow is None else {"automation_id": flow})
        assert self._events.post(self._paths[event], json=fields).status_code == 200

    def mailed(self) -> list[tuple[str, str]]:
        return [(mail.flow_name, mail.contact) for mail in self.pretend.mails()]


@pytest.fixture
def keeper(pretend: PretendSendPulse, events: FlaskClient) -> Shopkeeper:
    return Shopkeeper(pretend, events)


def test_the_number_chooses_the_flow(keeper: Shopkeeper) -> None:
    keeper.send(flow=102)

    (mail,) = keeper.pretend.mails()
    assert (mail.flow_id, mail.flow_name, mail.event, mail.at) == (102, "Polski", "cart_abandoned", NOON)
    assert mail.variables == ANNA | {"automation_id": 102}


def test_without_a_number_every_flow_of_the_event_starts(keeper: Shopkeeper) -> None:
    keeper.send(flow=None)

    assert keeper.mailed() == [("English", "anna@example.com"), ("Polski", "anna@example.com")]


@pytest.mark.parametrize(
    ("flow", "noted"),
    [
        ("101", "automation_id is no integer"),
        (101.0, "automation_id is no integer"),
        (True, "automation_id is no integer"),
        (999, "automation_id names no flow of this account"),
    ],
)
def test_a_number_that_is_none_starts_nothing(keeper: Shopkeeper, flow: object, noted: str) -> None:
    keeper.send(flow=flow)

    assert keeper.mailed() == []
    assert keeper.pretend.received()[0].undefined == (noted,)


def test_the_number_of_another_events_flow_starts_nothing(keeper: Shopkeeper) -> None:
    keeper.send("order_paid", flow=101)

    assert keeper.mailed() == []
    assert keeper.pretend.received()[0].undefined == ("automation_id names a flow that another event starts",)


@pytest.mark.parametrize("status", [STOPPED, DRAFT])
def test_a_flow_that_is_not_active_starts_nothing_and_says_nothing(keeper: Shopkeeper, status: int) -> None:
    keeper.english.status = status
    keeper.send()

    assert (keeper.mailed(), keeper.pretend.received()[0].undefined) == ([], ())


@pytest.mark.parametrize(
    ("reentry", "days", "mails"),
    [
        (Reentry.OFF, 365, 1),
        (Reentry.ALWAYS, 0, 2),
        (Reentry.WEEKLY, 6.9, 1),
        (Reentry.WEEKLY, 7, 2),
        (Reentry.MONTHLY, 29, 1),
        (Reentry.MONTHLY, 30, 2),
        (Reentry.DAYS, 2.9, 1),
        (Reentry.DAYS, 3, 2),
    ],
)
def test_a_contact_comes_again(keeper: Shopkeeper, clock: Clock, reentry: Reentry, days: float, mails: int) -> None:
    keeper.english.reentry, keeper.english.reentry_days = reentry, 3
    keeper.send()
    clock.pass_by(days=days)
    keeper.send()

    assert len(keeper.mailed()) == mails


def test_another_contact_is_not_kept_out(keeper: Shopkeeper) -> None:
    keeper.send()
    keeper.send(phone="+48501234567")

    assert [contact for _, contact in keeper.mailed()] == ["anna@example.com", "+48501234567"]


BOTH = {"email": "anna@example.com", "phone": "+48501234567"}


@pytest.mark.parametrize(
    ("rule", "begun", "stopping", "is_stopped"),
    [
        (StopMatch.EITHER, BOTH, {"email": BOTH["email"]}, True),
        (StopMatch.EITHER, BOTH, {"phone": BOTH["phone"]}, True),
        (StopMatch.EITHER, ANNA, {"phone": BOTH["phone"]}, False),
        (StopMatch.EITHER, ANNA, {"email": "Anna@example.com"}, False),
        (StopMatch.EMAIL, BOTH, {"phone": BOTH["phone"]}, False),
        (StopMatch.EMAIL, BOTH, ANNA, True),
        (StopMatch.ALL, BOTH, ANNA, False),
        (StopMatch.ALL, BOTH, BOTH, True),
        (StopMatch.ALL, ANNA, BOTH, True),
    ],
)
def test_a_purchase_stops_the_reminder(
    keeper: Shopkeeper, clock: Clock, rule: StopMatch, begun: Any, stopping: Any, is_stopped: bool
) -> None:
    keeper.pretend.account.habits.stop_match = rule
    keeper.english.wait, keeper.english.stop_event = timedelta(hours=1), "order_paid"
    keeper.send(**begun)
    clock.pass_by(minutes=30)
    keeper.send("order_paid", flow=None, **stopping)
    clock.pass_by(hours=1)

    assert len(keeper.mailed()) == (0 if is_stopped else 1)
    assert keeper.pretend.engine().conversions[101] == int(is_stopped)


def test_a_mail_goes_out_when_its_wait_is_over(keeper: Shopkeeper, clock: Clock) -> None:
    keeper.english.wait = timedelta(hours=1)
    keeper.send()
    assert keeper.mailed() == []

    clock.pass_by(hours=2)
    assert keeper.pretend.mails()[0].at == NOON + timedelta(hours=1)


def test_an_unsubscribed_contact_gets_no_mail(keeper: Shopkeeper) -> None:
    keeper.pretend.account.unsubscribed.add("anna@example.com")
    keeper.send()

    assert (keeper.mailed(), len(keeper.pretend.engine().skipped)) == ([], 1)


def test_events_wait_four_days_for_a_plan(keeper: Shopkeeper, clock: Clock) -> None:
    keeper.pretend.account.plan_is_active = False
    keeper.send(email="early@example.com")
    clock.pass_by(days=2)
    keeper.send(email="late@example.com")
    clock.pass_by(days=2)
    assert keeper.mailed() == []

    keeper.pretend.account.plan_is_active = True

    assert keeper.mailed() == [("English", "late@example.com")]
    assert [lost.email for lost in keeper.pretend.engine().lost] == ["early@example.com"]


def test_a_day_has_a_last_start(keeper: Shopkeeper, clock: Clock) -> None:
    keeper.pretend.account.timezone = "Asia/Tokyo"  # noon UTC is nine in the evening there
    keeper.pretend.account.limits.flow_starts_per_day = 2
    for number in range(3):
        keeper.send(email=f"{number}@example.com")
    assert len(keeper.mailed()) == 2

    clock.pass_by(hours=3)
    keeper.send(email="3@example.com")
    assert [contact for _, contact in keeper.mailed()] == ["0@example.com", "1@example.com", "3@example.com"]
