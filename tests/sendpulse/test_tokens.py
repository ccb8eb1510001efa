"""Access tokens: one request for many senders, and never one too many."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from plugin.clock import now
from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.errors import StorageDown
from plugin.domain.routing import Send
from plugin.domain.secret import Secret
from plugin.domain.settings import Account
from plugin.ports import AccessToken
from plugin.sandbox.sendpulse import Fault
from plugin.sandbox.sendpulse.faults import Kind
from plugin.sandbox.serving import free_port
from plugin.sendpulse import tokens
from plugin.sendpulse.client import SendPulse
from plugin.sendpulse.tokens import POLLS, Bearer, Bearers, account_key
from plugin.sendpulse.wire import Wire
from tests.sendpulse.conftest import IMPATIENT, Place
from tests.support.builders import NOON
from tests.support.sendpulse.samples import Clock, FakeTokens, FileTokens, a_claimed_delivery, credentials, some_settings

TOKEN_PATH = "/oauth/"


def bearers(place: Place, clock: Callable[[], datetime] = now) -> Bearers:
    """The tokens of a place, with a clock of one's own and no time to sleep."""
    return Bearers(Wire(IMPATIENT), place.tokens, place.api_url, clock, sleep=lambda _: None)


def send(place: Place, account: Account, client: SendPulse | None = None) -> Outcome:
    claimed = a_claimed_delivery(send=Send.NAME, event_name="order_paid", account=account)
    return (client or place.client)(claimed)


def asked(place: Place) -> int:
    return place.pretend.account.token_requests


def test_a_token_serves_until_its_last_five_minutes(place: Place) -> None:
    clock, account = Clock(), credentials(place.pretend.account)
    place.pretend.clock = clock
    ours = bearers(place, clock)

    first = ours.bearer(account)
    clock.pass_by(minutes=54)
    assert ours.bearer(account) == first

    clock.pass_by(minutes=2)
    assert ours.bearer(account) != first
    assert asked(place) == 2


def test_sixteen_threads_ask_for_one_token(place: Place) -> None:
    place.pretend.account.limits.per_second = None
    account, start = credentials(place.pretend.account), Barrier(16)

    def one(_: int) -> Verdict:
        start.wait()
        return send(place, account).verdict

    with ThreadPoolExecutor(16) as pool:
        verdicts = list(pool.map(one, range(16)))

    assert set(verdicts) == {Verdict.DELIVERED}
    assert asked(place) == 1


def _send_from_a_process(events_url: str, api_url: str, account: Account, path: Path, barrier: Any) -> None:
    client = SendPulse(some_settings(events_url, api_url), FileTokens(path), now)
    barrier.wait(10)
    for _ in range(3):
        assert client(a_claimed_delivery(send=Send.NAME, event_name="order_paid", account=account)).verdict is Verdict.DELIVERED
    client.close()


def test_two_processes_ask_for_one_token(place: Place, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    # A late token makes sure that both processes want it at the same time.
    place.pretend.fault(Fault(kind=Kind.SLOW_ANSWER, path=TOKEN_PATH, seconds=0.3))
    arguments = (place.events_url, place.api_url, credentials(place.pretend.account), tmp_path / "tokens", context.Barrier(2))
    processes = [context.Process(target=_send_from_a_process, args=arguments) for _ in range(2)]

    for process in processes:
        process.start()
    for process in processes:
        process.join(30)

    assert [process.exitcode for process in processes] == [0, 0]
    assert len(place.pretend.received()) == 6
    assert asked(place) == 1


def test_a_refused_token_is_replaced_once(place: Place) -> None:
    account = credentials(place.pretend.account)
    assert send(place, account).verdict is Verdict.DELIVERED
    place.pretend.account.tokens.clear()

    assert send(place, account).verdict is Verdict.DELIVERED

    assert [one.status for one in place.pretend.requests] == [200, 200, 401, 200, 200]


def test_a_token_that_is_always_refused_is_given_up(place: Place) -> None:
    place.pretend.fault(replace(Fault.json(401, '{"message":"Unauthorized!","error_code":401}'), times=9))

    outcome = send(place, credentials(place.pretend.account))

    assert (outcome.verdict, outcome.needs_merchant) == (Verdict.GIVE_UP, True)
    assert (asked(place), len(place.pretend.faults.waiting)) == (2, 7)


def test_a_refused_token_that_somebody_has_replaced_is_not_asked_for_again(place: Place) -> None:
    account, ours = credentials(place.pretend.account), bearers(place)
    old = ours.bearer(account)
    assert isinstance(old, Bearer)
    new = ours.refused(account, old)

    assert ours.refused(account, old) == new
    assert asked(place) == 2


@pytest.mark.parametrize(
    "changed", [{"client_secret": Secret("wrong")}, {"client_id": "nobody"}], ids=["wrong_secret", "unknown_id"]
)
def test_wrong_credentials_are_for_the_merchant_to_mend(place: Place, changed: dict[str, Any]) -> None:
    outcome = send(place, replace(credentials(place.pretend.account), **changed))

    assert (outcome.verdict, outcome.needs_merchant, outcome.status) == (Verdict.GIVE_UP, True, 401)
    assert "ID and secret" in outcome.reason


def test_a_known_client_id_alone_does_not_give_its_owners_token(place: Place) -> None:
    owner = credentials(place.pretend.account)
    assert send(place, owner).verdict is Verdict.DELIVERED

    assert send(place, replace(owner, client_secret=Secret("guessed"))).verdict is Verdict.GIVE_UP


def test_another_secrets_failure_is_not_the_owners(place: Place) -> None:
    owner, ours = credentials(place.pretend.account), bearers(place, Clock())
    place.pretend.fault(replace(Fault.json(429, "{}", ("Retry-After", "3600")), path=TOKEN_PATH))

    assert isinstance(ours.bearer(replace(owner, client_secret=Secret("guessed"))), Outcome)

    assert isinstance(ours.bearer(owner), Bearer)


def test_made_up_secrets_fill_no_memory(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_FAILURES", 3)
    clock, owner = Clock(), credentials(place.pretend.account)
    ours = bearers(place, clock)

    for number in range(10):
        ours.bearer(replace(owner, client_secret=Secret(f"guessed-{number}")))
        clock.pass_by(seconds=number)  # some are over by then

    assert len(ours._failed) <= 3
    assert len(ours._locks) == 0
    assert isinstance(ours.bearer(owner), Bearer)


@pytest.mark.parametrize(
    ("fault", "verdict", "needs_merchant"),
    [
        (Fault.page(503), Verdict.TRY_AGAIN, False),
        (Fault.json(429, "{}", ("Retry-After", "9")), Verdict.TRY_AGAIN, False),
        (Fault.json(200, ""), Verdict.TRY_AGAIN, False),
        (Fault.json(200, "[]"), Verdict.TRY_AGAIN, False),
        (Fault.json(200, '{"access_token": 7}'), Verdict.TRY_AGAIN, False),
        (Fault.json(200, '{"access_token": "ключ"}'), Verdict.TRY_AGAIN, False),
        (Fault.json(200, '{"access_token": " "}'), Verdict.TRY_AGAIN, False),
        (Fault.page(200), Verdict.TRY_AGAIN, False),
        (Fault.redirect("/"), Verdict.GIVE_UP, False),
        (Fault.json(403, '{"error_code": 3030303030}'), Verdict.GIVE_UP, True),
        (Fault.json(400, '{"error": "invalid_request"}'), Verdict.GIVE_UP, True),
        (Fault.json(422, '{"error": "invalid_client"}'), Verdict.GIVE_UP, True),
        (Fault.reset(is_taken_first=True), Verdict.TRY_AGAIN, False),
        (Fault(kind=Kind.SHORT_BODY, body=b'{"access_token": "x"}'), Verdict.TRY_AGAIN, False),
    ],
)
def test_without_a_token_nothing_is_sent(place: Place, fault: Fault, verdict: Verdict, needs_merchant: bool) -> None:
    place.pretend.fault(replace(fault, path=TOKEN_PATH))

    outcome = send(place, credentials(place.pretend.account))

    assert (outcome.verdict, outcome.needs_merchant) == (verdict, needs_merchant)
    assert place.pretend.received() == []


@pytest.mark.parametrize("life", ['"3600"', "null", "-1", "true", "99999999999"])
def test_an_odd_life_of_a_token_becomes_the_usual_one(place: Place, life: str) -> None:
    answer = Fault.json(200, '{"access_token": "abc", "expires_in": ' + life + "}")
    place.pretend.fault(replace(answer, path=TOKEN_PATH))
    account = credentials(place.pretend.account)

    bearers(place, Clock()).bearer(account)

    token = place.tokens.found[account_key(account)]
    assert token == AccessToken(text="abc", expires_at=NOON + (timedelta(seconds=3600)))


def test_after_a_failure_nobody_asks_for_a_while(place: Place) -> None:
    clock, account = Clock(), credentials(place.pretend.account)
    ours = bearers(place, clock)
    place.pretend.fault(replace(Fault.page(503), path=TOKEN_PATH))

    first = ours.bearer(account)
    assert ours.bearer(account) == first

    clock.pass_by(seconds=6)
    assert isinstance(ours.bearer(account), Bearer)
    assert asked(place) == 1


def test_a_token_host_that_is_down_means_nothing_was_sent(place: Place) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    client = SendPulse(some_settings(place.events_url, gone), FakeTokens(), now, limits=IMPATIENT)

    outcome = send(place, credentials(place.pretend.account), client)

    assert (outcome.verdict, "nothing was sent" in outcome.reason) == (Verdict.TRY_AGAIN, True)


def test_while_another_process_renews_it_the_old_token_serves(place: Place) -> None:
    account = credentials(place.pretend.account)
    place.tokens.is_locked_elsewhere = True
    place.tokens.write(account_key(account), AccessToken(text="old", expires_at=NOON + timedelta(minutes=3)))

    assert bearers(place, Clock()).bearer(account) == Bearer("old", is_token=True)
    assert asked(place) == 0


def test_a_process_that_never_gets_its_turn_tries_later(place: Place) -> None:
    slept: list[float] = []
    place.tokens.is_locked_elsewhere = True
    ours = Bearers(Wire(IMPATIENT), place.tokens, place.api_url, now, sleep=slept.append)

    outcome = ours.bearer(credentials(place.pretend.account))

    assert isinstance(outcome, Outcome)
    assert (outcome.verdict, len(slept)) == (Verdict.TRY_AGAIN, POLLS)


def test_a_database_that_is_down_means_try_again(place: Place) -> None:
    account = credentials(place.pretend.account)
    place.tokens.is_down = True
    assert send(place, account).verdict is Verdict.TRY_AGAIN

    class DownAtTheRefusal(FakeTokens):
        def drop(self, account: str, text: str) -> None:
            raise StorageDown("the database does not answer")

    place.pretend.fault(Fault.json(401, "{}"))
    client = SendPulse(some_settings(place.events_url, place.api_url), DownAtTheRefusal(), now, limits=IMPATIENT)

    assert send(place, account, client).verdict is Verdict.TRY_AGAIN


def test_the_lock_is_given_back_whatever_happens(place: Place) -> None:
    place.pretend.fault(replace(Fault.page(503), path=TOKEN_PATH))
    send(place, credentials(place.pretend.account))

    assert place.tokens.locked == set()
