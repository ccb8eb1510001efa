"""SendPulse's own Python client, unmodified but for its address, against the pretend SendPulse."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pysendpulse.pysendpulse import PySendPulse

from plugin.sandbox.sendpulse import PretendSendPulse, api_app
from plugin.sandbox.serving import serve_in_thread

ANNA = "anna@example.com"


@pytest.fixture
def pretend() -> PretendSendPulse:
    return PretendSendPulse()


@pytest.fixture
def official(pretend: PretendSendPulse, tmp_path: Path) -> Iterator[Any]:
    """Their client with its private address attribute set in a subclass."""
    with serve_in_thread(api_app(pretend)) as api:
        pointed = type("Pointed", (PySendPulse,), {"_PySendPulse__api_url": api.url})
        yield pointed(pretend.account.client_id, pretend.account.client_secret, token_file_path=f"{tmp_path}/")


def test_it_sends_an_event_by_name(official: Any, pretend: PretendSendPulse) -> None:
    pretend.add_event("order_paid")

    assert official.send_event("order_paid", {"email": ANNA, "products": [{"id": 7}]}) == {"result": True}

    (received,) = pretend.received()
    assert received.variables == {"email": ANNA, "products": [{"id": 7}]}
    assert [request.path for request in pretend.requests] == ["/oauth/access_token", "//events/name/order_paid"]


def test_it_understands_that_there_is_no_such_event(official: Any) -> None:
    answer = official.send_event("nothing_like_it", {"email": ANNA})

    assert (answer["data"]["is_error"], answer["data"]["http_code"]) == (True, 404)


def test_it_asks_for_a_new_token_when_the_old_one_is_refused(official: Any, pretend: PretendSendPulse) -> None:
    pretend.add_event("order_paid")
    pretend.account.tokens.clear()

    assert official.send_event("order_paid", {"email": ANNA}) == {"result": True}
    assert pretend.account.token_requests == 2


def test_wrong_credentials_stop_it(pretend: PretendSendPulse, tmp_path: Path) -> None:
    with serve_in_thread(api_app(pretend)) as api:
        pointed: Any = type("Pointed", (PySendPulse,), {"_PySendPulse__api_url": api.url})
        with pytest.raises(Exception, match="check your ID and SECRET"):
            pointed(pretend.account.client_id, "wrong", token_file_path=f"{tmp_path}/")
