"""Finding what was done to a shop's audit behind our back."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from plugin.domain.audit import AuditCheck
from plugin.storage.db.audit_tables import audit, audit_heads
from plugin.storage.db.crypto import Crypto
from plugin.storage.shops.audit import Head, head_of, is_ours, is_sealed

STEP: Final = 500  #: lines checked in one query
MOST_FAULTS: Final = 20  #: told of one shop

_NO_HEAD: Final = "Where the audit begins and ends is not known: the row that says so is missing."
_FORGED_HEAD: Final = "Where the audit begins and ends was changed by somebody without the key, or SECRET_KEY is another one."


def check(connection: Connection, crypto: Crypto, shop_id: int) -> AuditCheck:
    """Look at every line, on a connection that sees one state of the database."""
    remarks = tuple(_beside(connection, shop_id))
    row = _head_row(connection, shop_id)
    if row is None:
        return AuditCheck(number=0, seal="", faults=(_NO_HEAD,), remarks=remarks)
    head = head_of(row)
    faults = chain(_of_head(row, crypto), _outside(connection, head), _of_lines(connection, crypto, head))
    return AuditCheck(number=head.number, seal=head.seal, faults=tuple(islice(faults, MOST_FAULTS)), remarks=remarks)


def check_ends(connection: Connection, crypto: Crypto, shop_id: int) -> AuditCheck:
    """Look at where the chain begins and ends alone, which costs the same however long it is."""
    row = _head_row(connection, shop_id)
    if row is None:
        return AuditCheck(number=0, seal="", faults=(_NO_HEAD,))
    head = head_of(row)
    faults = chain(_of_head(row, crypto), _outside(connection, head), _of_ends(connection, head))
    return AuditCheck(number=head.number, seal=head.seal, faults=tuple(faults))


def _head_row(connection: Connection, shop_id: int) -> RowMapping | None:
    return connection.execute(select(audit_heads).where(audit_heads.c.shop_id == shop_id)).mappings().first()


def _of_head(row: RowMapping, crypto: Crypto) -> Iterator[str]:
    if not is_ours(row, crypto):
        yield _FORGED_HEAD
    if row["break_number"] is not None:
        yield (
            f"Before line {row['break_number']} the row that says where the audit begins and ends was lost or changed: "
            "earlier lines may be missing."
        )


def _beside(connection: Connection, shop_id: int) -> Iterator[str]:
    """Lines that are in no chain."""
    query = select(func.count()).select_from(audit).where(audit.c.shop_id == shop_id, audit.c.number.is_(None))
    if beside := connection.execute(query).scalar_one():
        stands = "1 line stands" if beside == 1 else f"{beside} lines stand"
        yield f"{stands} beside the chain, written by an older version while this one was rolled out or by somebody else."


def _outside(connection: Connection, head: Head) -> Iterator[str]:
    """Lines that are not between the chain's ends."""
    for is_outside in (audit.c.number > head.number, audit.c.number <= head.pruned):
        if _line(connection, head, is_outside):
            yield "There are more lines than were written."
            return


def _of_ends(connection: Connection, head: Head) -> Iterator[str]:
    if head.number == head.pruned:
        return
    if not _line(connection, head, audit.c.number == head.pruned + 1):
        yield _missing(head.pruned + 1, head.pruned + 1)
    newest = _line(connection, head, audit.c.number == head.number)
    if newest is None:
        yield _missing(head.number, head.number)
    elif newest["seal"] != head.seal:
        yield _not_the_last(head.number)


def _of_lines(connection: Connection, crypto: Crypto, head: Head) -> Iterator[str]:
    """What is wrong from the first line that is kept to the one the head names."""
    number, seal = head.pruned, head.pruned_seal
    for row in _kept(connection, head):
        is_first_of_lost = number > 0 and not seal  # what came before it went with the head
        if row["number"] != number + 1:
            yield _missing(number + 1, row["number"] - 1)
        elif not is_first_of_lost and not is_sealed(crypto, row, seal):
            yield f"Line {row['number']} of {row['at']:%Y-%m-%d %H:%M} UTC is not as it was written."
        number, seal = row["number"], row["seal"]
    if number < head.number:
        yield _missing(number + 1, head.number)
    elif seal != head.seal:
        yield _not_the_last(number)


def _kept(connection: Connection, head: Head) -> Iterator[RowMapping]:
    number = head.pruned
    while True:
        chained = (audit.c.shop_id == head.shop_id) & (audit.c.number > number) & (audit.c.number <= head.number)
        rows = connection.execute(select(audit).where(chained).order_by(audit.c.number).limit(STEP)).mappings().all()
        yield from rows
        if len(rows) < STEP:
            return
        number = rows[-1]["number"]


def _line(connection: Connection, head: Head, where: ColumnElement[bool]) -> RowMapping | None:
    query = select(audit.c.number, audit.c.seal).where(audit.c.shop_id == head.shop_id, where).limit(1)
    return connection.execute(query).mappings().first()


def _missing(first: int, last: int) -> str:
    return f"Line {first} is missing." if first == last else f"Lines {first} to {last} are missing."


def _not_the_last(number: int) -> str:
    return f"Line {number} is not the one that was written last."
