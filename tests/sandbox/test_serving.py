"""Pretend servers in threads."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
import requests

from plugin.sandbox.serving import free_port, reset_connection, serve_in_thread

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def greeting(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/reset":
        reset_connection(environ)
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def test_an_app_answers_at_an_address_of_its_own() -> None:
    with serve_in_thread(greeting) as one, serve_in_thread(greeting) as other:
        assert one.url != other.url
        assert requests.get(one.url, timeout=5).text == requests.get(other.url, timeout=5).text == "hello"


def test_a_closed_server_is_gone() -> None:
    with serve_in_thread(greeting) as serving:
        pass

    with pytest.raises(requests.ConnectionError):
        requests.get(serving.url, timeout=5)


def test_an_app_can_be_served_at_a_wanted_port() -> None:
    port = free_port()

    with serve_in_thread(greeting, port=port) as serving:
        assert serving.url == f"http://127.0.0.1:{port}"


def test_a_reset_reaches_the_caller_and_nobody_else(capfd: pytest.CaptureFixture[str]) -> None:
    with serve_in_thread(greeting) as serving:
        with pytest.raises(requests.ConnectionError, match="reset by peer"):
            requests.get(f"{serving.url}/reset", timeout=5)

        assert requests.get(serving.url, timeout=5).text == "hello"
    assert capfd.readouterr().err == ""
