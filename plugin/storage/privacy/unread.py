"""Webhooks no event was made of: whom they are about is told by their text alone."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, select, update

from plugin.domain.contact import tidy_contact
from plugin.domain.errors import Misconfigured
from plugin.domain.person import Person
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import WebhookState
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.privacy.mentions import Names, arranged
from plugin.storage.queue.webhook_endings import FORGOTTEN
from plugin.turns import in_turns

SHORTEST_NUMBER: Final = 6  #: characters: a shorter number stands in other people's orders too
SEARCHED_AT_ONCE: Final = 200  #: webhooks
WAITED_AT_ONCE_SECONDS: Final = 1.0  #: for another search of the shop
MOST_BYTES: Final = 4_000_000  #: of sealed bodies held in memory, unless one alone is larger

Wanted = Mapping[WebhookState, Names | None]
"""What is searched for in webhooks of each state, in this order."""

_webhooks = tables.webhooks


def nothing() -> None:
    """Between two looks of a search that has nothing else to do."""


class Unread:
    """Searches a shop's webhooks that failed or still wait, some at a time: an outage may have left a hundred thousand.

    Between two looks no connection is held and everybody else takes their turn. What arrives after a search began is not
    searched. A shop has one search at a time, so that hundreds of its own keep no other shop's waiting.
    """

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._turns = defaultdict[int, Lock](Lock)  #: by shop

    def about(self, shop_id: int, person: Person) -> Sequence[int]:
        """Those that name this person surely enough to be handed out."""
        names = _names(person, shortest=SHORTEST_NUMBER)
        wanted: Wanted = {WebhookState.WAITING: names, WebhookState.FAILED: names}
        return sorted({webhook_id for ids in self._search(shop_id, wanted, nothing) for webhook_id in ids})

    def close(self, shop_id: int, person: Person, *, meanwhile: Callable[[], None] = nothing) -> int:
        """Let no event come of those that name this person; how many. `meanwhile` is called between two looks.

        Those that wait are still read, for they may say more than who bought what. A short number is no name in them, for 7
        may be a quantity in somebody else's order, which would lose its events; a failed one only loses its body.
        """
        wanted: Wanted = {
            WebhookState.WAITING: _names(person, shortest=SHORTEST_NUMBER),  # first: one that fails meanwhile is found again
            WebhookState.FAILED: _names(person, shortest=1),
        }
        number = 0
        for ids in self._search(shop_id, wanted, meanwhile):
            with self._database.write() as connection:
                _close(connection, shop_id, ids)
            number += len(ids)
        return number

    def _search(self, shop_id: int, wanted: Wanted, meanwhile: Callable[[], None]) -> Iterator[Sequence[int]]:
        """Those of the shop that name somebody, some at a time; `meanwhile` is called while others of the shop are searched
        for, too."""
        with self.turn(shop_id, meanwhile):
            yield from self._search_now(shop_id, wanted, meanwhile)

    @contextmanager
    def turn(self, shop_id: int, meanwhile: Callable[[], None]) -> Iterator[None]:
        """Be the only one of this process who searches this shop; `meanwhile` is called while others do."""
        while not self._turns[shop_id].acquire(timeout=WAITED_AT_ONCE_SECONDS):
            meanwhile()
        try:
            yield
        finally:
            self._turns[shop_id].release()

    def _search_now(self, shop_id: int, wanted: Wanted, meanwhile: Callable[[], None]) -> Iterator[Sequence[int]]:
        [newest] = self._database.read_once(_SELECT_NEWEST)
        its = {"its_shop": shop_id, "newest": newest.id or 0}
        for state, names in wanted.items():
            if names is None:
                continue
            for ids in self._some(its | {"its_state": state.value}):
                rows = self._database.read_once(_SELECT_BODIES, {"shop_ids": [shop_id], "ids": ids})
                found = [one for made in in_turns(self._naming(rows, names)) for one in made if one]
                if found:
                    yield found
                meanwhile()

    def _some(self, its: dict[str, Any]) -> Iterator[Sequence[int]]:
        """As many of a state at a time as may be held in memory."""
        rows = self._database.read_once(_SELECT_SIZES, its | {"after": 0})
        while rows:
            ids, size = list[int](), 0
            for row in rows:
                size += row.size
                if ids and size > MOST_BYTES:
                    break
                ids.append(row.id)
            yield ids
            rows = self._database.read_once(_SELECT_SIZES, its | {"after": ids[-1]})

    def _naming(self, rows: Sequence[Row[Any]], names: Names) -> Iterator[int | None]:
        """The ids of those that name somebody; None now and then while it looks."""
        for row in rows:
            for is_found in names.found_in(self._opened(row.body)):
                yield row.id if is_found else None
            yield None

    def _opened(self, sealed: bytes) -> bytes:
        """Nothing of what no key of ours opens any more: nobody can read it, and it must keep nobody from being erased."""
        try:
            return self._crypto.open(sealed)
        except Misconfigured:
            return b""


def _names(person: Person, *, shortest: int) -> Names | None:
    """All of the person's names, their addresses as they were written and as we would; numbers that are not too short."""
    contact = tidy_contact(emails=[person.email], phones=[person.phone])
    tidied = (contact.email, contact.phone) if contact else ()
    written = (person.email.strip(), person.phone.strip(), *tidied, *person.addresses, *person.marks)
    numbers = (number for number in (*person.customer_ids, *person.order_ids) if len(number) >= shortest)
    return arranged(name for name in (*written, *numbers) if name)


def _close(connection: Connection, shop_id: int, ids: Sequence[int]) -> None:
    its = {"shop_ids": [shop_id], "ids": ids}
    connection.execute(_LOCK, its)
    connection.execute(_FORGET_WAITING, its)
    connection.execute(_EMPTY_FAILED, its)


# With the shop itself in place of a list of one, SQLite walks along all of its bodies instead of looking up these.
_ITS = (AnyOf(_webhooks.c.shop_id, "shop_ids"), AnyOf(_webhooks.c.id, "ids"))
_LOCK = select(_webhooks.c.id).where(*_ITS).order_by(_webhooks.c.id).with_for_update()
_FORGET_WAITING = (
    update(_webhooks)
    .where(*_ITS, _webhooks.c.state == WebhookState.WAITING.value)
    .values(reason_code=ReasonCode.FORGOTTEN.value, reason=FORGOTTEN)
)
_EMPTY_FAILED = update(_webhooks).where(*_ITS, _webhooks.c.state == WebhookState.FAILED.value).values(body=None)

_SELECT_NEWEST = select(func.max(_webhooks.c.id).label("id"))
_SELECT_SIZES = (
    select(_webhooks.c.id, func.length(_webhooks.c.body).label("size"))
    .where(
        _webhooks.c.shop_id == bindparam("its_shop"),
        _webhooks.c.state == bindparam("its_state"),
        _webhooks.c.body.is_not(None),
        _webhooks.c.reason_code != ReasonCode.FORGOTTEN.value,  # no event comes of those any more
        _webhooks.c.id > bindparam("after", type_=Id),
        _webhooks.c.id <= bindparam("newest", type_=Id),
    )
    .order_by(_webhooks.c.id)
    .limit(SEARCHED_AT_ONCE)
)
_SELECT_BODIES = select(_webhooks.c.id, _webhooks.c.body).where(*_ITS, _webhooks.c.body.is_not(None)).order_by(_webhooks.c.id)
