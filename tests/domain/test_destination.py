"""A destination's pace and health, as a pure story."""

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.destination import DISABLED_AFTER, MARGIN, MERCHANT_PAUSE, PAUSES, WINDOW, Destination, Health
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from tests.support.builders import NOON

YES = Outcome(verdict=Verdict.DELIVERED, code=ReasonCode.ACCEPTED, reason=worded("taken"))
NO = Outcome(verdict=Verdict.GIVE_UP, code=ReasonCode.BODY_REFUSED, reason=worded("refused"))
BUSY = Outcome(verdict=Verdict.TRY_AGAIN, code=ReasonCode.SERVER_FAULT, reason=worded("busy"), fix=worded("wait"))
SILENT = Outcome(verdict=Verdict.UNCERTAIN, code=ReasonCode.NO_ANSWER, reason=worded("silent"))
DENIED = Outcome(
    verdict=Verdict.GIVE_UP, code=ReasonCode.BODY_REFUSED, reason=worded("denied"), fix=worded("new key"), needs_merchant=True
)


def a_destination(*outcomes: Outcome) -> Destination:
    """A destination with this history, all of it at noon."""
    found = Destination(key="account:1", next_at=NOON)
    for outcome in outcomes:
        found = found.after(outcome, NOON)
    return found


def test_events_leave_one_by_one_at_the_accounts_rate() -> None:
    once = replace(a_destination(), rate_per_second=8).sent(NOON)

    assert once.earliest == NOON + MARGIN * timedelta(milliseconds=125)
    assert once.sent(NOON).next_at == NOON + MARGIN * timedelta(milliseconds=250)


def test_a_quiet_time_saves_nothing_up() -> None:
    late = NOON + timedelta(hours=1)

    assert a_destination().sent(late).next_at == late + MARGIN * timedelta(milliseconds=125)


@pytest.mark.parametrize(
    ("outcomes", "health"),
    [
        ([BUSY] * 9, Health.CLOSED),
        ([BUSY] * 10, Health.OPEN),
        ([SILENT] * 10, Health.OPEN),
        ([YES] * 3 + [BUSY] * 7, Health.OPEN),
        ([YES] * 4 + [BUSY] * 6, Health.CLOSED),
        ([NO] * 20, Health.CLOSED),
        ([YES] * 20 + [BUSY] * 13, Health.CLOSED),
        ([YES] * 20 + [BUSY] * 14, Health.OPEN),
    ],
    ids=["nine", "ten", "silent", "seven of ten", "six of ten", "refusals", "13 of the last 20", "14 of the last 20"],
)
def test_it_opens_at_seven_failures_of_ten(outcomes: list[Outcome], health: Health) -> None:
    assert a_destination(*outcomes).health is health


def test_only_the_last_attempts_count() -> None:
    assert len(a_destination(*[YES] * 50).recent) == WINDOW


def test_it_says_why_it_is_open_and_when_it_is_probed() -> None:
    opened = a_destination(*[BUSY] * 10)

    assert (opened.reason, opened.fix) == ("busy", "wait")
    assert opened.earliest == NOON + PAUSES[0]


def test_each_probe_in_vain_makes_the_pause_longer() -> None:
    opened = a_destination(*[BUSY] * 10)
    pauses = []
    for _ in range(5):
        opened = opened.after(BUSY, NOON)
        assert opened.paused_until
        pauses.append(opened.paused_until - NOON)

    assert pauses == [*PAUSES[1:], PAUSES[-1], PAUSES[-1]]


@pytest.mark.parametrize("answer", [YES, NO], ids=["taken", "refused"])
def test_one_answer_closes_it(answer: Outcome) -> None:
    closed = a_destination(*[BUSY] * 10, answer)

    assert (closed.health, closed.recent, closed.paused_until, closed.probes, closed.failing_since) == (
        Health.CLOSED, "1", None, 0, None,
    )  # fmt: skip


def test_a_retry_after_pauses_the_whole_account() -> None:
    asked = a_destination(replace(BUSY, after=timedelta(minutes=5)))

    assert asked.health is Health.CLOSED
    assert asked.earliest == NOON + timedelta(minutes=5)


def test_a_retry_after_longer_than_the_pause_is_kept() -> None:
    opened = a_destination(*[BUSY] * 9, replace(BUSY, after=timedelta(minutes=40)))

    assert opened.earliest == NOON + timedelta(minutes=40)


def test_it_waits_for_the_merchant() -> None:
    denied = a_destination(DENIED)

    assert (denied.health, denied.reason, denied.fix) == (Health.NEEDS_MERCHANT, "denied", "new key")
    assert denied.earliest == NOON + MERCHANT_PAUSE


def test_five_days_of_nothing_but_failures_disable_it() -> None:
    opened = a_destination(*[BUSY] * 10)

    assert opened.after(BUSY, NOON + DISABLED_AFTER - timedelta(seconds=1)).health is Health.OPEN
    disabled = opened.after(BUSY, NOON + DISABLED_AFTER)
    assert disabled.is_disabled
    assert disabled.fix


def test_five_days_in_which_the_merchant_did_not_act_disable_it_too() -> None:
    assert a_destination(*[DENIED] * 10).after(DENIED, NOON + DISABLED_AFTER).is_disabled


@pytest.mark.parametrize("answer", [BUSY, SILENT, DENIED], ids=["busy", "silent", "denied"])
def test_two_failures_five_days_apart_do_not_disable_it(answer: Outcome) -> None:
    assert not a_destination(answer).after(answer, NOON + DISABLED_AFTER).is_disabled


def test_a_lone_failure_five_days_ago_does_not_count() -> None:
    later = NOON + DISABLED_AFTER
    found = a_destination(BUSY)

    for minute in range(30):
        found = found.after(BUSY, later + timedelta(minutes=minute))

    assert found.health is Health.OPEN
    assert found.after(BUSY, later + DISABLED_AFTER + timedelta(minutes=30)).is_disabled
