"""Who did what in a shop: the deeds its audit knows, and one line of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

OPERATOR: Final = "operator"  #: whoever works at the command line
STORE: Final = "store"  #: the platform itself, by a webhook or a handshake
NOBODY: Final = "nobody"  #: a stranger who was not let in

KEPT: Final = timedelta(days=400)  #: then a line goes, from the front of its chain

Facts = Mapping[str, str | int]


class Deed(StrEnum):
    """What somebody did. The values are stored: a deed may be added, never renamed."""

    AUDIT_BEGAN = "audit_began"  #: what is older was written by a version that sealed nothing
    AUDIT_BROKEN = "audit_broken"  #: where the chain ended was lost or changed; it goes on from here
    INSTALLED = "installed"
    UNINSTALLED = "uninstalled"
    SHOP_ADDED = "shop_added"
    SHOP_SUSPENDED = "shop_suspended"
    SHOP_RESUMED = "shop_resumed"
    ACCESS_REPLACED = "access_replaced"  #: new tokens for the platform's API
    KEYS_ROTATED = "keys_rotated"
    SETTINGS_CHANGED = "settings_changed"
    SETTINGS_EXPORTED = "settings_exported"
    LOG_READ = "log_read"  #: at the command line
    LOG_EXPORTED = "log_exported"
    BODY_VIEWED = "body_viewed"
    EVENT_PREVIEWED = "event_previewed"
    WEBHOOK_VIEWED = "webhook_viewed"  #: its fields, personal values masked
    DELIVERIES_REPLAYED = "deliveries_replayed"
    ACCOUNT_RETRIED = "account_retried"
    ACCOUNT_CHECKED = "account_checked"
    TEST_SENT = "test_sent"
    GUIDE_DISMISSED = "guide_dismissed"
    PERSON_ASKED = "person_asked"
    PERSON_LOOKED_UP = "person_looked_up"
    PERSON_EXPORTED = "person_exported"
    PERSON_ERASED = "person_erased"
    AUDIT_READ = "audit_read"
    LOGIN_REFUSED = "login_refused"


class RefusedLogin(StrEnum):
    """Why a visit was refused. The values are stored, as a fact of `Deed.LOGIN_REFUSED`."""

    UNPROVEN = "unproven"  #: what names the shop was vouched for by nobody
    PERMISSION = "permission"  #: one of the staff, who may not manage apps
    NOT_INSTALLED = "not_installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line of a shop's audit."""

    id: int
    number: int | None  #: its place in the chain; None for what an older version wrote beside it
    at: datetime
    deed: str  #: a `Deed`, or one of a newer version; "" in lines of before there were deeds
    who: str  #: `OPERATOR`, `STORE`, `NOBODY`, or the platform's id of a staff member such as shopify:7
    address: str  #: the network address it was asked from; "" at the command line
    facts: Facts  #: such as {"version": 3}; never a buyer's name or address
    text: str  #: what a line of before there were deeds says


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """What came of checking a shop's audit."""

    number: int  #: of the newest line; 0 before there is any
    seal: str  #: the newest line's: written down elsewhere it shows later that nothing was taken back
    faults: tuple[str, ...]  #: in sentences; empty when every line is as it was written
    remarks: tuple[str, ...] = ()  #: the same of what proves nothing, nor disproves
