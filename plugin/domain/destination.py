"""A destination's health and pace: when the next event may leave for one SendPulse account of a shop. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.wording import worded

WINDOW = 20  #: the last attempts that are looked at
FEWEST = 10  #: with fewer nothing is concluded, neither that it is paused nor that it is disabled
LIMIT = 0.7  #: of failures among them opens the breaker
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
)  #: before each probe; the last one again and again
DISABLED_AFTER = timedelta(days=5)  #: of nothing but failures, Svix's figure  https://docs.svix.com/retries
MERCHANT_PAUSE = timedelta(hours=1)  #: between looks whether the merchant has acted
# What leaves in time may arrive closer together: a slow thread or network delays one request and not the next.
MARGIN = 1.05  #: of the pause between two events, so that no second sees more than the account allows


class Health(StrEnum):
    """What a destination's last attempts say of it."""

    CLOSED = "closed"  #: events leave
    OPEN = "open"  #: paused; one event probes it after each pause
    NEEDS_MERCHANT = "needs_merchant"  #: nothing works until the merchant acts
    DISABLED = "disabled"  #: five days of nothing but failures: only the merchant opens it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One SendPulse account of one shop as the schedule sees it."""

    key: str
    rate_per_second: float = 8
    next_at: datetime  #: GCRA with burst 1: nothing leaves earlier
    health: Health = Health.CLOSED
    recent: str = ""  #: the last attempts, oldest first: "1" delivered or refused, "0" failed or for the merchant to mend
    paused_until: datetime | None = None
    probes: int = 0  #: made in vain since it opened
    failing_since: datetime | None = None  #: when it was paused for the first time since anything worked; None while closed
    delivered_at: datetime | None = None  #: when it last took an event
    reason: str = ""  #: plain words for the merchant; "" while closed
    fix: str = ""

    @property
    def is_disabled(self) -> bool:
        return self.health is Health.DISABLED

    @property
    def earliest(self) -> datetime:
        """When the next event may leave at the earliest."""
        return max(self.next_at, self.paused_until or self.next_at)

    def sent(self, at: datetime) -> Self:
        """After an event left: the next one waits its turn."""
        return replace(self, next_at=max(at, self.next_at) + timedelta(seconds=MARGIN / self.rate_per_second))

    def after(self, outcome: Outcome, now: datetime) -> Self:
        """After an answer, or none."""
        if outcome.needs_merchant:
            return self._needs_merchant(outcome, now)
        if outcome.verdict in (Verdict.DELIVERED, Verdict.GIVE_UP):
            # A refusal of one event is an answer too: the account works.
            kept = self.recent if self.health is Health.CLOSED else ""
            delivered_at = now if outcome.verdict is Verdict.DELIVERED else self.delivered_at
            return replace(self._closed(), recent=(kept + "1")[-WINDOW:], delivered_at=delivered_at)
        return self._failed(outcome, now)

    def _closed(self) -> Self:
        return replace(self, health=Health.CLOSED, paused_until=None, probes=0, failing_since=None, reason="", fix="")

    def _failed(self, outcome: Outcome, now: datetime) -> Self:
        failed = self._noted()
        if outcome.after:
            failed = replace(failed, paused_until=now + min(outcome.after, MERCHANT_PAUSE))
        if failed._has_failed_for_days(now):
            return failed._disabled()
        if self.health is not Health.CLOSED or _is_bad(failed.recent):
            pause = PAUSES[min(self.probes, len(PAUSES) - 1)]
            return replace(
                failed, health=Health.OPEN, probes=self.probes + 1, failing_since=failed.failing_since or now,
                paused_until=max(now + pause, failed.paused_until or now), reason=outcome.reason, fix=outcome.fix,
            )  # fmt: skip
        return failed

    def _needs_merchant(self, outcome: Outcome, now: datetime) -> Self:
        denied = self._noted()
        if denied._has_failed_for_days(now):
            return denied._disabled()
        return replace(
            denied, health=Health.NEEDS_MERCHANT, paused_until=now + MERCHANT_PAUSE, reason=outcome.reason, fix=outcome.fix,
            failing_since=denied.failing_since or now,
        )  # fmt: skip

    def _noted(self) -> Self:
        """With one failure more. A lone one of long ago is no beginning: what fails while it is closed, fails now and then."""
        since = None if self.health is Health.CLOSED else self.failing_since
        return replace(self, recent=(self.recent + "0")[-WINDOW:], failing_since=since)

    def _has_failed_for_days(self, now: datetime) -> bool:
        """Whether it was tried all that time and never worked: two failures days apart say nothing of the time between."""
        failures = len(self.recent) - len(self.recent.rstrip("0"))
        return self.failing_since is not None and now - self.failing_since >= DISABLED_AFTER and failures >= FEWEST

    def _disabled(self) -> Self:
        return replace(
            self, health=Health.DISABLED, reason=worded("SendPulse has not accepted any event for five days."),
            fix=worded("Check your SendPulse account, then choose “Try again now”."),
        )  # fmt: skip


def _is_bad(recent: str) -> bool:
    return len(recent) >= FEWEST and recent.count("0") >= LIMIT * len(recent)
