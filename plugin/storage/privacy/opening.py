"""Reading what is sealed, passing over what no key of ours opens: nobody can say whose that is, and it must stop nobody."""

from collections import Counter

import structlog

from plugin.domain.errors import Misconfigured
from plugin.domain.person import Holding
from plugin.storage.db.crypto import Crypto

log = structlog.get_logger()


class Opening:
    """Opens one shop's things, and counts what it passes over."""

    def __init__(self, crypto: Crypto) -> None:
        self.crypto = crypto
        self.unreadable = Counter[Holding]()  #: how many things of each kind were passed over

    def open(self, sealed: bytes, holding: Holding) -> bytes | None:
        """What was sealed; None, counted, where no key fits."""
        try:
            return self.crypto.open(sealed)
        except Misconfigured:
            self.unreadable[holding] += 1
            return None

    def log(self, shop_id: int) -> None:
        """Have the operator know, who may still have the key."""
        for holding, rows in self.unreadable.items():
            log.warning("passed over what no key opens", shop=shop_id, what=holding.value, rows=rows)
