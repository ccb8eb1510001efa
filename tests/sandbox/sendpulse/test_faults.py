"""How the pretend SendPulse misbehaves, seen by a caller who is more patient than ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from socket import create_connection
from time import monotonic

import pytest
import requests

from plugin.sandbox.sendpulse import Fault, PretendSendPulse, events_app
from plugin.sandbox.sendpulse.faults import Kind
from plugin.sandbox.serving import serve_in_thread

ANNA = {"email": "anna@example.com"}


@dataclass(frozen=True)
class Caller:
    """Posts events and waits for whatever comes."""

    pretend: PretendSendPulse
    url: str
    path: str

    def post(self, body: dict[str, str] = ANNA) -> requests.Response:
        return requests.post(self.url + self.path, json=body, timeout=5, allow_redirects=False)


@pytest.fixture
def caller() -> Iterator[Caller]:
    pretend = PretendSendPulse()
    with serve_in_thread(events_app(pretend)) as serving:
        yield Caller(pretend, serving.url, pretend.add_event("order_paid").path)


def test_a_late_answer_is_the_hosts_own(caller: Caller) -> None:
    caller.pretend.fault(Fault(kind=Kind.SLOW_ANSWER, seconds=0.2, times=2))
    began = monotonic()

    assert (caller.post().json(), caller.post({}).status_code) == ({"result": True}, 400)
    assert monotonic() - began > 0.4
    assert len(caller.pretend.received()) == 1


def test_a_body_drips_in(caller: Caller) -> None:
    caller.pretend.fault(Fault(kind=Kind.SLOW_BODY, seconds=0.2, is_taken_first=True))
    began = monotonic()

    assert caller.post().json() == {"result": True}
    assert monotonic() - began > 0.15


def test_headers_that_drip_never_end(caller: Caller) -> None:
    caller.pretend.fault(Fault(kind=Kind.SLOW_HEADERS, seconds=0.2))

    with pytest.raises(requests.ConnectionError):
        caller.post()


@pytest.mark.parametrize("is_taken_first", [True, False])
def test_a_reset_comes_after_the_event_is_taken_or_before(caller: Caller, is_taken_first: bool) -> None:
    caller.pretend.fault(Fault.reset(is_taken_first=is_taken_first))

    with pytest.raises(requests.ConnectionError):
        caller.post()
    assert len(caller.pretend.received()) == int(is_taken_first)


def test_a_fault_happens_as_often_as_it_says_at_the_paths_it_names(caller: Caller) -> None:
    caller.pretend.fault(Fault(kind=Kind.ANSWER, status=503, times=2))
    caller.pretend.fault(Fault(kind=Kind.ANSWER, status=500, path="/elsewhere"))

    assert [caller.post().status_code for _ in range(3)] == [503, 503, 200]
    assert len(caller.pretend.faults.waiting) == 1


def test_a_request_that_is_no_http_is_answered_so(caller: Caller) -> None:
    host, port = caller.url.removeprefix("http://").split(":")
    with create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(b"nonsense nonsense nonsense nonsense\r\n\r\n")

        with connection.makefile("rb") as answer:
            assert b"Error code: 400" in answer.read()
