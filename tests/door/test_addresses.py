"""Whose request it is: never what the client says of itself, always what a trusted proxy saw."""

from ipaddress import ip_network

import pytest

from plugin.door.addresses import MOST_HOPS, address, client_behind, counted_as

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def client(peer: str, *forwarded: str) -> str:
    known = address(peer)
    assert known
    return str(client_behind(known, forwarded, TRUSTED))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("198.51.100.1", ["203.0.113.7"], "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1", "203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["203.0.113.7, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
        ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["::ffff:203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["fe80::1%eth0"], "fe80::1"),
        ("10.0.0.1", ["203.0.113.7" + ", 10.0.0.2" * MOST_HOPS], "10.0.0.2"),
        ("10.0.0.1", [",".join(["9"] * 8000) + ", 203.0.113.7"], "203.0.113.7"),
    ],
)
def test_the_last_hop_no_trusted_proxy_is_the_client(peer: str, forwarded: list[str], expected: str) -> None:
    assert client(peer, *forwarded) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:0:1::7", "2001:db8:0:1::/64"), ("::ffff:203.0.113.7", "203.0.113.7")],
)
def test_all_of_one_ipv6_network_share(text: str, name: str) -> None:
    found = address(text)

    assert found
    assert counted_as(found) == name
