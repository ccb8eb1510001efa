"""Public addresses of samples: nothing is stored, the token says whose it is and is signed."""

import hmac
import re
from typing import Final

from sqlalchemy import select

from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.shops.shops import shop_of

_TOKEN: Final = re.compile(rf"({'|'.join(EventKind)})-([0-9]{{1,18}})-([0-9a-f]{{64}})", re.ASCII)

_shops = tables.shops


class SqlSamples:
    """`ports.Samples` on our tables. A shop that is forgotten takes its number with it, so its addresses end for ever."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto

    def token(self, shop_id: int, kind: EventKind) -> str:
        return f"{kind}-{shop_id}-{self._crypto.sign_sample(shop_id, kind)}"

    def read(self, token: str) -> tuple[Shop, EventKind] | None:
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        kind, shop_id, signature = EventKind(match[1]), int(match[2]), match[3]
        if not hmac.compare_digest(self._crypto.sign_sample(shop_id, kind), signature):
            return None
        is_served = (_shops.c.left_at.is_(None), _shops.c.suspended_at.is_(None))
        found = self._database.read_once(select(_shops).where(_shops.c.id == shop_id, *is_served))
        return next(((shop_of(row._mapping), kind) for row in found), None)
