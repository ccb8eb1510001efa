"""Writing who did what in a shop, each line sealed to the one before.

A line's seal is a keyed hash of all it says and of the seal before it, so that a line that was changed, taken out or put in
is found by whoever has the key (`audit_reading`). The head of a shop's chain is locked last in a transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from plugin.domain.audit import FIRST, OPERATOR, Deed, Facts
from plugin.storage.db import tables
from plugin.storage.db.audit_tables import audit, audit_heads
from plugin.storage.db.columns import in_utc
from plugin.storage.db.crypto import Crypto

NO_FACTS: Final[Facts] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a shop's chain begins and ends."""

    shop_id: int
    number: int = 0
    seal: str = ""
    pruned: int = 0
    pruned_seal: str = ""

    def row(self, crypto: Crypto) -> dict[str, Any]:
        """As it is stored, with the proof that we wrote it."""
        fields = {name: getattr(self, name) for name in ("shop_id", "number", "seal", "pruned", "pruned_seal")}
        return fields | {"proof": crypto.sign_audit(["head", *fields.values()])}


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
    content = msgspec.json.encode({"who": who, "address": address, "facts": dict(facts)}, order="sorted")
    head = locked_head(connection, shop_id) or _begun(connection, crypto, shop_id, deed, now)
    _append(connection, crypto, head, {"at": now, "deed": deed.value, "content": content})


def locked_head(connection: Connection, shop_id: int) -> Head | None:
    """The shop's head, which nobody else moves before this transaction ends; None before its first line."""
    query = select(audit_heads).where(audit_heads.c.shop_id == shop_id).with_for_update()
    row = connection.execute(query).mappings().first()
    return head_of(row) if row else None


def head_of(row: RowMapping) -> Head:
    """The head in a row of `audit_heads`."""
    return Head(**{name: value for name, value in row.items() if name != "proof"})


def store_head(connection: Connection, crypto: Crypto, head: Head) -> None:
    """Move a locked head."""
    connection.execute(update(audit_heads).where(audit_heads.c.shop_id == head.shop_id).values(head.row(crypto)))


def seal_of(crypto: Crypto, shop_id: int, line: dict[str, Any], content: bytes, before: str) -> str:
    """The seal of a line with this opened content after a line with that seal."""
    said = (line["at"], line["deed"], line.get("who", ""), line.get("what", ""), content.decode())
    at = in_utc(said[0]).isoformat(timespec="microseconds")
    return crypto.sign_audit(["line", shop_id, line["number"], at, *said[1:], before])


def _append(connection: Connection, crypto: Crypto, head: Head, line: dict[str, Any]) -> Head:
    """Put a line with its opened content at the end of the chain."""
    line = line | {"shop_id": head.shop_id, "number": head.number + 1, "who": "", "what": ""}
    line["seal"] = seal_of(crypto, head.shop_id, line, line["content"], head.seal)
    moved = Head(
        shop_id=head.shop_id, number=line["number"], seal=line["seal"], pruned=head.pruned, pruned_seal=head.pruned_seal
    )
    connection.execute(insert(audit).values(line | {"content": crypto.seal(line["content"])}))
    store_head(connection, crypto, moved)
    return moved


def _begun(connection: Connection, crypto: Crypto, shop_id: int, deed: Deed, now: datetime) -> Head:
    """The head of a chain that begins now, locked; lines of before there were chains are taken into it first."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = dialect.insert(audit_heads).values(Head(shop_id=shop_id).row(crypto)).on_conflict_do_nothing()
    is_ours = connection.execute(new.returning(audit_heads.c.shop_id)).scalar() is not None
    head = locked_head(connection, shop_id)
    assert head is not None
    if not is_ours or (deed in FIRST and not _has_lines(connection, shop_id)):
        return head
    head = _with_earlier(connection, crypto, head)
    content = msgspec.json.encode({"who": OPERATOR, "address": "", "facts": {"carried": head.number}}, order="sorted")
    return _append(connection, crypto, head, {"at": now, "deed": Deed.AUDIT_BEGAN.value, "content": content})


def _has_lines(connection: Connection, shop_id: int) -> bool:
    return connection.execute(select(audit.c.id).where(audit.c.shop_id == shop_id).limit(1)).scalar() is not None


def _with_earlier(connection: Connection, crypto: Crypto, head: Head) -> Head:
    """The chain with the lines an older version left, as they are, in the order in which they were written."""
    number, seal = head.number, head.seal
    earlier = select(audit).where(audit.c.shop_id == head.shop_id, audit.c.number.is_(None)).order_by(audit.c.id)
    for row in connection.execute(earlier).mappings().all():
        number += 1
        seal = seal_of(crypto, head.shop_id, {**row, "number": number}, b"", seal)
        connection.execute(update(audit).where(audit.c.id == row["id"]).values(number=number, seal=seal))
    return Head(shop_id=head.shop_id, number=number, seal=seal)
