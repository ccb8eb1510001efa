"""Writing who did what in a shop, each line sealed to the one before.

A line's seal is a keyed hash of all it says and of the seal before it, so that a line that was changed, taken out or put in
is found by whoever has the key (`audit_checking`). The head of a shop's chain is locked last in a transaction. A shop has one
from its creation on, so that one that is missing, or that we did not write, is somebody's doing: the chain goes on behind a
line that says so.
"""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from plugin.domain.audit import OPERATOR, Deed, Facts
from plugin.domain.errors import Misconfigured
from plugin.storage.db import tables
from plugin.storage.db.audit_tables import audit, audit_heads
from plugin.storage.db.columns import in_utc
from plugin.storage.db.crypto import Crypto

log = structlog.get_logger()

NO_FACTS: Final[Facts] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a shop's chain begins and ends."""

    shop_id: int
    number: int = 0
    seal: str = ""
    pruned: int = 0
    pruned_seal: str = ""
    break_number: int | None = None  #: of the line from which on the chain is whole again

    def row(self, crypto: Crypto) -> dict[str, Any]:
        """As it is stored, with the proof that we wrote it."""
        fields = {name: getattr(self, name) for name in ("shop_id", "number", "seal", "pruned", "pruned_seal")}
        broken = [] if self.break_number is None else [self.break_number]  # left out by versions that did not know it
        proof = crypto.sign_audit(["head", *fields.values(), *broken])
        return fields | {"break_number": self.break_number, "proof": proof}

    def pruned_to(self, number: int, seal: str) -> "Head":
        """The head when the lines up to this one are deleted."""
        is_past_break = self.break_number is not None and self.break_number <= number
        return replace(self, pruned=number, pruned_seal=seal, break_number=None if is_past_break else self.break_number)


def note(
    connection: Connection,
    crypto: Crypto,
    shop_id: int,
    deed: Deed,
    *,
    who: str,
    now: datetime,
    address: str = "",
    facts: Facts = NO_FACTS,
) -> None:
    """Write a line within the caller's transaction, after everything else it locks.

    Facts name no buyer. A shop that is not there has no audit: nothing is written then.
    """
    # Before its head: whoever deletes the shop takes them in this order.
    there = select(tables.shops.c.id).where(tables.shops.c.id == shop_id).with_for_update(read=True, key_share=True)
    if connection.execute(there).scalar() is None:
        return
    line = {"at": now, "deed": deed.value, "content": _content(who, address, facts)}
    head = locked_head(connection, crypto, shop_id) or _begun_again(connection, crypto, shop_id, now)
    if not _append(connection, crypto, head, line):  # somebody else put one where it belongs
        _append(connection, crypto, _mended(connection, crypto, shop_id, now), line)


def begin(connection: Connection, crypto: Crypto, shop_id: int) -> None:
    """Let a shop that is new have a chain."""
    _insert_head(connection, Head(shop_id=shop_id).row(crypto))


def locked_head(connection: Connection, crypto: Crypto, shop_id: int) -> Head | None:
    """The shop's head, which nobody else moves before this transaction ends; None when there is none that we wrote."""
    query = select(audit_heads).where(audit_heads.c.shop_id == shop_id).with_for_update()
    row = connection.execute(query).mappings().first()
    return head_of(row) if row and is_ours(row, crypto) else None


def head_of(row: RowMapping) -> Head:
    """The head in a row of `audit_heads`."""
    return Head(**{name: value for name, value in row.items() if name != "proof"})


def is_ours(row: RowMapping, crypto: Crypto) -> bool:
    """Whether somebody with the key wrote this row of `audit_heads`."""
    return hmac.compare_digest(str(head_of(row).row(crypto)["proof"]).encode(), str(row["proof"]).encode())


def store_head(connection: Connection, crypto: Crypto, head: Head) -> None:
    """Move a locked head."""
    connection.execute(update(audit_heads).where(audit_heads.c.shop_id == head.shop_id).values(head.row(crypto)))


def seal_of(crypto: Crypto, shop_id: int, line: dict[str, Any], content: bytes, before: str) -> str:
    """The seal of a line with this opened content after a line with that seal."""
    said = (line["at"], line["deed"], line.get("who", ""), line.get("what", ""), content.decode())
    at = in_utc(said[0]).isoformat(timespec="microseconds")
    return crypto.sign_audit(["line", shop_id, line["number"], at, *said[1:], before])


def is_sealed(crypto: Crypto, row: RowMapping, before: str) -> bool:
    """Whether a stored line is as it was written after a line with that seal; not when it cannot be opened."""
    try:
        content = crypto.open(row["content"]) if row["content"] is not None else b""
        return bool(row["seal"] == seal_of(crypto, row["shop_id"], dict(row), content, before))
    except (Misconfigured, UnicodeDecodeError):
        return False


def _append(connection: Connection, crypto: Crypto, head: Head, line: dict[str, Any]) -> Head | None:
    """Put a line with its opened content at the end of the chain; None when there is one of that number."""
    line = line | {"shop_id": head.shop_id, "number": head.number + 1, "who": "", "what": ""}
    line["seal"] = seal_of(crypto, head.shop_id, line, line["content"], head.seal)
    new = _dialect(connection).insert(audit).values(line | {"content": crypto.seal(line["content"])}).on_conflict_do_nothing()
    if connection.execute(new.returning(audit.c.id)).scalar() is None:
        return None
    moved = replace(head, number=line["number"], seal=line["seal"])
    store_head(connection, crypto, moved)
    return moved


def _content(who: str, address: str, facts: Facts) -> bytes:
    return msgspec.json.encode({"who": who, "address": address, "facts": dict(facts)}, order="sorted")


def _insert_head(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(_dialect(connection).insert(audit_heads).values(row).on_conflict_do_nothing())


def _dialect(connection: Connection) -> Any:
    return sqlite if connection.dialect.name == "sqlite" else postgresql


def _begun_again(connection: Connection, crypto: Crypto, shop_id: int, now: datetime) -> Head:
    """The head of a chain that lost its own, locked; whoever else finds none waits for this one."""
    _insert_head(connection, Head(shop_id=shop_id).row(crypto) | {"proof": ""})
    return locked_head(connection, crypto, shop_id) or _mended(connection, crypto, shop_id, now)


def _mended(connection: Connection, crypto: Crypto, shop_id: int, now: datetime) -> Head:
    """The locked head anew, by the lines that are there; behind them one says so."""
    of_shop = (audit.c.shop_id == shop_id) & audit.c.number.is_not(None)
    first = connection.execute(select(func.min(audit.c.number)).where(of_shop)).scalar() or 1
    newest = select(audit.c.number, audit.c.seal).where(of_shop).order_by(audit.c.number.desc()).limit(1)
    number, seal = tuple(connection.execute(newest).first() or (0, ""))
    log.error("audit broken", shop=shop_id, line=number + 1)
    head = Head(shop_id=shop_id, number=number, seal=seal, pruned=first - 1, break_number=number + 1)
    line = {"at": now, "deed": Deed.AUDIT_BROKEN.value, "content": _content(OPERATOR, "", NO_FACTS)}
    mended = _append(connection, crypto, head, line)
    assert mended
    return mended
