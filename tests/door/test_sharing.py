"""Room is shared by address: whoever takes too much is in nobody else's way."""

import socket
import time

import pytest

from plugin.door.machine import LOOK_UPS
from plugin.door.sizes import LARGEST_WEBHOOK
from tests.door.conftest import FILES, PROXY
from tests.support.door.served import Served, a_request, everything, status

ALL = FILES - 256
SHARE = ALL // 4
HALF = "POST / HTTP/1.1\r\nHost: app.example\r\n{0}Content-Length: 9\r\n\r\nabc"


def statuses(ones: list[socket.socket]) -> list[int]:
    return sorted(status(everything(one)) for one in ones)


def test_the_connections_an_address_has_too_many_of_are_refused_and_the_newest_served(door: Served) -> None:
    ones = [door.connect(HALF.format("").encode(), source="127.0.0.2") for _ in range(SHARE + 10)]

    answers = [door.ask(a_request("GET", "/"), source=source) for source in ("127.0.0.2", "127.0.0.3")]

    refused = statuses(ones)
    assert [status(answer) for answer in answers] == [200, 200]
    assert refused == [408] * (SHARE - 1) + [503] * 11
    assert door.refusals()["address_connections"] >= 11


def test_a_refusal_says_when_to_come_again(door: Served) -> None:
    first, *_ = [door.connect(b"GET", source="127.0.0.2") for _ in range(SHARE + 1)]

    answer = everything(first)

    assert status(answer) == 503
    assert b"\r\nRetry-After: 10\r\n" in answer
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize("asked", [False, True], ids=["nothing was asked", "what was asked is answered"])
def test_whoever_asks_for_nothing_makes_way_without_a_word(door: Served, *, asked: bool) -> None:
    before = door.refusals().get("address_connections", 0)
    first = door.connect(source="127.0.0.2")
    if asked:
        first.sendall(a_request("GET", "/", close=False))
        while not first.recv(65536).endswith(b"}"):
            pass

    for _ in range(SHARE):
        door.connect(source="127.0.0.2")

    assert everything(first) == b""
    assert door.refusals()["address_connections"] == before + 1


def test_a_web_process_looks_up_more_names_at_a_time_than_strangers_may_announce(door: Served) -> None:
    assert door.told(a_request("GET", "/"))["look_ups"] == LOOK_UPS


def test_all_addresses_together_leave_room_for_one_more(door: Served) -> None:
    ones = [door.connect(b"GET", source=f"127.0.3.{number % 8 + 1}") for number in range(ALL + 5)]

    answer = door.ask(a_request("GET", "/"), source="127.0.0.4")

    assert status(answer) == 200
    assert statuses(ones).count(503) >= 6


def test_unfinished_uploads_of_one_address_are_in_nobody_s_way(door: Served) -> None:
    begun = f"POST /webhooks/some HTTP/1.1\r\nHost: app.example\r\nContent-Length: {LARGEST_WEBHOOK}\r\n\r\n".encode()
    ones = [door.connect(begun + b"x" * 3_000_000, source="127.0.0.2") for _ in range(4)]
    time.sleep(0.5)

    answers = [door.told(a_request("POST", "/webhooks/some", body=b"x" * 100_000), source=f"127.0.0.{n}") for n in (2, 3)]

    assert [answer["length"] for answer in answers] == [100_000] * 2
    assert 503 in statuses(ones)
    assert door.refusals()["address_bytes"] >= 1


def test_a_client_cannot_say_who_it_is(door: Served) -> None:
    told = door.told(a_request("GET", "/", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https"), source="127.0.0.2")
    ones = [
        door.connect(HALF.format(f"X-Forwarded-For: 203.0.113.{n}\r\n").encode(), source="127.0.0.2") for n in range(SHARE + 1)
    ]

    assert (told["address"], told["scheme"]) == ("127.0.0.2", "http")
    assert statuses(ones).count(503) == 1


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 127.0.0.9", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("nonsense", PROXY),
    ],
)
def test_a_trusted_proxy_says_for_whom_it_asks(door: Served, forwarded: str, expected: str) -> None:
    assert door.told(a_request("GET", "/", f"X-Forwarded-For: {forwarded}"), source=PROXY)["address"] == expected


def test_clients_of_one_proxy_have_a_share_each(door: Served) -> None:
    greedy = HALF.format("X-Forwarded-For: 203.0.113.7\r\n").encode()
    ones = [door.connect(greedy, source=PROXY) for _ in range(SHARE + 10)]
    time.sleep(0.5)

    other = door.told(a_request("GET", "/", "X-Forwarded-For: 203.0.113.8"), source=PROXY)

    assert other["address"] == "203.0.113.8"
    assert statuses(ones) == [408] * SHARE + [503] * 10


def test_connections_a_proxy_keeps_are_nobody_s_share(door: Served) -> None:
    before = door.refusals().get("address_connections", 0)
    asks = a_request("GET", "/", "X-Forwarded-For: 203.0.113.7", close=False)
    for _ in range(SHARE + 5):
        kept = door.connect(asks, source=PROXY)
        while not kept.recv(65536).endswith(b"}"):
            pass

    assert door.refusals().get("address_connections", 0) == before
    assert door.told(a_request("GET", "/", "X-Forwarded-For: 203.0.113.7"), source=PROXY)["address"] == "203.0.113.7"


def test_a_proxy_nobody_named_is_told_of_once(door: Served) -> None:
    for _ in range(3):
        door.ask(a_request("GET", "/", "X-Forwarded-For: 203.0.113.7"))

    assert door.log.read_text().count("a proxy that TRUSTED_PROXIES does not name") == 1
