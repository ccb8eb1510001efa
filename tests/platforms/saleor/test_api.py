"""The calls to a shop are bounded in every way."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from plugin.domain.errors import GiveUp, Misconfigured, TryAgain
from plugin.platforms.saleor.addresses import AddressPolicy
from plugin.platforms.saleor.api import Api
from plugin.platforms.saleor.testing import TESTKIT
from tests.support.platforms.saleor.fakes import Answer, PretendSaleor

KEYS, GRAPHQL = "/.well-known/jwks.json", "/graphql/"


class OpenDoor:
    """Lets everything in; `ip` is where a name leads."""

    def __init__(self, ip: str | None = None) -> None:
        self.ip = ip

    def exclude(self, address: str) -> None:
        pass

    def admit(self, address: str) -> str | None:
        return self.ip


@pytest.fixture
def saleor() -> Iterator[PretendSaleor]:
    with PretendSaleor() as saleor:
        yield saleor


def test_a_shop_tells_who_its_token_belongs_to(saleor: PretendSaleor) -> None:
    told = Api(OpenDoor()).introduction(saleor.address, "word-of-the-shop")

    assert (told.app_id, told.shop_name, told.version) == ("QXBwOjc=", "Lamps & Co", "3.23.28")
    assert saleor.asked[0].headers["Authorization"] == "Bearer word-of-the-shop"
    assert set(json.loads(saleor.asked[0].body)) == {"query"}


def test_a_shop_publishes_its_keys_without_being_told_a_token(saleor: PretendSaleor) -> None:
    assert Api(OpenDoor()).key_set(saleor.address) == TESTKIT.jwks()
    assert "Authorization" not in saleor.asked[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(saleor: PretendSaleor, status: int) -> None:
    for path in (KEYS, GRAPHQL):
        saleor.answers[path] = Answer(b"", status=status, headers={"Location": "/elsewhere"})
    api = Api(OpenDoor())

    with pytest.raises(TryAgain):
        api.key_set(saleor.address)
    with pytest.raises(TryAgain):
        api.introduction(saleor.address, "token")
    assert [asked.path for asked in saleor.asked] == [KEYS, GRAPHQL]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"{}", status=500),
        Answer(b"not json"),
        Answer(b'{"keys": "' + b"a" * 70_000 + b'"}'),
        Answer(b"[]"),
        Answer(b"short", headers={"Content-Length": "5000"}),
        Answer(b"zz\r\n", headers={"Transfer-Encoding": "chunked"}),
    ],
    ids=["broken", "no json", "too large", "a list", "cut off", "bad chunks"],
)
def test_a_useless_answer_is_asked_for_again_later(saleor: PretendSaleor, answer: Answer) -> None:
    saleor.answers = {KEYS: answer, GRAPHQL: answer}

    with pytest.raises(TryAgain):
        Api(OpenDoor()).key_set(saleor.address)
    with pytest.raises(TryAgain):
        Api(OpenDoor()).introduction(saleor.address, "token")


def test_an_answer_that_drips_is_cut_off(saleor: PretendSaleor) -> None:
    saleor.answers[KEYS] = Answer(b'{"keys": []}', drip_seconds=0.05)

    with pytest.raises(TryAgain):
        Api(OpenDoor(), longest_answer_seconds=0.2).key_set(saleor.address)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"{}", status=401),
        Answer(b"{}", status=403),
        Answer(b'{"errors": [{"message": "no"}], "data": {"app": null}}'),
        Answer(b'{"data": null}'),
    ],
)
def test_a_refused_token_is_given_up(saleor: PretendSaleor, answer: Answer) -> None:
    saleor.answers[GRAPHQL] = answer

    with pytest.raises(GiveUp):
        Api(OpenDoor()).introduction(saleor.address, "token")


def test_a_machine_that_is_not_there_is_asked_again_later() -> None:
    with PretendSaleor() as gone:
        address = gone.address

    with pytest.raises(TryAgain):
        Api(OpenDoor()).key_set(address)


def test_the_door_is_asked_before_every_call(saleor: PretendSaleor) -> None:
    api = Api(AddressPolicy())

    with pytest.raises(Misconfigured):
        api.key_set(saleor.address)
    with pytest.raises(Misconfigured):
        api.introduction(saleor.address, "token")
    assert saleor.asked == []


def test_a_name_is_called_at_the_checked_ip_address(saleor: PretendSaleor) -> None:
    api = Api(OpenDoor("127.0.0.1"))

    assert api.key_set(f"http://no-such-shop.invalid:{saleor.port}/graphql/") == TESTKIT.jwks()
    assert saleor.asked[0].headers["Host"] == f"no-such-shop.invalid:{saleor.port}"


def test_the_machines_proxy_is_not_used(saleor: PretendSaleor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    assert Api(OpenDoor()).key_set(saleor.address)


def test_no_more_keys_are_kept_than_a_saleor_has(saleor: PretendSaleor) -> None:
    keys: list[Any] = [*TESTKIT.jwks()["keys"] * 20, "no key"]
    saleor.answers[KEYS] = Answer(json.dumps({"keys": keys}).encode())

    assert len(Api(OpenDoor()).key_set(saleor.address)["keys"]) == 8


BEGUN = {"head": b"HTTP/1.1 200 OK\r\nX-Slow: ", "body": b"HTTP/1.1 200 OK\r\n\r\n", "silence": b""}


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN.keys())
def test_whoever_says_a_letter_a_moment_is_hung_up_on(begun: bytes) -> None:
    with dripping(begun) as port:
        started = time.monotonic()

        with pytest.raises(TryAgain):
            Api(OpenDoor(), longest_answer_seconds=0.5).key_set(f"http://127.0.0.1:{port}/graphql/")

    assert time.monotonic() - started < 2


@contextmanager
def dripping(begun: bytes) -> Iterator[int]:
    """A server that says this, and then a letter every tenth of a second."""

    def answer() -> None:
        with suppress(OSError), listening.accept()[0] as caller:
            caller.sendall(begun)
            while not stopping.wait(0.1):
                caller.sendall(b"a" if begun else b"")

    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        stopping.set()
        thread.join()
