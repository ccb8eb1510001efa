"""One SendPulse account: its credentials, its plan, its people."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from plugin.sandbox.sendpulse.limits import MINUTE, SECOND, Limits, Window

TOKEN_LIFE = timedelta(seconds=3600)  #: https://sendpulse.com/integrations/api


class StopMatch(StrEnum):
    """When a stop event is about the same person as a run."""

    EITHER = "either"  #: the email or the phone is the same
    EMAIL = "email"  #: the email is the same
    ALL = "all"  #: everything the run knows of the person is the same


@dataclass(slots=True, kw_only=True)
class AssumedBehaviour:
    """Guessed behaviour that can be switched."""

    is_strict: bool = False  #: refuse what is not as declared, instead of recording it
    takes_names_at_both_hosts: bool = True
    reads_double_slash: bool = True
    stop_match: StopMatch = StopMatch.EITHER


@dataclass(slots=True, kw_only=True)
class AddressBook:
    """A mailing list."""

    id: int
    name: str
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    unsubscribed: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class CrmContact:
    """A contact in the CRM."""

    id: int
    emails: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Account:
    """A SendPulse account and everything it owns but its events and flows."""

    user_id: int
    client_id: str
    client_secret: str
    email: str = "owner@example.com"
    timezone: str = "UTC"
    plan_is_active: bool = True
    has_automation: bool = True  #: False: the plan lacks Automation 360
    limits: Limits = field(default_factory=Limits)
    habits: AssumedBehaviour = field(default_factory=AssumedBehaviour)
    api_keys: set[str] = field(default_factory=set)
    tokens: dict[str, datetime] = field(default_factory=dict)  #: text → its end
    token_requests: int = 0
    unsubscribed: set[str] = field(default_factory=set)
    blacklist: set[str] = field(default_factory=set)
    books: dict[int, AddressBook] = field(default_factory=dict)
    crm: dict[int, CrmContact] = field(default_factory=dict)
    deleted_logs: list[object] = field(default_factory=list)  #: bodies of delete-log
    second: Window = field(default_factory=lambda: Window(SECOND))
    minute: Window = field(default_factory=lambda: Window(MINUTE))
    token_minute: Window = field(default_factory=lambda: Window(MINUTE))
    event_second: Window = field(default_factory=lambda: Window(SECOND))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
