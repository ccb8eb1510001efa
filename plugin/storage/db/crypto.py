"""What keeps stored things unreadable without the operator's keys."""

import hashlib
import hmac
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent

BIG_BYTES = 65_536  #: from here on zlib's usual window is worth its price
SMALL_WINDOW, SMALL_MEMORY = 13, 6  #: 8 kB and half the tables: https://zlib.net/manual.html#Advanced (deflateInit2)


class Crypto:
    """Seals with the first key, opens with any; hashes names with a key of their own."""

    def __init__(self, *, encryption_keys: tuple[str, ...], secret_key: str) -> None:
        fernets = [Fernet(key) for key in encryption_keys]
        self._first, self._all = fernets[0], MultiFernet(fernets)
        self._secret = secret_key.encode()

    def seal(self, content: bytes) -> bytes:
        """Compressed and encrypted."""
        return self._first.encrypt(_compressed(content))

    def open(self, sealed: bytes) -> bytes:
        """What was sealed; raises `Misconfigured` when none of the keys fits."""
        try:
            return zlib.decompress(self._all.decrypt(sealed))
        except InvalidToken as error:
            raise Misconfigured(
                "Something stored cannot be opened with ENCRYPTION_KEYS: add the key it was sealed with to their end."
            ) from error

    def rotate(self, sealed: bytes) -> bytes | None:
        """The same content sealed with the first key; None when it already is."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return self.seal(self.open(sealed))
        return None

    def seal_json(self, value: Mapping[str, Any]) -> bytes:
        return self.seal(msgspec.json.encode(value))

    def open_json(self, sealed: bytes) -> dict[str, Any]:
        return msgspec.json.decode(self.open(sealed), type=dict[str, Any])

    def seal_event(self, event: StoreEvent) -> bytes:
        return self.seal(msgspec.json.encode(event))

    def open_event(self, sealed: bytes) -> StoreEvent:
        """The stored event; raises `Misconfigured` when another version wrote what this one cannot read."""
        try:
            return msgspec.json.decode(self.open(sealed), type=StoreEvent)
        except msgspec.MsgspecError as error:
            raise Misconfigured("A stored event was written by a version of this app that is too new or too old.") from error

    def hash_person(self, shop_id: int, text: str) -> str:
        """A name a person or a basket goes by, as it is stored: the same in one shop, another in the next."""
        return self._digest("person", str(shop_id), text)

    def hash_account(self, text: str) -> str:
        """A SendPulse account by its credentials: the same in every shop that uses it."""
        return self._digest("account", text)

    def hash_shop(self, platform: str, address: str) -> str:
        """A shop by its address: the same after everything else of it was deleted."""
        return self._digest("shop", platform, address)

    def hash_address(self, shop_id: int, text: str) -> str:
        """A link's long address."""
        return self._digest("address", str(shop_id), text)

    def hash_word(self, shop_id: int, text: str) -> int:
        """A word the log is searched for: a number of 63 bits, because there are several for each delivery."""
        return int(self._digest("word", str(shop_id), text)[:16], 16) >> 1

    def sign_audit(self, parts: Sequence[str | int]) -> str:
        """What only this key can say of these parts: nobody with the database alone writes or changes a line of an audit."""
        return self._digest("audit", msgspec.json.encode(parts).decode())

    def sign_sample(self, shop_id: int, kind: str) -> str:
        """What only this key can say of one shop's sample of one kind."""
        return self._digest("sample", str(shop_id), kind)

    def _digest(self, *parts: str) -> str:
        return hmac.digest(self._secret, "\0".join(parts).encode(), "sha256").hex()


def _compressed(content: bytes) -> bytes:
    """Quickly: to set up zlib's usual window takes several times as long as to compress a webhook."""
    if len(content) > BIG_BYTES:
        return zlib.compress(content, 1)
    small = zlib.compressobj(1, zlib.DEFLATED, SMALL_WINDOW, SMALL_MEMORY)
    return small.compress(content) + small.flush()


def short_hash(hash: str) -> str:
    """Enough of a keyed hash to tell one person of a shop from another: 64 bits."""
    return hash[:16]


def index_key(text: str) -> str:
    """A key short enough for an index: PostgreSQL refuses entries over 2,704 bytes."""
    return text if len(text) <= 255 else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
