"""Short links of ours: a token nobody can guess for an address too long for SendPulse."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from plugin import clock
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.shops.link_people import person_of, with_person, written_in

TOKEN_BYTES = 16  #: 22 characters; as many as a random UUID has
USE_NOTED_EVERY = timedelta(days=1)  #: so that using a link writes once a day

_links = tables.links


class SqlLinks:
    """`ports.Links` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, now: Callable[[], datetime] = clock.now) -> None:
        self._database, self._crypto, self._now = database, crypto, now

    def shorten(self, shop_id: int, address: str, names: Sequence[str] = ()) -> str:
        now, hash = self._now(), self._crypto.hash_address(shop_id, address)
        person = person_of(self._crypto, shop_id, (*names, *written_in(address)))
        query = select(_links.c.token, _links.c.used_at, _links.c.people)
        query = query.where(_links.c.shop_id == shop_id, _links.c.address_hash == hash)
        known = next(iter(self._database.read_once(query)), None)
        is_fresh = known and known.used_at and known.used_at > now - USE_NOTED_EVERY
        if known and is_fresh and with_person(known.people, person) == known.people:
            return str(known.token)
        row = {
            "token": secrets.token_urlsafe(TOKEN_BYTES), "shop_id": shop_id, "address_hash": hash,
            "address": self._crypto.seal(address.encode()), "used_at": now, "people": person,
        }  # fmt: skip
        statement = self._database.insert(_links).values(row)
        used = statement.on_conflict_do_update(index_elements=["shop_id", "address_hash"], set_={"used_at": now})
        with self._database.write() as connection:  # the token of whoever was first, whose row is locked from here on
            token, people = connection.execute(used.returning(_links.c.token, _links.c.people)).one()
            if (more := with_person(people, person)) != people:
                connection.execute(update(_links).where(_links.c.token == token).values(people=more))
            return str(token)

    def resolve(self, token: str) -> str | None:
        found = self._database.read_once(select(_links.c.address).where(_links.c.token == token))
        return next((self._crypto.open(row.address).decode() for row in found), None)
