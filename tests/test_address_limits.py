"""So many within a time, by address, in bounded memory."""

from datetime import timedelta

import pytest

from plugin.address_limits import AddressLimit, source_of
from tests.support.fake_platform import FakeClock

MINUTE = timedelta(minutes=1)


def test_so_many_may_come_at_once_and_then_at_that_rate() -> None:
    clock, limit = FakeClock(), AddressLimit(most=6, within=MINUTE)

    for _ in range(6):
        assert limit.wait("a", clock()) is None
        limit.count("a", clock())

    assert limit.wait("a", clock()) == timedelta(seconds=10)
    assert limit.wait("b", clock()) is None
    assert limit.wait("a", clock.move(seconds=10)) is None


def test_nobody_waits_longer_than_the_whole_time() -> None:
    clock, limit = FakeClock(), AddressLimit(most=6, within=MINUTE)
    for _ in range(100):
        limit.count("a", clock())

    assert limit.wait("a", clock()) == timedelta(seconds=10)
    assert limit.wait("a", clock.move(hours=-5)) == timedelta(seconds=10)  # a clock that was set back


def test_strangers_cannot_fill_the_memory() -> None:
    clock, limit = FakeClock(), AddressLimit(most=1, within=MINUTE, remembered=10)

    for number in range(1000):
        limit.count(f"address {number}", clock())

    assert len(limit._free_at) == 10
    assert limit.wait("address 999", clock())


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, ""),
        ("unix:", ""),
    ],
)
def test_an_ipv6_subscriber_has_one_address(address: str | None, source: str) -> None:
    assert source_of(address) == source
