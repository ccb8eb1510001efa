"""`ports.Audit` on our tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select

from plugin.domain.audit import AuditCheck, AuditLine, Deed, Facts, RefusedLogin
from plugin.domain.errors import Misconfigured
from plugin.storage.db.audit_tables import audit
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.shops import audit_checking
from plugin.storage.shops.audit import NO_FACTS, note
from plugin.storage.shops.refused_logins import RefusedLogins


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
        with self._database.read() as connection:
            return [self._line(row) for row in connection.execute(query).mappings()]

    def login_refused(self, shop_id: int, kind: RefusedLogin, *, who: str, now: datetime) -> None:
        self._refused.count(shop_id, kind, who=who, now=now)

    def gather_refused(self, shop_id: int, *, now: datetime) -> None:
        self._refused.put_into_audit(shop_id, now=now)

    def check(self, shop_id: int) -> AuditCheck:
        with self._database.snapshot() as connection:
            return audit_checking.check(connection, self._crypto, shop_id)

    def check_ends(self, shop_id: int) -> AuditCheck:
        with self._database.snapshot() as connection:
            return audit_checking.check_ends(connection, self._crypto, shop_id)

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
