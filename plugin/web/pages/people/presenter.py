"""What the page of customers' data shows, ready to be put into it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plugin.domain.contact import masked_email, masked_phone
from plugin.domain.person import ErasureState, Holding
from plugin.domain.wording import NO_SENTENCE, Sentence
from plugin.ports import AskedErasure, DataRequest
from plugin.upkeep.people import NAMES_OF_A_PERSON, SHARED, Sought
from plugin.web.i18n import gettext as _
from plugin.web.moments import Moment, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A person who asked what is kept about them."""

    id: int
    number: str
    who: str  #: enough to recognise them by
    received: Moment
    answer_by: Moment
    fetched: Moment | None
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow:
    """How it stands with asking SendPulse to forget somebody."""

    asked: Moment
    state: str
    reason: str
    fix: str


def request_row(found: DataRequest, zone: ZoneInfo, now: datetime) -> RequestRow:
    person = found.person
    return RequestRow(
        id=found.id,
        number=found.number,
        who=masked_email(person.email) or masked_phone(person.phone) or person.customer_id,
        received=moment(found.received_at, zone),
        answer_by=moment(found.due_at, zone),
        fetched=moment(found.fetched_at, zone) if found.fetched_at else None,
        is_late=found.fetched_at is None and found.due_at < now,
    )


def erasure_row(found: AskedErasure, zone: ZoneInfo) -> ErasureRow:
    states = {
        ErasureState.WAITING: _("Waiting"),
        ErasureState.DONE: _("Deleted"),
        ErasureState.FAILED: _("Not deleted"),
    }
    return ErasureRow(asked=moment(found.asked_at, zone), state=states[found.state], reason=found.reason, fix=found.fix)


def counted(counts: Mapping[Holding, int]) -> list[tuple[str, int]]:
    """What there is of each kind, in words."""
    return [(title, counts[holding]) for holding, title in titles().items() if counts.get(holding)]


def shared(sought: Sought) -> Sentence:
    """What is said of a phone number that several people use; "" of everybody else."""
    return SHARED if sought.is_shared else NO_SENTENCE


def titles() -> dict[Holding, str]:
    return {
        Holding.EVENTS: _("Events from your store"),
        Holding.DELIVERIES: _("Events sent to SendPulse"),
        Holding.WEBHOOKS: _("Raw data from your store"),
        Holding.CARTS: _("Carts waiting for a reminder"),
        Holding.PURCHASES: _("Times of purchases"),
        Holding.REMINDERS: _("Times of reminders"),
        Holding.CONSENTS: _("Consent to marketing"),
        Holding.LINKS: _("Short links to carts and orders"),
        Holding.REQUESTS: _("Requests for their data"),
        Holding.SENDPULSE: _("Requests to SendPulse to delete them"),
        Holding.UNREADABLE: _("Data that can no longer be read, possibly about them"),
    }


def errors(wrong: Collection[str]) -> dict[str, str]:
    """What stands beside each field that cannot be read; with nothing in any, beside the first."""
    if len(wrong) == len(NAMES_OF_A_PERSON):
        return {"email": _("Enter an email address, a phone number or a customer ID.")}
    said = {
        "email": _("This is not an email address."),
        "phone": _("Enter the number with its country code, such as +48 512 345 678."),
        "customer_id": _("This is not a customer ID."),
    }
    return {name: said[name] for name in wrong}
