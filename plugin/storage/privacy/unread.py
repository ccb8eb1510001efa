"""Webhooks no event was made of: whom they are about is told by their text alone."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

import phonenumbers
from sqlalchemy import Connection, select, update

from plugin.domain.contact import tidy_contact
from plugin.domain.errors import Misconfigured
from plugin.domain.person import Person
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import WebhookState
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.queue.webhook_endings import FORGOTTEN
from plugin.turns import giving_way

SHORTEST_NUMBER: Final = 6  #: characters: a shorter number stands in other people's orders too
SHORTEST_AT_HOME: Final = 8  #: digits of a phone number without its country that are looked for
_GAP: Final = r"[ ().\-/]{0,3}"
SEARCHED_AT_ONCE, CHANGED_AT_ONCE = 200, 500  #: webhooks

_webhooks = tables.webhooks


def unread_about(
    connection: Connection, crypto: Crypto, shop_id: int, person: Person, *, is_handed_out: bool = False
) -> Iterator[int]:
    """Webhooks of this shop that failed or still wait and name this person.

    A short number is no name, for 7 may be a quantity in somebody else's order: one that waits would lose its events by it,
    and what is handed out would be another's. A failed one that is erased only loses its body.

    One after another from a cursor, because an outage may have left a hundred thousand of them.
    """
    marks = [*_addresses(person), *(mark for mark in person.marks if mark)]
    numbers = [number for number in (*person.customer_ids, *person.order_ids) if number]
    surely = _pattern([*marks, *(number for number in numbers if len(number) >= SHORTEST_NUMBER)])
    patterns = {
        WebhookState.FAILED.value: surely if is_handed_out else _pattern([*marks, *numbers]),
        WebhookState.WAITING.value: surely,
    }
    columns = _webhooks.c
    query = select(columns.id, columns.state, columns.body).where(columns.shop_id == shop_id, columns.body.is_not(None))
    query = query.where(columns.reason_code != ReasonCode.FORGOTTEN.value)  # no event comes of those any more
    query = query.where(columns.state.in_([state for state, pattern in patterns.items() if pattern]))
    for webhook_id, state, sealed in giving_way(connection.execute(query.execution_options(yield_per=SEARCHED_AT_ONCE))):
        body, pattern = _opened(crypto, sealed), patterns[state]
        if body is not None and pattern and pattern.search(_plain(body)):
            yield webhook_id


def _opened(crypto: Crypto, sealed: bytes) -> bytes | None:
    """None of what no key of ours opens any more: nobody can read it, and it must not keep the rest from being erased."""
    try:
        return crypto.open(sealed)
    except Misconfigured:
        return None


def close_unread(connection: Connection, shop_id: int, unread: Collection[int]) -> None:
    """Webhooks that wait are still read, for they may say more than who bought what, but no event comes of them."""
    ids = sorted(unread)
    for start in range(0, len(ids), CHANGED_AT_ONCE):
        found = (_webhooks.c.shop_id == shop_id) & _webhooks.c.id.in_(ids[start : start + CHANGED_AT_ONCE])
        waiting = found & (_webhooks.c.state == WebhookState.WAITING.value)
        failed = found & (_webhooks.c.state == WebhookState.FAILED.value)
        connection.execute(update(_webhooks).where(waiting).values(reason_code=ReasonCode.FORGOTTEN.value, reason=FORGOTTEN))
        connection.execute(update(_webhooks).where(failed).values(body=None))


def _addresses(person: Person) -> tuple[str, ...]:
    """The person's addresses as they were written, and as we would."""
    contact = tidy_contact(emails=[person.email], phones=[person.phone])
    tidied = (contact.email, contact.phone) if contact else ()
    written = (person.email.strip(), person.phone.strip(), *tidied, *person.addresses)
    return tuple(address for address in written if address)


def _pattern(names: Iterable[str]) -> "re.Pattern[str] | None":
    """Any of these as a whole word; a phone number also as people write it, with blanks and without its country."""
    words = "|".join(map(_spelt, dict.fromkeys(names)))
    return re.compile(rf"(?<!\w)({words})(?!\w)", re.IGNORECASE) if words else None


def _spelt(name: str) -> str:
    if not name.startswith("+") or not (digits := re.sub(r"\D", "", name)):
        return re.escape(name)
    contact = tidy_contact(emails=[], phones=[name])
    abroad = _GAP.join(digits)
    if contact is None or not contact.phone:
        return rf"\+?{abroad}"
    at_home = str(phonenumbers.parse(contact.phone).national_number)
    return rf"(?:\+|00)?{abroad}" + (rf"|0?{_GAP.join(at_home)}" if len(at_home) >= SHORTEST_AT_HOME else "")


def _plain(body: bytes) -> str:
    """A body's text without the escapes JSON allows for letters."""
    if b"\\u" in body:
        try:
            return json.dumps(json.loads(body), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return body.decode(errors="replace")
