"""Sending many deliveries again, as a job of their shop: slowly, stoppable, and never one of them twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from plugin.domain.delivery import State
from plugin.domain.shop import Shop
from plugin.ports.values import DeliveryFilter


class ResendState(StrEnum):
    """Where a job stands. The values are stored."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendPart:
    """What of one state is sent again."""

    before: int  #: only those older than this id: what comes later was not asked for
    since: datetime | None = None  #: planned then or later


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendRequest:
    """What somebody asked to be sent again."""

    filter: DeliveryFilter
    parts: Mapping[State, ResendPart]
    who: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """One job, as its shop's pages tell of it."""

    id: int
    state: ResendState
    sent: int
    total: int | None  #: None when there were more than were counted
    started_at: datetime
    finished_at: datetime | None

    @property
    def is_running(self) -> bool:
        return self.state is ResendState.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedResend:
    """A job in a worker's hands."""

    id: int
    shop: Shop
    sent: int
    tries: int  #: claims since a step succeeded
    fence: int


class Resends(Protocol):
    """One job a shop: the next takes the place of one that is over."""

    def latest(self, shop_id: int) -> Resend | None:
        """The job that runs, else the one that ran last."""

    def start(self, shop_id: int, request: ResendRequest, *, total: int | None, now: datetime) -> tuple[Resend, bool]:
        """The shop's job, and whether it is this one: no other is begun while one runs."""

    def stop(self, shop_id: int, resend_id: int, *, now: datetime) -> Resend | None:
        """End it: once this has answered, nothing more is sent again by it. None when it is not this shop's latest."""

    def claim(self, *, now: datetime, lease: timedelta) -> ClaimedResend | None:
        """The job that has waited longest for its next step, of no suspended shop."""

    def step(self, claimed: ClaimedResend, *, most: int, now: datetime, again_at: datetime) -> int | None:
        """Send the next of it again, in one commit with where it goes on; how many. None when the claim is over."""
