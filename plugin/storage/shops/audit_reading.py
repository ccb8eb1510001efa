"""`ports.Audit`: reading a shop's audit, and finding what was done to it behind our back."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, select

from plugin.domain.audit import AuditCheck, AuditLine, Deed, Facts, RefusedLogin
from plugin.domain.errors import Misconfigured
from plugin.storage.db.audit_tables import audit, audit_heads
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.shops.audit import NO_FACTS, Head, head_of, note, seal_of
from plugin.storage.shops.refused_logins import RefusedLogins

STEP: Final = 500  #: lines checked in one query
MOST_FAULTS: Final = 20  #: told of one shop

_NO_HEAD: Final = "Where the audit begins and ends is not known: the row that says so is missing."
_FORGED_HEAD: Final = "Where the audit begins and ends was changed by somebody without the key, or SECRET_KEY is another one."


class SqlAudit:
    """`ports.Audit` on our tables."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._refused = RefusedLogins(database, crypto)

    def note(self, shop_id: int, deed: Deed, *, who: str, now: datetime, address: str = "", facts: Facts = NO_FACTS) -> None:
        with self._database.write() as connection:
            note(connection, self._crypto, shop_id, deed, who=who, address=address, facts=facts, now=now)

    def page(self, shop_id: int, *, limit: int, before_id: int | None = None) -> Sequence[AuditLine]:
        query = select(audit).where(audit.c.shop_id == shop_id).order_by(audit.c.id.desc()).limit(limit)
        query = query if before_id is None else query.where(audit.c.id < before_id)
        return [self._line(row._mapping) for row in self._database.read_once(query)]

    def login_refused(self, shop_id: int, kind: RefusedLogin, *, who: str, now: datetime) -> None:
        self._refused.count(shop_id, kind, who=who, now=now)

    def gather_refused(self, shop_id: int, *, now: datetime) -> None:
        self._refused.put_into_audit(shop_id, now=now)

    def check(self, shop_id: int) -> AuditCheck:
        with self._database.read() as connection:
            found = connection.execute(select(audit_heads).where(audit_heads.c.shop_id == shop_id)).mappings().first()
            head = head_of(found) if found else Head(shop_id=shop_id)
            strays = list(_strays(connection, head))
        if found is None:
            return AuditCheck(number=0, seal="", faults=(_NO_HEAD,) if strays else ())
        forged = () if head.row(self._crypto)["proof"] == found["proof"] else (_FORGED_HEAD,)
        faults = islice(chain(forged, strays, self._faults(head)), MOST_FAULTS)
        return AuditCheck(number=head.number, seal=head.seal, faults=tuple(faults))

    def _faults(self, head: Head) -> Iterator[str]:
        """What is wrong from the first line that is kept to the one the head names; newer ones are not looked at."""
        number, seal = head.pruned, head.pruned_seal
        for row in self._kept(head):
            if row["number"] != number + 1:
                yield _missing(number + 1, row["number"] - 1)
            elif self._seal(head.shop_id, row, seal) != row["seal"]:
                yield f"Line {row['number']} of {row['at']:%Y-%m-%d %H:%M} UTC is not as it was written."
            number, seal = row["number"], row["seal"]
        if number < head.number:
            yield _missing(number + 1, head.number)
        elif seal != head.seal:
            yield f"Line {number} is not the one that was written last."

    def _kept(self, head: Head) -> Iterator[RowMapping]:
        number = head.pruned
        while True:
            chained = (audit.c.shop_id == head.shop_id) & (audit.c.number > number) & (audit.c.number <= head.number)
            rows = self._database.read_once(select(audit).where(chained).order_by(audit.c.number).limit(STEP))
            yield from (row._mapping for row in rows)
            if len(rows) < STEP:
                return
            number = rows[-1].number

    def _seal(self, shop_id: int, row: RowMapping, before: str) -> str:
        """The seal this line should have; "" when it cannot be opened."""
        try:
            content = self._crypto.open(row["content"]) if row["content"] is not None else b""
            return seal_of(self._crypto, shop_id, dict(row), content, before)
        except (Misconfigured, UnicodeDecodeError):
            return ""

    def _line(self, row: RowMapping) -> AuditLine:
        fields = {name: row[name] for name in ("id", "number", "at", "deed")}
        content = self._content(row)
        facts = content.get("facts", {})
        return AuditLine(
            **fields, who=content.get("who", ""), address=content.get("address", ""), facts=facts, text=row["what"]
        )

    def _content(self, row: RowMapping) -> dict[str, Any]:
        """Who, where and the facts; nobody and nothing where it cannot be opened: `check` says that of it."""
        if row["content"] is None:
            return {"who": row["who"]}
        try:
            return self._crypto.open_json(row["content"])
        except Misconfigured:
            return {}


def _strays(connection: Connection, head: Head) -> Iterator[str]:
    """Lines that are not between the chain's ends."""
    of_shop = select(func.count()).select_from(audit).where(audit.c.shop_id == head.shop_id)
    beside = connection.execute(of_shop.where(audit.c.number.is_(None))).scalar_one()
    if beside:
        stands = "1 line stands" if beside == 1 else f"{beside} lines stand"
        yield f"{stands} beside the chain, written by an older version while this one was rolled out or by somebody else."
    outside = ~audit.c.number.between(head.pruned + 1, head.number)
    if connection.execute(of_shop.where(outside)).scalar_one():
        yield "There are more lines than were written."


def _missing(first: int, last: int) -> str:
    return f"Line {first} is missing." if first == last else f"Lines {first} to {last} are missing."
