"""Automation 360, as far as it decides which mails go out."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from plugin.sandbox.sendpulse.account import Account, StopMatch
from plugin.sandbox.sendpulse.definitions import Received

ACTIVE, STOPPED, DRAFT = 1, 3, 0  # GUESS flow_status
QUEUE_LIFE = timedelta(
    days=4
)  #: https://sendpulse.com/knowledge-base/email-service/automation360/automation360-tariff-expiration


class Reentry(StrEnum):
    """The toggle "Start when contact is added to the flow again"."""

    OFF = "off"
    ALWAYS = "always"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    DAYS = "days"


@dataclass(slots=True, kw_only=True)
class Flow:
    """One flow: what starts it, how long it waits, its one mail, and what stops it."""

    id: int
    name: str
    event: str  #: the name of the event that starts it
    status: int = ACTIVE
    reentry: Reentry = Reentry.OFF  # GUESS reentry_default
    reentry_days: int = 1  #: for `days`
    wait: timedelta = timedelta(0)  #: between the start and the mail
    stop_event: str = ""
    details: Mapping[str, str] = field(default_factory=dict)  #: main_data of the REST API

    @property
    def pause_between(self) -> timedelta | None:
        """How long a contact may not start it again; None is for ever."""
        # GUESS reentry_month
        days = {Reentry.ALWAYS: 0, Reentry.WEEKLY: 7, Reentry.MONTHLY: 30, Reentry.DAYS: self.reentry_days}
        return timedelta(days=days[self.reentry]) if self.reentry in days else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that would have gone out."""

    contact: str
    flow_id: int
    flow_name: str
    event: str
    at: datetime
    variables: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Run:
    """One contact on the way through one flow."""

    flow: Flow
    received: Received
    started_at: datetime

    @property
    def mail_at(self) -> datetime:
        return self.started_at + self.flow.wait


@dataclass(slots=True, kw_only=True)
class Engine:
    """The flows of one account at work."""

    account: Account
    flows: list[Flow] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)  #: those whose mail is still to come
    last_starts: dict[tuple[int, str], datetime] = field(default_factory=dict)  #: by flow and contact
    mails: list[Mail] = field(default_factory=list)
    queue: list[Received] = field(default_factory=list)  #: arrived while the plan was expired
    lost: list[Received] = field(default_factory=list)  #: waited over four days, or came after the day's last start
    skipped: list[Mail] = field(default_factory=list)  #: the contact had unsubscribed
    started: Counter[int] = field(default_factory=Counter)  #: by flow
    conversions: Counter[int] = field(default_factory=Counter)  #: by flow
    starts_of_day: Counter[date] = field(default_factory=Counter)

    def take(self, received: Received, *, now: datetime) -> None:
        """Let an accepted event stop and start runs."""
        self.advance(now=now)
        if not self.account.plan_is_active:
            self.queue.append(received)
            return
        self._stop(received)
        for flow in self._chosen(received):
            self._start(flow, received, now=now)
        self.advance(now=now)

    def advance(self, *, now: datetime) -> None:
        """Send what has become due, release or lose what waits for a plan."""
        fresh = [received for received in self.queue if now - received.at < QUEUE_LIFE]
        self.lost += [received for received in self.queue if received not in fresh]
        self.queue = [] if self.account.plan_is_active else fresh
        if not self.account.plan_is_active:
            return
        for received in fresh:
            self.take(received, now=now)
        due = [run for run in self.runs if run.mail_at <= now]
        self.runs = [run for run in self.runs if run.mail_at > now]
        for run in due:
            self._mail(run)

    def _mail(self, run: Run) -> None:
        contact = run.received.email or run.received.phone
        mail = Mail(
            contact=contact, flow_id=run.flow.id, flow_name=run.flow.name, event=run.received.event, at=run.mail_at,
            variables=run.received.variables,
        )  # fmt: skip
        # Unsubscribed contacts pass every element but Email.
        # https://sendpulse.com/knowledge-base/email-service/automation360/email-actions
        (self.skipped if contact in self.account.unsubscribed else self.mails).append(mail)

    def _chosen(self, received: Received) -> Iterable[Flow]:
        """The flow of the automation_id, else every active flow of the event."""
        flows = [flow for flow in self.flows if flow.event == received.event and flow.status == ACTIVE]
        if "automation_id" not in received.variables:
            return flows  # GUESS no_flow_starts_all
        if self.undefined(received):
            return []  # GUESS undefined_flow
        return [flow for flow in flows if flow.id == received.automation_id]

    def undefined(self, received: Received) -> tuple[str, ...]:
        """What the automation_id asks for that is documented nowhere."""
        wanted = received.automation_id
        if "automation_id" not in received.variables:
            return ()
        if not isinstance(wanted, int) or isinstance(wanted, bool):
            return ("automation_id is no integer",)
        flow = next((flow for flow in self.flows if flow.id == wanted), None)
        if flow is None:
            return ("automation_id names no flow of this account",)
        return () if flow.event == received.event else ("automation_id names a flow that another event starts",)

    def _start(self, flow: Flow, received: Received, *, now: datetime) -> None:
        contact = received.email or received.phone  # GUESS reentry_contact, contact_spelling
        last, pause = self.last_starts.get((flow.id, contact)), flow.pause_between
        if last and (pause is None or now - last < pause):
            return
        today = now.astimezone(self.account.zone).date()
        if self.starts_of_day[today] >= self.account.limits.flow_starts_per_day:
            self.lost.append(received)  # GUESS daily_limit
            return
        self.starts_of_day[today] += 1
        self.started[flow.id] += 1
        self.last_starts[flow.id, contact] = now
        self.runs.append(Run(flow=flow, received=received, started_at=now))

    def _stop(self, received: Received) -> None:
        is_ended = [run.flow.stop_event == received.event and self._stops(run.received, received) for run in self.runs]
        self.conversions.update(run.flow.id for run, ended in zip(self.runs, is_ended, strict=True) if ended)
        self.runs = [run for run, ended in zip(self.runs, is_ended, strict=True) if not ended]  # GUESS stop_order

    def _stops(self, begun: Received, stopping: Received) -> bool:
        email = bool(begun.email) and begun.email == stopping.email
        phone = bool(begun.phone) and begun.phone == stopping.phone
        return {  # GUESS stop_match
            StopMatch.EITHER: email or phone,
            StopMatch.EMAIL: email,
            StopMatch.ALL: (email or not begun.email) and (phone or not begun.phone),
        }[self.account.habits.stop_match]
