"""Short links that lead to one person's carts and orders; a product's link belongs to everybody."""

import json
import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from plugin.domain.person import Holding
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import besides
from plugin.storage.privacy.identity import Identity, holding_any, in_parts, owns
from plugin.storage.privacy.opening import Opening
from plugin.storage.privacy.unread import nothing
from plugin.storage.shops.link_people import hashed, people_in, written_in
from plugin.turns import giving_way

PERSONAL_LINKS: Final = ("cart_link", "order_link")  #: keys of a body whose address belongs to its buyer alone
READ_AT_ONCE: Final = 200
_SHORT_LINK = re.compile(r"/go/([\w-]{22,64})")

_deliveries, _links = tables.deliveries, tables.links


def personal_links(
    connection: Connection, opening: Opening, shop_id: int, identity: Identity, *, but: Collection[int] = (),
    since: datetime | None = None, meanwhile: Callable[[], None] = nothing,
) -> set[str]:  # fmt: skip
    """The tokens of the links in what was sent to this person, of those noted as theirs, and, where it was not noted whose a
    link is, of those that spell an address of theirs.

    It takes long, but not with `but`, events whose letters were read, and `since`, when the others were looked at; `meanwhile`
    is called between two reads.
    """
    columns = _links.c
    its = columns.shop_id == shop_id
    # Without `since` SQLite is to go by the index that has the people, and look at no row of somebody else.
    its, noted = (its, its & (columns.people > "")) if since is None else (its & (columns.used_at >= since),) * 2
    found = _sent_to(connection, opening, shop_id, sorted(set(identity.event_ids).difference(but)), meanwhile)
    known = {name: hashed(opening.crypto, shop_id, name) for name in identity.names}
    lone, hashes = known[identity.lone] if identity.lone else "", frozenset(known.values())
    for named in holding_any(columns.people, sorted(hashes)):
        rows = connection.execute(select(columns.token, columns.people).where(noted, named)).all()
        found |= {token for token, people in rows if any(owns(names, hashes, lone) for names in people_in(people))}
    emails = {name for name in identity.names if "@" in name}
    if emails:
        tokens = connection.execute(select(columns.token).where(its & columns.people.is_(None))).scalars().all()
        for some in in_parts(tokens, READ_AT_ONCE):
            addresses = giving_way(addresses_of(connection, opening, shop_id, some))
            found |= {token for token, address in addresses if any(name in emails for name in written_in(address))}
            meanwhile()
    return found


def addresses_of(connection: Connection, opening: Opening, shop_id: int, tokens: Collection[str]) -> list[tuple[str, str]]:
    """Each of these tokens with the address it leads to, where a key opens it."""
    query = select(_links.c.token, _links.c.address).where(besides(_links.c.shop_id, shop_id))
    rows = connection.execute(query.where(AnyOf(_links.c.token, "tokens", sorted(tokens)))).all()
    opened = [(token, opening.open(sealed, Holding.LINKS)) for token, sealed in giving_way(rows)]
    return [(token, address.decode()) for token, address in opened if address is not None]


def _sent_to(
    connection: Connection, opening: Opening, shop_id: int, event_ids: Sequence[int], meanwhile: Callable[[], None]
) -> set[str]:
    query = select(_deliveries.c.letter).where(besides(_deliveries.c.shop_id, shop_id), _deliveries.c.letter.is_not(None))
    found = set[str]()
    for some in in_parts(event_ids, READ_AT_ONCE):
        for (sealed,) in giving_way(connection.execute(query.where(AnyOf(_deliveries.c.event_id, "events", some))).all()):
            letter = opening.open(sealed, Holding.DELIVERIES)
            body = {} if letter is None else json.loads(json.loads(letter)["body"])
            found |= {token for name in PERSONAL_LINKS for token in _SHORT_LINK.findall(str(body.get(name)))}
        meanwhile()
    return found
