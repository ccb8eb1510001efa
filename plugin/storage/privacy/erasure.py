"""Finding one person's data by keyed hashes and numbers, and deleting all of it."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, false, or_, select, update

from plugin.domain.contact import tidy_contact
from plugin.domain.errors import Misconfigured
from plugin.domain.kinds import KINDS, Family
from plugin.domain.notice import PersonAsks, PersonToForget
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import WebhookState
from plugin.storage.db import cart_tables, hour_marks, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.queue.event_rows import person_hash
from plugin.storage.queue.inbox import FORGOTTEN
from plugin.storage.shops.consents import forget_consents

_events, _deliveries, _webhooks, _links = tables.events, tables.deliveries, tables.webhooks, tables.links

PERSONAL_LINKS = ("cart_link", "order_link")  #: keys of a body whose address belongs to its buyer alone
SHORTEST_NAME = 6  #: characters: a shorter number stands in other people's orders too
SEARCHED_AT_ONCE, CHANGED_AT_ONCE = 200, 500  #: webhooks
_SHORT_LINK = re.compile(r"/go/([\w-]{22,})")


class Erasure:
    """One shop's buyers. The caller holds the shop's row."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto

    def is_about(self, shop_id: int, person: PersonToForget | PersonAsks) -> ColumnElement[bool]:
        """Whether an event is about this person."""
        email, phone = self._hashes(shop_id, person)
        order_ids = person.order_ids if isinstance(person, PersonToForget) else ()
        customer_ids = (person.customer_id,) if person.customer_id else ()
        named = [
            _events.c.email_hash == email if email else false(),
            _events.c.phone_hash == phone if phone else false(),
            # Orders and customers are numbered apart: the same number may be another person's.
            and_(AnyOf(_events.c.object_id, "orders_to_forget", order_ids), _is_of(Family.ORDER)),
            and_(_events.c.object_id.in_(customer_ids), _is_of(Family.CUSTOMER)),
        ]
        return and_(_events.c.shop_id == shop_id, or_(*named))

    def forget(
        self, connection: Connection, shop_id: int, person: PersonToForget, *, unread: Collection[int], now: datetime
    ) -> int:
        """Delete the person's events with their deliveries, attempts, timers, purchases, consent, personal links, and
        the content of their webhooks; how many events that were. `unread` is what was found before.
        """
        _close_unread(connection, shop_id, unread)  # first: what is being translated just now has its events after this
        columns = (_events.c.id, _events.c.webhook_id, _events.c.body, _events.c.emptied_at)
        found = connection.execute(select(*columns).where(self.is_about(shop_id, person))).all()
        event_ids = [row.id for row in found]
        others = {name for row in found if not row.emptied_at for name in self._names_in(row.body)}
        self._forget_links(connection, shop_id, event_ids)
        hour_marks.mark_events(connection, shop_id, event_ids, now=now)
        self._forget_purchases(connection, shop_id, person, others)
        customer = self._crypto.hash_person(shop_id, f"customer:{person.customer_id}") if person.customer_id else ""
        forget_consents(connection, shop_id, (*self._hashes(shop_id, person), customer))
        webhook_ids = [row.webhook_id for row in found if row.webhook_id]
        # The row itself stays: without it the same delivery again would bring the person back.
        emptied = (_webhooks.c.shop_id == shop_id) & _webhooks.c.id.in_(webhook_ids)
        connection.execute(update(_webhooks).where(emptied).values(body=None))
        connection.execute(delete(_events).where(_events.c.shop_id == shop_id, _events.c.id.in_(event_ids)))
        return len(event_ids)

    def _hashes(self, shop_id: int, person: PersonToForget | PersonAsks) -> tuple[str, str]:
        contact = tidy_contact(emails=[person.email], phones=[person.phone])
        if contact is None:
            return "", ""
        return person_hash(self._crypto, shop_id, contact.email), person_hash(self._crypto, shop_id, contact.phone)

    def _names_in(self, body: bytes) -> tuple[str, ...]:
        """Every name an event gives its person; none when a version we do not know wrote it."""
        try:
            return self._crypto.open_event(body).person
        except Misconfigured:
            return ()

    def _forget_purchases(self, connection: Connection, shop_id: int, person: PersonToForget, others: Collection[str]) -> None:
        """Under every name of theirs: those the store gives now, and those its orders gave (`others`)."""
        numbers = [f"order:{order_id}" for order_id in person.order_ids]
        numbers += [f"customer:{person.customer_id}"] if person.customer_id else []
        hashes = [*self._hashes(shop_id, person), *(self._crypto.hash_person(shop_id, name) for name in (*numbers, *others))]
        for table in (tables.purchases, cart_tables.cart_marks):
            connection.execute(delete(table).where(table.c.shop_id == shop_id, AnyOf(table.c.hash, "hashes", hashes)))

    def _forget_links(self, connection: Connection, shop_id: int, event_ids: Sequence[int]) -> None:
        """Delete the short links to this person's carts and orders; a product's link belongs to everybody."""
        query = select(_deliveries.c.letter).where(_deliveries.c.shop_id == shop_id, _deliveries.c.event_id.in_(event_ids))
        letters = connection.execute(query.where(_deliveries.c.letter.is_not(None))).scalars()
        bodies = [json.loads(self._crypto.open_json(letter)["body"]) for letter in letters]
        tokens = [token for body in bodies for name in PERSONAL_LINKS for token in _SHORT_LINK.findall(str(body.get(name)))]
        connection.execute(delete(_links).where(_links.c.shop_id == shop_id, _links.c.token.in_(tokens)))

    def unread(self, shop_id: int, person: PersonToForget) -> Iterator[int]:
        """Webhooks that failed or still wait, so that no event tells whom they are about: their text is searched.

        One after another from a cursor, because an outage may have left a hundred thousand of them.
        """
        names = [name for name in (*self._addresses(person), person.customer_id, *person.order_ids) if name]
        # A failed one only loses its body by a mistake, but one that waits its events: there a short number is no name.
        patterns = {
            WebhookState.FAILED.value: _pattern(names),
            WebhookState.WAITING.value: _pattern(name for name in names if len(name) >= SHORTEST_NAME),
        }
        columns = _webhooks.c
        query = select(columns.id, columns.state, columns.body).where(columns.shop_id == shop_id, columns.body.is_not(None))
        query = query.where(columns.state.in_([state for state, pattern in patterns.items() if pattern]))
        with self._database.read() as connection:
            for webhook_id, state, body in connection.execution_options(yield_per=SEARCHED_AT_ONCE).execute(query):
                pattern = patterns[state]
                if pattern and pattern.search(self._crypto.open(body)):
                    yield webhook_id

    def _addresses(self, person: PersonToForget) -> tuple[str | None, ...]:
        """The person's addresses as the store wrote them, and as we would."""
        contact = tidy_contact(emails=[person.email], phones=[person.phone])
        return (person.email.strip(), person.phone, *((contact.email, contact.phone) if contact else ()))


def _is_of(family: Family) -> ColumnElement[bool]:
    return _events.c.kind.in_([kind.value for kind, traits in KINDS.items() if traits.family is family])


def _pattern(names: Iterable[str]) -> "re.Pattern[bytes] | None":
    words = "|".join(map(re.escape, dict.fromkeys(names)))
    return re.compile(rf"(?<!\w)({words})(?!\w)".encode(), re.IGNORECASE) if words else None


def _close_unread(connection: Connection, shop_id: int, unread: Collection[int]) -> None:
    """Webhooks that wait are still read, for they may say more than who bought what, but no event comes of them."""
    ids = sorted(unread)
    for start in range(0, len(ids), CHANGED_AT_ONCE):
        found = (_webhooks.c.shop_id == shop_id) & _webhooks.c.id.in_(ids[start : start + CHANGED_AT_ONCE])
        waiting = found & (_webhooks.c.state == WebhookState.WAITING.value)
        failed = found & (_webhooks.c.state == WebhookState.FAILED.value)
        connection.execute(update(_webhooks).where(waiting).values(reason_code=ReasonCode.FORGOTTEN.value, reason=FORGOTTEN))
        connection.execute(update(_webhooks).where(failed).values(body=None))
