"""What can be read in the files of a database by whoever has them and the keys."""

import base64
import re
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from sqlalchemy import text

from plugin.storage import SqlStore
from plugin.storage.db.engine import Database
from tests.support.databases import ENCRYPTION_KEY

# Every token begins with its version and the two upper halves of its time, which are zero until 2106.
# https://github.com/fernet/spec/blob/master/Spec.md
TOKEN = re.compile(rb"gAAAAA[A-Za-z0-9_-]{40,}")
_AES_KEY = base64.urlsafe_b64decode(ENCRYPTION_KEY)[16:]
BLOCK = 16


def found(store: SqlStore, words: Collection[str], *, data: Path | None = None) -> dict[str, int]:
    """How often each of these is in the files, plain or sealed, where it is there at all.

    `data` is the folder of PostgreSQL's cluster.
    """
    count = dict.fromkeys(words, 0)
    for content in _files(store.database, data):
        for readable in (content, *_opened(content)):
            for word in words:
                count[word] += len(re.findall(re.escape(word.encode()), readable, re.IGNORECASE))
    return {word: number for word, number in count.items() if number}


def _files(database: Database, data: Path | None) -> Iterator[bytes]:
    if database.is_sqlite:
        with database.alone() as path:
            for file in sorted(path.parent.glob(f"{path.name}*")):
                yield file.read_bytes()
        return
    assert data
    with database.at_once() as connection:
        connection.execute(text("CHECKPOINT"))
        oid = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    for file in sorted((data / "base" / str(oid)).iterdir()):
        # PostgreSQL takes its list of system tables away and writes it anew, as it likes; what is stored is elsewhere.
        if file.name != "pg_internal.init":
            yield file.read_bytes()


def _opened(content: bytes) -> Iterator[bytes]:
    """What the tokens in it say, also those of which only the beginning is left: pages cut them."""
    for match in TOKEN.finditer(content):
        cut = match.group()[: len(match.group()) // 4 * 4]
        raw = base64.urlsafe_b64decode(cut)
        initial, sealed = raw[9:25], raw[25:]
        decryptor = Cipher(AES(_AES_KEY), CBC(initial)).decryptor()
        yield _inflated(decryptor.update(sealed[: len(sealed) // BLOCK * BLOCK]))


def _inflated(compressed: bytes) -> bytes:
    """As much of it as can be read."""
    readable, inflate = b"", zlib.decompressobj()
    try:
        for start in range(0, len(compressed), BLOCK):
            readable += inflate.decompress(compressed[start : start + BLOCK])
    except zlib.error:
        pass  # it was sealed with another key, or what follows is no part of it
    return readable
