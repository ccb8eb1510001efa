"""Who did what in a shop."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from plugin.domain.audit import AuditCheck, AuditLine, Deed, RefusedLogin


class Audit(Protocol):
    """A shop's audit: only added to, each line sealed to the one before."""

    def note(
        self,
        shop_id: int,
        deed: Deed,
        *,
        who: str,
        now: datetime,
        address: str = "",
        facts: Mapping[str, str | int] = ...,
    ) -> None:
        """Write a line of its own; what changes the store writes its line within the change. Facts name no buyer."""

    def page(self, shop_id: int, *, limit: int, before_id: int | None = None) -> Sequence[AuditLine]:
        """Newest first, as many as the limit; those older than a line when `before_id` is its id."""

    def login_refused(self, shop_id: int, kind: RefusedLogin, *, who: str, now: datetime) -> None:
        """Count a visit that was refused; `who` is "" for a stranger. It becomes a line, with others of its hour and kind."""

    def gather_refused(self, shop_id: int, *, now: datetime) -> None:
        """Make lines of the visits that were refused until now; to be called before a page is read."""

    def check(self, shop_id: int) -> AuditCheck:
        """Whether every line is as it was written, none is missing and none was put in."""

    def check_ends(self, shop_id: int) -> AuditCheck:
        """The same of where the audit begins and ends alone: it costs the same however long the audit is."""
