"""Short links of ours: a token nobody can guess for an address too long for SendPulse."""

import secrets

from sqlalchemy import select

from plugin.storage import tables
from plugin.storage.crypto import Crypto
from plugin.storage.engine import Database

TOKEN_BYTES = 16  #: 22 characters; as many as a random UUID has

_links = tables.links


class SqlLinks:
    """`ports.Links` on our tables."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto

    def shorten(self, shop_id: int, address: str) -> str:
        hash = self._crypto.hash_address(shop_id, address)
        query = select(_links.c.token).where(_links.c.shop_id == shop_id, _links.c.address_hash == hash)
        with self._database.read() as connection:
            known = connection.execute(query).scalar()
        if known:
            return str(known)
        row = {
            "token": secrets.token_urlsafe(TOKEN_BYTES), "shop_id": shop_id, "address_hash": hash,
            "address": self._crypto.seal(address.encode()),
        }  # fmt: skip
        with self._database.write() as connection:
            self._database.insert_new(connection, _links, [row])
            return str(connection.execute(query).scalar_one())  # another worker's, when it was first

    def resolve(self, token: str) -> str | None:
        with self._database.read() as connection:
            sealed = connection.execute(select(_links.c.address).where(_links.c.token == token)).scalar()
        return self._crypto.open(sealed).decode() if sealed else None
