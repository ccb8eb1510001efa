"""How many connections may be open and how many bytes may be held, for the process and for each address.

Where there is no room, whoever has kept us waiting longest makes way for the newcomer: a request that arrives at once is
served although thousands of others never arrive whole, from the same address or from everywhere.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Final

from plugin.door.refusals import ADDRESS_BYTES, ADDRESS_CONNECTIONS, BYTES, CONNECTIONS, SLOW_READER, Refusal, Refused
from plugin.door.sizes import Limits

STUCK_SECONDS: Final = 5.0  #: a reader that has taken nothing for so long makes way


Key = tuple[str, bool]  #: an address, and whether it has a share: clients may have the same network as their proxy


@dataclass(eq=False, slots=True)
class Guest:
    """One open connection."""

    turn_out: Callable[[Refusal], None]  #: asks it to leave; it does so soon, not at once
    home: "Key"  #: the party of its peer; while a trusted proxy asks for somebody, it counts as theirs
    party: "Party"
    bytes: int = 0  #: of a request that is not answered yet


@dataclass(eq=False, slots=True)
class Party:
    """All connections of one address."""

    address: str
    has_share: bool  #: False for a trusted proxy, which speaks for many; those it speaks for have one each
    connections: int = 0
    bytes: int = 0
    waiting: dict[Guest, None] = field(default_factory=dict)  #: for a whole request, those that have waited longest first
    writing: dict[Guest, float] = field(default_factory=dict)  #: being written to, and since when, the longest first

    @property
    def key(self) -> Key:
        return self.address, self.has_share


class Budgets:
    """Who is inside, and what they hold."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._parties: dict[Key, Party] = {}
        self.connections = 0
        self.bytes = 0

    def enter(self, address: str, turn_out: Callable[[Refusal], None], *, has_share: bool = True) -> Guest:
        """Room for one more connection; raises `Refused` when everybody inside is being served."""
        home = (address, has_share)
        self._make_room_in_share(self._party(home))
        if self.connections >= self._limits.connections:
            self._make_room(self._parties.values(), CONNECTIONS)
        guest = Guest(turn_out, home, self._party(home))
        self._count(guest, 1)
        guest.party.waiting[guest] = None
        return guest

    def move(self, guest: Guest, address: str) -> None:
        """A trusted proxy said for whom it asks: the request counts as that address's; raises `Refused`."""
        theirs = (address, True)
        if guest.party.key == theirs or not self._is_inside(guest):
            return
        self._make_room_in_share(self._party(theirs))
        self._move(guest, theirs)
        self.hold(guest, 0)

    def hold(self, guest: Guest, count: int) -> None:
        """So many more bytes of a request have come; raises `Refused` when it is this one that has to go."""
        if not self._is_inside(guest):
            return
        self._hold(guest, count)
        party = guest.party
        while party.has_share and party.bytes > self._limits.address_bytes and self._make_place(party, guest, ADDRESS_BYTES):
            pass
        while self.bytes > self._limits.bytes and self._make_place(self._with_most_bytes(), guest, BYTES):
            pass

    def serve(self, guest: Guest) -> None:
        """Its request is whole: from now on it is we who keep it waiting."""
        guest.party.waiting.pop(guest, None)

    def wait(self, guest: Guest) -> bool:
        """Nothing of its last request is held any more; whether it may send another."""
        if not self._is_inside(guest):
            return False
        self._hold(guest, -guest.bytes)
        self._move(guest, guest.home)
        return True

    def write(self, guest: Guest) -> None:
        """It is being written to."""
        guest.party.writing[guest] = self._clock()

    def has_read(self, guest: Guest) -> None:
        """It has taken what was written."""
        guest.party.writing.pop(guest, None)

    def leave(self, guest: Guest) -> None:
        """Its connection is closed, or about to be; nothing happens the second time."""
        guest.party.waiting.pop(guest, None)
        guest.party.writing.pop(guest, None)
        if self._is_inside(guest):
            self._count(guest, -1)
            guest.party = _OUTSIDE

    def spare(self, refusal: Refusal) -> None:
        """Turn somebody out although there is room by our count; raises `Refused` when nobody keeps us waiting."""
        self._make_room(self._parties.values(), refusal)

    def idle(self) -> Iterable[Guest]:
        """Those that have sent nothing yet of a request."""
        return [guest for party in self._parties.values() for guest in party.waiting if not guest.bytes]

    def _party(self, key: Key) -> Party:
        """All of this address; nobody's is kept once the last connection is counted out."""
        return self._parties.get(key) or Party(*key)

    def _move(self, guest: Guest, key: Key) -> None:
        """It waits in this party now, the last of them."""
        guest.party.waiting.pop(guest, None)
        self._count(guest, -1)
        guest.party = self._party(key)
        self._count(guest, 1)
        guest.party.waiting[guest] = None

    def _is_inside(self, guest: Guest) -> bool:
        return guest.party is not _OUTSIDE

    def _count(self, guest: Guest, sign: int) -> None:
        """Count it and what it holds in (1) or out (-1)."""
        party = guest.party
        party.connections += sign
        party.bytes += sign * guest.bytes
        self.connections += sign
        self.bytes += sign * guest.bytes
        if party.connections:
            self._parties[party.key] = party
        else:
            del self._parties[party.key]

    def _hold(self, guest: Guest, count: int) -> None:
        guest.bytes += count
        guest.party.bytes += count
        self.bytes += count

    def _with_most_bytes(self) -> Party:
        """The address that holds most, of those in which somebody can make way."""
        return max(self._parties.values(), key=lambda party: (any(self._large(party)), party.bytes))

    def _large(self, party: Party) -> Iterator[Guest]:
        """Those whose unfinished requests hold much."""
        return (guest for guest in party.waiting if guest.bytes > self._limits.small_bytes)

    def _make_room_in_share(self, party: Party) -> None:
        if party.has_share and party.connections >= self._limits.address_connections:
            self._make_room((party,), ADDRESS_CONNECTIONS)

    def _make_room(self, parties: Collection[Party], refusal: Refusal) -> None:
        """Turn out who has kept us waiting longest, of the address with most connections; else who is stuck longest."""
        waiting = [party for party in parties if party.waiting]
        if waiting:
            most = max(waiting, key=lambda party: party.connections)
            self._turn_out(next(iter(most.waiting)), refusal)
        elif stuck := self._stuck(parties):
            self._turn_out(stuck, SLOW_READER)
        else:
            raise Refused(refusal)

    def _stuck(self, parties: Collection[Party]) -> Guest | None:
        """Whoever of them all has read nothing for longest, if that is long."""
        longest = [next(iter(party.writing.items())) for party in parties if party.writing]
        reader, since = min(longest, key=lambda found: found[1], default=(None, inf))
        return reader if self._clock() - since > STUCK_SECONDS else None

    def _make_place(self, party: Party, newcomer: Guest, refusal: Refusal) -> bool:
        """Turn out the unfinished request of this address that holds most; False when a small newcomer need not wait for it."""
        largest = max(self._large(party), key=lambda guest: guest.bytes, default=newcomer)
        if largest is newcomer:
            if newcomer.bytes <= self._limits.small_bytes:
                return False
            raise Refused(refusal)
        self._turn_out(largest, refusal)
        return True

    def _turn_out(self, guest: Guest, refusal: Refusal) -> None:
        self.leave(guest)
        guest.turn_out(refusal)


_OUTSIDE: Final = Party("", has_share=False)
