"""No address leads this app into a private network."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Semaphore, Thread

import pytest

from plugin.config import BadEnvironment
from plugin.domain.errors import Misconfigured, TryAgain
from plugin.door.machine import LOOK_UPS
from plugin.platforms.saleor.addresses import MOST_LOOK_UPS, OF_STRANGERS, AddressPolicy, clean, is_public, resolved
from plugin.platforms.saleor.config import allowed_urls
from tests.support.hostile.long_texts import MOST_SECONDS, seconds_for

# What the names of these tests stand for, as a hostile name server would have it.
NAMES = {
    "shop.example": ["93.184.215.14"],
    "six.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "93.184.215.14"],
    "inside.example": ["10.0.0.5"],
    "half.example": ["93.184.215.14", "127.0.0.1"],
    "mapped.example": ["::ffff:10.0.0.5"],
    "zone.example": ["fe80::1%eth0"],
    "nobody.example": [],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.localdomain": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
}


def _resolve(host: str, port: int) -> Iterable[str]:
    return NAMES[host]


GATE = AddressPolicy(resolve=_resolve)

BYPASSES = """
http://shop.example/graphql/
ftp://shop.example/graphql/
file:///graphql/
gopher://shop.example/graphql/
//shop.example/graphql/
shop.example/graphql/
https:/shop.example/graphql/
https:///graphql/
https://shop.example/
https://shop.example/graphql/x
https://shop.example/graphql/?x=1
https://shop.example/graphql/#x
https://shop.example/?x=/graphql/
https://shop.example/#/graphql/
https://shop.example/../graphql/
https://shop.example/a/../graphql/
https://shop.example/%2e%2e/graphql/
https://shop.example/GRAPHQL/
https://shop.example//graphql/
https://shop.example/graphql//
https://user@shop.example/graphql/
https://user:word@shop.example/graphql/
https://shop.example@127.0.0.1/graphql/
https://127.0.0.1#@shop.example/graphql/
https://127.0.0.1?@shop.example/graphql/
https://shop.example:443@127.0.0.1/graphql/
https://shop.example\\@127.0.0.1/graphql/
https://127.0.0.1\\.shop.example/graphql/
https:\\\\shop.example\\graphql\\
https://shop.example:0/graphql/
https://shop.example:65536/graphql/
https://shop.example:x/graphql/
https://shop.example./graphql/
https://.shop.example/graphql/
https://localhost/graphql/
https://LOCALHOST/graphql/
https://localhost.localdomain/graphql/
https://metadata.google.internal/graphql/
https://127.0.0.1.nip.example/graphql/
https://inside.example/graphql/
https://half.example/graphql/
https://mapped.example/graphql/
https://zone.example/graphql/
https://nobody.example/graphql/
https://127.0.0.1/graphql/
https://127.0.0.1:8000/graphql/
https://127.1/graphql/
https://127.0.1/graphql/
https://127.0.0.01/graphql/
https://0177.0.0.1/graphql/
https://017700000001/graphql/
https://2130706433/graphql/
https://0x7f000001/graphql/
https://0x7f.0.0.1/graphql/
https://0X7F.0x0.0x0.0x1/graphql/
https://0/graphql/
https://0.0.0.0/graphql/
https://10.0.0.5/graphql/
https://172.16.0.1/graphql/
https://192.168.1.1/graphql/
https://169.254.169.254/graphql/
https://100.64.0.1/graphql/
https://198.18.0.1/graphql/
https://192.0.2.1/graphql/
https://192.88.99.1/graphql/
https://224.0.0.1/graphql/
https://240.0.0.1/graphql/
https://255.255.255.255/graphql/
https://[::1]/graphql/
https://[::]/graphql/
https://[::ffff:127.0.0.1]/graphql/
https://[::ffff:7f00:1]/graphql/
https://[::ffff:8.8.8.8]/graphql/
https://[::7f00:1]/graphql/
https://[64:ff9b::7f00:1]/graphql/
https://[2002:7f00:1::]/graphql/
https://[2001:0:7f00:1::]/graphql/
https://[2001:db8::1]/graphql/
https://[fc00::1]/graphql/
https://[fe80::1]/graphql/
https://[fe80::1%25eth0]/graphql/
https://[fec0::1]/graphql/
https://[ff02::1]/graphql/
https://[3fff::1]/graphql/
https://[::1/graphql/
https://[1.2.3.4]/graphql/
https://[8.8.8.8]:443/graphql/
https://%31%32%37.0.0.1/graphql/
https://１２７.０.０.１/graphql/
https://127。0。0。1/graphql/
https://ſhop.example/graphql/
https://shop．example/graphql/
https://loc\u212aalhost/graphql/
https://shop.example\u2044graphql/
""".strip().splitlines()

ODD_BLANKS = [
    "",
    " ",
    "https://shop.example/graphql/\n",
    "\thttps://shop.example/graphql/",
    "https://shop.example/graphql/\x00",
    "https://shop.example\r\nHost: 127.0.0.1/graphql/",
    "https://shop .example/graphql/",
    "https://shop.example/graphql/ https://127.0.0.1/graphql/",
    "https://" + "a" * 300 + ".example/graphql/",
]


@pytest.mark.parametrize("url", BYPASSES + ODD_BLANKS)
def test_an_address_that_is_not_a_public_saleor_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        GATE.admit(url)


@pytest.mark.parametrize(
    ("url", "ip"),
    [
        ("https://shop.example/graphql/", "93.184.215.14"),
        ("https://SHOP.example:443/graphql", "93.184.215.14"),
        ("https://shop.example:8443/eu/graphql/", "93.184.215.14"),
        ("https://six.example/graphql/", "93.184.215.14"),
        ("https://8.8.8.8/graphql/", "8.8.8.8"),
        ("https://[2606:4700:4700::1111]/graphql/", "2606:4700:4700::1111"),
    ],
)
def test_a_public_saleor_is_called_at_the_ip_address_that_was_checked(url: str, ip: str) -> None:
    assert GATE.admit(url) == ip


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/graphql/",
        "https://shop.example/graphql",
        "HTTPS://Shop.Example/graphql/",
        "https://shop.example:443/graphql/",
        "https://shop.example:0443/graphql/",
    ],
)
def test_one_shop_has_one_address(url: str) -> None:
    assert clean(url) == "https://shop.example/graphql/"


def test_an_ipv6_address_has_one_spelling() -> None:
    assert clean("https://[2606:4700:4700:0:0:0:0:1111]/graphql/") == "https://[2606:4700:4700::1111]/graphql/"


def test_a_port_of_its_own_makes_another_shop() -> None:
    assert clean("http://127.0.0.1:8000/graphql/") == "http://127.0.0.1:8000/graphql/"
    assert clean("http://shop.example:80/graphql/") == "http://shop.example/graphql/"


def test_the_operator_lets_in_what_fits_a_whole_pattern() -> None:
    patterns = allowed_urls(
        {"SALEOR_ALLOWED_URLS": r"https://[a-z-]+\.saleor\.cloud/graphql/, http://127\.0\.0\.1:\d+/graphql/"}
    )
    gate = AddressPolicy(patterns=patterns, resolve=_resolve)

    assert gate.admit("https://my-shop.saleor.cloud/graphql/") is None
    assert gate.admit("http://127.0.0.1:8000/graphql/") is None
    for other in (
        "https://shop.example/graphql/",
        "https://a.saleor.cloud.shop.example/graphql/",
        "https://shop.example/https:/a.saleor.cloud/graphql/",
        "https://user@a.saleor.cloud/graphql/",
        "http://127.0.0.1:8000/x/graphql/",
    ):
        with pytest.raises(Misconfigured):
            gate.admit(other)


def test_a_pattern_for_a_beginning_lets_nobody_in() -> None:
    gate = AddressPolicy(patterns=allowed_urls({"SALEOR_ALLOWED_URLS": r"https://[a-z-]+\.saleor\.cloud"}), resolve=_resolve)

    for address in ("https://my-shop.saleor.cloud/graphql/", "https://a.saleor.cloud.shop.example/graphql/"):
        with pytest.raises(Misconfigured):
            gate.admit(address)


@pytest.mark.parametrize("written", ["", "  ", ",", " , "])
def test_without_patterns_any_public_shop_may_come(written: str) -> None:
    assert allowed_urls({"SALEOR_ALLOWED_URLS": written}) == ()


@pytest.mark.parametrize("written", ["https://(", "*", r"(?=https)", r"https://a\.example/\d{1,3}/graphql/"])
def test_a_pattern_that_cannot_work_is_named(written: str) -> None:
    with pytest.raises(BadEnvironment, match="SALEOR_ALLOWED_URLS"):
        allowed_urls({"SALEOR_ALLOWED_URLS": written})


def test_patterns_are_separated_by_commas_and_blanks() -> None:
    assert [found.pattern for found in allowed_urls({"SALEOR_ALLOWED_URLS": "a,b c\n d"})] == ["a", "b", "c", "d"]


def test_a_pattern_with_repeats_in_repeats_keeps_nobody_waiting() -> None:
    gate = AddressPolicy(patterns=allowed_urls({"SALEOR_ALLOWED_URLS": r"https://((.+)+\.)*saleor\.cloud/graphql/"}))
    hostile = f"https://{'a.' * 90}b/graphql/"

    def refused() -> None:
        with pytest.raises(Misconfigured):
            gate.admit(hostile)

    assert seconds_for(refused) < MOST_SECONDS


def test_this_machine_is_not_public() -> None:
    assert not any(is_public(ip) for ip in resolved("localhost", 443))


def test_a_name_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Misconfigured, match="not known"):
        resolved("no-such-shop.invalid", 443)


def test_a_name_no_resolver_takes_is_refused() -> None:
    with pytest.raises(UnicodeError):
        socket.getaddrinfo("a" * 64 + ".example", 443)  # what the next line must survive

    with pytest.raises(Misconfigured):
        resolved("a" * 64 + ".example", 443)


class SlowNames:
    """Names of `slow.example` lead nowhere until `answer` is set."""

    def __init__(self) -> None:
        self.asked, self.answer = Semaphore(0), Event()

    def __call__(self, host: str, port: int) -> Iterable[str]:
        if host.endswith("slow.example"):
            self.asked.release()
            assert self.answer.wait(20)
        return ["93.184.215.14"]

    @contextmanager
    def asked_by(self, *gates: AddressPolicy) -> Iterator[None]:
        """A look-up of each under way within the block."""
        names = [f"https://{number}.slow.example/graphql/" for number in range(len(gates))]
        threads = [Thread(target=gate.admit, args=(name,)) for gate, name in zip(gates, names, strict=True)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert self.asked.acquire(timeout=20)
        try:
            yield
        finally:
            self.answer.set()
            for thread in threads:
                thread.join()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> SlowNames:
    monkeypatch.setattr("plugin.platforms.saleor.addresses.LOOK_UP_SECONDS", 0.01)
    return SlowNames()


def test_names_whose_servers_never_answer_do_not_take_every_look_up(names: SlowNames) -> None:
    gate = AddressPolicy(resolve=names)

    with names.asked_by(*[gate] * MOST_LOOK_UPS), pytest.raises(TryAgain, match="in time"):
        gate.admit("https://other.example/graphql/")

    assert gate.admit("https://other.example/graphql/") == "93.184.215.14"


def test_a_name_that_was_looked_up_before_waits_for_no_other(names: SlowNames) -> None:
    gate = AddressPolicy(resolve=names)
    gate.admit("https://shop.example/graphql/")

    with names.asked_by(*[gate] * MOST_LOOK_UPS):
        assert gate.admit("https://shop.example/graphql/") == "93.184.215.14"


def test_names_that_strangers_announce_keep_no_known_shop_waiting(names: SlowNames) -> None:
    gate = AddressPolicy(resolve=names)
    strangers = gate.for_strangers()

    with names.asked_by(*come_from(strangers, OF_STRANGERS)):
        assert gate.admit("https://shop.example/graphql/") == "93.184.215.14"
        with pytest.raises(TryAgain):
            strangers.asked_from("198.51.100.7").admit("https://shop.example/graphql/")


def come_from(gate: AddressPolicy, sources: int) -> list[AddressPolicy]:
    return [gate.asked_from(f"192.0.2.{number}") for number in range(sources)]


def test_a_stranger_waits_only_for_what_was_asked_from_the_same_address(names: SlowNames) -> None:
    strangers = AddressPolicy(resolve=names).for_strangers()
    most = come_from(strangers, OF_STRANGERS - 1)

    with names.asked_by(*most):
        with pytest.raises(TryAgain, match="in time"):
            most[0].admit("https://shop.example/graphql/")
        assert strangers.asked_from("198.51.100.7").admit("https://shop.example/graphql/") == "93.184.215.14"

    assert most[0].admit("https://shop.example/graphql/") == "93.184.215.14"


def test_names_of_stores_leave_look_ups_to_others_of_the_process() -> None:
    assert MOST_LOOK_UPS + OF_STRANGERS < LOOK_UPS
    assert MOST_LOOK_UPS < 10  # gevent's own number, a worker's


def test_where_names_led_is_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.platforms.saleor.addresses.MOST_KNOWN", 10)
    gate = AddressPolicy(resolve=lambda _host, _port: ["93.184.215.14"])

    for number in range(25):
        gate.admit(f"https://{number}.example/graphql/")

    assert len(gate.known) == 5
