"""Pretend servers in threads."""

import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
import requests

from plugin.sandbox import serving
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
    with serve_in_thread(greeting) as served:
        pass

    with pytest.raises(requests.ConnectionError):
        requests.get(served.url, timeout=5)


def test_no_port_is_given_away_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor by another process: it sees that the same port of UDP is held."""
    count = 20
    monkeypatch.setattr(serving, "LAST_PORT", serving.FIRST_PORT + 4 * count)
    program = f"from plugin.sandbox import serving; serving.LAST_PORT = {serving.LAST_PORT}\n"
    program += f"print(*(serving.free_port() for _ in range({count})), flush=True); input()"
    ports = [free_port() for _ in range(count)]

    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin
        assert other.stdout
        theirs = [int(port) for port in other.stdout.readline().split()]
        other.stdin.write("\n")

    assert len({*ports, *theirs}) == 2 * count


def test_an_app_can_be_served_at_a_wanted_port() -> None:
    port = free_port()

    with serve_in_thread(greeting, port=port) as served:
        assert served.url == f"http://127.0.0.1:{port}"


def test_a_reset_reaches_the_caller_and_nobody_else(capfd: pytest.CaptureFixture[str]) -> None:
    with serve_in_thread(greeting) as served:
        with pytest.raises(requests.ConnectionError, match="reset by peer"):
            requests.get(f"{served.url}/reset", timeout=5)

        assert requests.get(served.url, timeout=5).text == "hello"
    assert capfd.readouterr().err == ""
