"""Short links that lead to one person's carts and orders; a product's link belongs to everybody."""

import json
import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from plugin.domain.person import Holding
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.privacy.identity import Identity
from plugin.storage.privacy.opening import Opening

PERSONAL_LINKS: Final = ("cart_link", "order_link")  #: keys of a body whose address belongs to its buyer alone
READ_AT_ONCE: Final = 200
_SHORT_LINK = re.compile(r"/go/([\w-]{22,64})")

_deliveries, _links = tables.deliveries, tables.links


def personal_links(connection: Connection, opening: Opening, shop_id: int, identity: Identity) -> list[tuple[str, str]]:
    """Token and address of the links in what was sent to this person, and of those that spell an address of theirs."""
    tokens = _sent_to(connection, opening, shop_id, identity.event_ids)
    emails = [name.partition(":")[2] for name in identity.names if "@" in name]
    query = select(_links.c.token, _links.c.address).where(_links.c.shop_id == shop_id)
    query = query if emails else query.where(AnyOf(_links.c.token, "tokens", sorted(tokens)))
    found = []
    for token, sealed in connection.execute(query.execution_options(yield_per=READ_AT_ONCE)):
        address = (opening.open(sealed, Holding.LINKS) or b"").decode()
        if token in tokens or any(email in address.lower() for email in emails):
            found.append((token, address))
    return found


def _sent_to(connection: Connection, opening: Opening, shop_id: int, event_ids: Sequence[int]) -> set[str]:
    query = select(_deliveries.c.letter).where(_deliveries.c.shop_id == shop_id, _deliveries.c.letter.is_not(None))
    letters = connection.execute(query.where(AnyOf(_deliveries.c.event_id, "events", event_ids))).scalars()
    opened = [opening.open(letter, Holding.DELIVERIES) for letter in letters]
    bodies = [json.loads(json.loads(letter)["body"]) for letter in opened if letter is not None]
    return {token for body in bodies for name in PERSONAL_LINKS for token in _SHORT_LINK.findall(str(body.get(name)))}
