"""Where there is no room, whoever keeps us waiting makes way for who does not."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from plugin.door.budgets import STUCK_SECONDS, Budgets, Guest
from plugin.door.refusals import ADDRESS_BYTES, ADDRESS_CONNECTIONS, BYTES, CONNECTIONS, FILES, SLOW_READER, Refusal, Refused
from plugin.door.sizes import LARGEST_WEBHOOK, Limits
from tests.support.databases import settings_for

LIMITS = Limits(connections=6, address_connections=3, bytes=100, address_bytes=50, small_bytes=4)


@dataclass
class House:
    """Budgets, and who was turned out of them."""

    now: float = 0.0
    turned_out: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.budgets = Budgets(LIMITS, clock=lambda: self.now)

    def enter(self, name: str, address: str, *, holding: int = 0, has_share: bool = True) -> Guest:
        guest = self.budgets.enter(address, self._noting(name), has_share=has_share)
        self.budgets.hold(guest, holding)
        return guest

    def _noting(self, name: str) -> Callable[[Refusal], None]:
        return lambda refusal: self.turned_out.append((name, refusal.kind))


@pytest.fixture
def house() -> House:
    return House()


def test_an_address_past_its_share_loses_what_it_has_waited_with_longest(house: House) -> None:
    for name in ("first", "second", "third", "fourth"):
        house.enter(name, "a")

    assert house.turned_out == [("first", ADDRESS_CONNECTIONS.kind)]
    assert house.budgets.connections == 3


def test_an_address_whose_connections_are_all_served_gets_no_more(house: House) -> None:
    for name in ("first", "second", "third"):
        house.budgets.serve(house.enter(name, "a"))

    with pytest.raises(Refused) as refused:
        house.enter("fourth", "a")

    assert refused.value.refusal is ADDRESS_CONNECTIONS
    assert house.enter("other", "b").party.connections == 1
    assert house.turned_out == []


def test_when_all_room_is_taken_the_address_with_most_gives_some_back(house: House) -> None:
    for address in ("b", "a", "a", "a", "c", "d"):
        house.enter(f"of {address}", address)

    house.enter("newcomer", "e")

    assert house.turned_out == [("of a", CONNECTIONS.kind)]
    assert house.budgets.connections == 6


def test_when_everybody_is_served_a_newcomer_has_to_come_again(house: House) -> None:
    for address in "abcdef":
        house.budgets.serve(house.enter(address, address))

    with pytest.raises(Refused) as refused:
        house.enter("newcomer", "g")

    assert refused.value.refusal is CONNECTIONS


def test_a_reader_that_is_stuck_gives_up_its_place_before_one_that_reads(house: House) -> None:
    readers = [house.enter(name, "a") for name in ("stuck", "reads", "served")]
    for reader in readers:
        house.budgets.serve(reader)
    house.budgets.write(readers[0])
    house.now += STUCK_SECONDS + 1
    house.budgets.write(readers[1])

    house.enter("newcomer", "a")

    assert house.turned_out == [("stuck", SLOW_READER.kind)]


def test_a_reader_that_is_stuck_makes_way_from_whichever_address_it_is(house: House) -> None:
    guests = [house.enter(address, address) for address in ("a", "a", "b", "c", "d", "e")]
    for guest in guests:
        house.budgets.serve(guest)
    for reader in guests[3:1:-1]:
        house.budgets.write(reader)
        house.now += 1
    house.now += STUCK_SECONDS

    house.enter("newcomer", "f")

    assert house.turned_out == [("c", SLOW_READER.kind)]


def test_the_share_of_an_address_is_not_freed_by_others_that_are_stuck(house: House) -> None:
    for name in ("first", "second", "third"):
        house.budgets.serve(house.enter(name, "a"))
    house.budgets.write(house.enter("stuck", "b"))
    house.now += STUCK_SECONDS + 1

    with pytest.raises(Refused):
        house.enter("fourth", "a")


def test_an_address_past_its_share_of_bytes_loses_its_largest_unfinished_request(house: House) -> None:
    house.enter("small", "a", holding=5)
    house.enter("large", "a", holding=40)

    house.enter("next", "a", holding=20)

    assert house.turned_out == [("large", ADDRESS_BYTES.kind)]
    assert house.budgets.bytes == 25


def test_the_largest_request_of_all_has_to_go_itself(house: House) -> None:
    house.enter("small", "a", holding=5)

    with pytest.raises(Refused) as refused:
        house.enter("large", "a", holding=60)

    assert refused.value.refusal is ADDRESS_BYTES
    assert house.turned_out == []


def test_when_all_bytes_are_taken_the_address_that_holds_most_gives_some_back(house: House) -> None:
    for address, holding in (("a", 20), ("b", 45), ("c", 30)):
        house.enter(f"of {address}", address, holding=holding)

    house.enter("small", "d", holding=10)

    assert house.turned_out == [("of b", BYTES.kind)]


def test_bytes_count_until_the_answer(house: House) -> None:
    guest = house.enter("served", "a", holding=45)
    house.budgets.serve(guest)

    with pytest.raises(Refused):
        house.enter("other", "a", holding=10)

    assert house.budgets.wait(guest)
    assert house.budgets.bytes == 10


def test_a_small_request_is_served_whatever_others_hold(house: House) -> None:
    for address in "ab":
        house.budgets.serve(house.enter(f"of {address}", address, holding=50))

    house.enter("small", "a", holding=4)
    house.enter("small", "e", holding=4)
    with pytest.raises(Refused):
        house.enter("larger", "f", holding=5)

    assert house.turned_out == []


def test_whoever_was_turned_out_is_counted_out_once(house: House) -> None:
    first = house.enter("first", "a", holding=7)
    for name in ("second", "third", "fourth"):
        house.enter(name, "a")

    house.budgets.hold(first, 1000)
    house.budgets.move(first, "b")
    may_go_on = house.budgets.wait(first)
    house.budgets.leave(first)

    assert not may_go_on
    assert (house.budgets.connections, house.budgets.bytes) == (3, 0)


def test_a_trusted_proxy_has_no_share_but_those_it_speaks_for_have(house: House) -> None:
    through = [house.enter(f"{number}", "proxy", has_share=False) for number in range(5)]

    for guest in through[:4]:
        house.budgets.move(guest, "client")

    assert house.turned_out == [("0", ADDRESS_CONNECTIONS.kind)]
    assert [guest.party.address for guest in through[1:]] == ["client"] * 3 + ["proxy"]


def test_a_connection_of_a_proxy_is_the_proxys_own_again_after_the_answer(house: House) -> None:
    pooled = [house.enter(f"{number}", "proxy", has_share=False) for number in range(3)]
    for guest in pooled:
        house.budgets.move(guest, "client")
        house.budgets.serve(guest)

    for guest in pooled:
        assert house.budgets.wait(guest)

    house.enter("of the client itself", "client")
    assert house.turned_out == []
    assert {guest.party.key for guest in pooled} == {("proxy", False)}
    assert house.budgets.connections == 4


def test_a_client_in_the_network_of_its_proxy_has_a_share_of_its_own(house: House) -> None:
    through = [house.enter(f"{number}", "2001:db8::/64", has_share=False) for number in range(5)]

    for guest in through[:4]:
        house.budgets.move(guest, "2001:db8::/64")

    assert house.turned_out == [("0", ADDRESS_CONNECTIONS.kind)]


def test_what_a_proxied_request_brought_along_moves_with_it(house: House) -> None:
    guest = house.enter("through", "proxy", holding=60, has_share=False)

    with pytest.raises(Refused) as refused:
        house.budgets.move(guest, "client")

    assert refused.value.refusal is ADDRESS_BYTES
    house.budgets.leave(guest)
    assert (house.budgets.connections, house.budgets.bytes) == (0, 0)


def test_when_files_run_out_somebody_who_waits_gives_one_back(house: House) -> None:
    with pytest.raises(Refused):
        house.budgets.spare(FILES)
    house.enter("waits", "a")

    house.budgets.spare(FILES)

    assert house.turned_out == [("waits", FILES.kind)]


def test_those_who_ask_for_nothing_are_known(house: House) -> None:
    idle = house.enter("idle", "a")
    house.enter("half", "b", holding=3)
    house.budgets.serve(house.enter("served", "c"))

    assert house.budgets.idle() == [idle]


@pytest.mark.parametrize(("files", "connections"), [(65_536, 2048), (1024, 768), (100, 64)])
def test_there_is_room_for_what_the_machine_can_open(files: int, connections: int) -> None:
    limits = Limits.of(settings_for("sqlite:///x.db"), files=files)

    assert limits.connections == connections
    assert limits.address_connections == connections // 4


@pytest.mark.parametrize(("megabytes", "share"), [("64", 16), ("8", 5.0625)])
def test_the_largest_webhook_fits_into_a_share(megabytes: str, share: float) -> None:
    limits = Limits.of(settings_for("sqlite:///x.db", UNVERIFIED_MEGABYTES=megabytes), files=1024)

    assert limits.address_bytes == share * 2**20
    assert limits.address_bytes > LARGEST_WEBHOOK
