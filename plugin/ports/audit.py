"""Who did what in a shop."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from plugin.domain.audit import AuditCheck, AuditLine, Deed


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

    def check(self, shop_id: int) -> AuditCheck:
        """Whether every line is as it was written, none is missing and none was put in."""
