"""Why events did not leave, in a few words, and where a merchant fixes it."""

from dataclasses import dataclass
from typing import Final

from plugin.domain.reason_codes import ReasonCode
from plugin.web.i18n import N_
from plugin.web.i18n import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernText:
    """One reason, in English."""

    title: str
    action: str = ""  #: what its link says; "" where nothing but sending again helps
    page: str = ""  #: where that leads, as `here` names it
    hint: str = ""  #: what can be done elsewhere
    is_of_kind: bool = False  #: each kind of event is fixed by itself


def _of_url(title: str) -> ConcernText:
    return ConcernText(title=title, action=N_("Check event URL"), page="events.show", is_of_kind=True)


def _of_keys(title: str) -> ConcernText:
    return ConcernText(title=title, action=N_("Check API keys"), page="store.account")


def _of_flows(title: str) -> ConcernText:
    return ConcernText(title=title, action=N_("Add flow"), page="languages.show")


def _of_data(title: str) -> ConcernText:
    hint = N_("In SendPulse, compare the event’s variables with the data in the event log.")
    return ConcernText(title=title, action=N_("Check event settings"), page="events.show", hint=hint, is_of_kind=True)


_LATER: Final = N_("This usually passes after a while. Then send them again.")
_NO_ANSWER = ConcernText(title=N_("SendPulse didn’t answer"), hint=_LATER)
_FAULT = ConcernText(title=N_("SendPulse had a problem"), hint=_LATER)
_NO_FLOW = _of_flows(N_("No flow for the buyer’s language"))
_NOT_PREPARED = ConcernText(
    title=N_("These events couldn’t be prepared"), hint=N_("Open one in the event log to see what is wrong with it.")
)
_OTHER = ConcernText(title=N_("Other reasons"), hint=N_("Open one in the event log to see the reason."))

TEXTS: Final = {
    ReasonCode.EVENT_UNKNOWN: _of_url(N_("SendPulse doesn’t know this event")),
    ReasonCode.REDIRECTED: _of_url(N_("The event URL has moved")),
    ReasonCode.UNSENDABLE: _of_url(N_("The event URL or the API keys can’t be used")),
    ReasonCode.BODY_REFUSED: _of_data(N_("SendPulse refused the event’s data")),
    ReasonCode.NOT_TAKEN: _of_data(N_("SendPulse didn’t accept the event")),
    ReasonCode.CREDENTIALS_REFUSED: _of_keys(N_("SendPulse doesn’t accept the API keys or the event URL")),
    ReasonCode.CREDENTIALS_MISSING: _of_keys(N_("API keys are missing")),
    ReasonCode.TOKEN_PENDING: _FAULT,
    ReasonCode.PLAN_TOO_SMALL: ConcernText(
        title=N_("Your SendPulse plan doesn’t allow this"), hint=N_("Upgrade your plan or top up your balance in SendPulse."),
    ),
    ReasonCode.ACCESS_REFUSED: ConcernText(
        title=N_("SendPulse refused access"), hint=N_("In SendPulse, check that your account is active."),
    ),
    ReasonCode.NO_FLOW: _NO_FLOW,
    ReasonCode.NO_LOCALE: _of_flows(N_("The buyer’s language isn’t known")),
    ReasonCode.CONSENT_UNKNOWN: ConcernText(
        title=N_("Your store doesn’t say who agreed to marketing"), action=N_("Set up consent"), page="store.show",
    ),
    ReasonCode.NOT_TO_BE_REPEATED: ConcernText(
        title=N_("SendPulse may already have these events"),
        hint=N_("If the emails arrived, do nothing. If they didn’t, send the events again."),
    ),
    ReasonCode.RATE_LIMITED: _FAULT,
    ReasonCode.TOLD_TO_WAIT: _FAULT,
    ReasonCode.SERVER_FAULT: _FAULT,
    ReasonCode.GATEWAY: _FAULT,
    ReasonCode.UNREACHABLE: ConcernText(title=N_("SendPulse couldn’t be reached"), hint=_LATER),
    ReasonCode.NOT_SECURE: ConcernText(title=N_("No secure connection to SendPulse"), hint=_LATER),
    ReasonCode.NO_ANSWER: _NO_ANSWER,
    ReasonCode.WORKER_STOPPED: _NO_ANSWER,
    ReasonCode.POISON: _NOT_PREPARED,
    ReasonCode.GIVEN_UP: _NOT_PREPARED,
    ReasonCode.UNREADABLE: _NOT_PREPARED,
}  # fmt: skip

SKIPPED: Final = frozenset({ReasonCode.NO_FLOW, ReasonCode.NO_LOCALE, ReasonCode.POISON, ReasonCode.GIVEN_UP})
"""Reasons to skip that nobody chose on purpose, or that can be undone."""


def concern_text(code: ReasonCode | None) -> ConcernText:
    return TEXTS.get(code, _OTHER) if code else _OTHER


def reason_title(code: str) -> str:
    """A reason in a few words, for the filter of the log."""
    known = ReasonCode(code) if code in list(ReasonCode) else None
    return _(concern_text(known).title)
