"""What every answer of SendPulse means, and what no answer means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.retry import LONGEST_WAIT
from plugin.domain.wording import NO_SENTENCE, Sentence, worded
from plugin.sendpulse.mask import masked


class Failure(StrEnum):
    """Why there is no answer, or not all of it."""

    UNREACHABLE = "unreachable"  #: no connection: nothing was sent
    NOT_SECURE = "not_secure"  #: no connection, because of TLS: nothing was sent
    NO_ANSWER = "no_answer"  #: sent, then a time-out or a cut before the status
    CUT_OFF = "cut_off"  #: the status came, the rest of the answer did not
    UNSENDABLE = "unsendable"  #: no HTTP request can be made of it: nothing was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one kind of answer comes to."""

    verdict: Verdict
    code: ReasonCode
    reason: Sentence
    fix: Sentence = NO_SENTENCE
    needs_merchant: bool = False
    after: timedelta | None = None  #: waited at least, unless the answer says otherwise


def _try_again(code: ReasonCode, reason: Sentence, *, seconds: int = 0) -> Meaning:
    return Meaning(verdict=Verdict.TRY_AGAIN, code=code, reason=reason, after=timedelta(seconds=seconds) if seconds else None)


def _give_up(code: ReasonCode, reason: Sentence, fix: Sentence, *, needs_merchant: bool = False) -> Meaning:
    return Meaning(verdict=Verdict.GIVE_UP, code=code, reason=reason, fix=fix, needs_merchant=needs_merchant)


def _uncertain(code: ReasonCode, reason: Sentence) -> Meaning:
    return Meaning(verdict=Verdict.UNCERTAIN, code=code, reason=reason)


def _delivered(reason: Sentence) -> Meaning:
    return Meaning(verdict=Verdict.DELIVERED, code=ReasonCode.ACCEPTED, reason=reason)


NO_EVENT_IN_ACCOUNT = _give_up(
    ReasonCode.EVENT_UNKNOWN,
    worded("SendPulse has no event of this name."),
    worded("Create it in SendPulse's Events Manager, or correct the event name on the Events page, then send this again."),
)
NO_SUCH_ADDRESS = _give_up(
    ReasonCode.EVENT_UNKNOWN,
    worded("SendPulse does not know this event."),
    worded("Copy the event URL again from SendPulse's Events Manager: the event may have been deleted. Then send this again."),
)
NOT_LET_IN = _give_up(
    ReasonCode.CREDENTIALS_REFUSED,
    worded("SendPulse does not accept the keys."),
    worded(
        "Enter a working ID and secret, or an API key (in SendPulse: Account settings, API tab), or copy the event URL again."
    ),
    needs_merchant=True,
)
PLAN_TOO_SMALL = _give_up(
    ReasonCode.PLAN_TOO_SMALL,
    worded("The SendPulse plan does not allow this."),
    worded("Change the plan or top up the balance in SendPulse, then send this again."),
    needs_merchant=True,
)
NOT_UNDERSTOOD = _give_up(
    ReasonCode.BODY_REFUSED,
    worded("SendPulse refused the event."),
    worded("Compare the event's variables and their types in SendPulse's Events Manager with what was sent."),
)
# {"result": false} with status 200 is documented nowhere; that it is final is a guess: the same body again would
# hardly be answered otherwise.
RESULT_FALSE = _give_up(
    ReasonCode.NOT_TAKEN,
    worded("SendPulse did not accept the event."),
    worded(
        "Check that the event exists in SendPulse's Events Manager, "
        "and that its variables have the same types as what was sent."
    ),
)
MOVED = _give_up(
    ReasonCode.REDIRECTED,
    worded("SendPulse answered with a redirect, which this app never follows."),
    worded("Copy the event URL again from SendPulse's Events Manager."),
)

# error_code in the body, whatever the status: HTTP statuses are not published for them.
# https://sendpulse.com/integrations/api
BY_CODE: Final[Mapping[int, Meaning]] = {
    2020202020: _try_again(
        ReasonCode.RATE_LIMITED, worded("SendPulse allows ten requests a second; this one came too soon."), seconds=1
    ),
    3030303030: PLAN_TOO_SMALL,
    707: PLAN_TOO_SMALL,
    708: PLAN_TOO_SMALL,
}

# Statuses of whatever stands in front of the application: it gives up on an answer to what it may have passed on, so the
# event may be there. 500 and 503 are said of the request itself. The last five are Cloudflare's.
# https://www.rfc-editor.org/rfc/rfc9110#section-15.6.3
# https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
GATEWAYS: Final = (502, 504, *range(520, 525))
FROM_A_GATEWAY = _uncertain(
    ReasonCode.GATEWAY, worded("A server in front of SendPulse answered instead: it may have passed the event on.")
)

BY_STATUS: Final[Mapping[int, Meaning]] = {
    **dict.fromkeys(GATEWAYS, FROM_A_GATEWAY),
    401: NOT_LET_IN,
    402: PLAN_TOO_SMALL,
    403: _give_up(
        ReasonCode.ACCESS_REFUSED,
        worded("SendPulse refused access to this event."),
        worded("Check in SendPulse that the account is active and may send events, then send this again."),
        needs_merchant=True,
    ),
    404: NO_SUCH_ADDRESS,
    408: _try_again(ReasonCode.TOLD_TO_WAIT, worded("SendPulse waited too long for the request.")),
    410: NO_SUCH_ADDRESS,
    425: _try_again(ReasonCode.TOLD_TO_WAIT, worded("SendPulse asked to send it later.")),
    # The limits beyond ten a second are counted by the minute, and no Retry-After is documented.
    429: _try_again(ReasonCode.RATE_LIMITED, worded("SendPulse asked to send more slowly."), seconds=60),
}

BY_FAMILY: Final[Mapping[int, Meaning]] = {
    3: MOVED,
    4: NOT_UNDERSTOOD,
    5: _try_again(ReasonCode.SERVER_FAULT, worded("SendPulse has a problem at the moment.")),
}

BY_FAILURE: Final[Mapping[Failure, Meaning]] = {
    Failure.UNREACHABLE: _try_again(ReasonCode.UNREACHABLE, worded("SendPulse could not be reached; nothing was sent.")),
    Failure.NOT_SECURE: _try_again(
        ReasonCode.NOT_SECURE, worded("No secure connection to SendPulse could be made; nothing was sent.")
    ),
    Failure.NO_ANSWER: _uncertain(
        ReasonCode.NO_ANSWER, worded("The event was sent, but SendPulse did not answer in time: it may have it.")
    ),
    Failure.CUT_OFF: _uncertain(
        ReasonCode.NO_ANSWER, worded("The event was sent, but SendPulse's answer was cut off: it may have it.")
    ),
    Failure.UNSENDABLE: _give_up(
        ReasonCode.UNSENDABLE,
        worded("The event URL or the keys cannot be used."),
        worded("Enter the event URL or the event name again on the Events page, and the keys on the Settings page."),
        needs_merchant=True,
    ),
}

ACCEPTED = _delivered(worded("SendPulse accepted the event."))
# SendPulse's own former clients took any answer with status 200 for a yes; an empty one can only be that.
ACCEPTED_EMPTY = _delivered(worded("SendPulse accepted the event, with an empty answer."))
ACCEPTED_OTHERWISE = _delivered(worded("SendPulse accepted the event, though its answer has no result."))
# A page instead of JSON comes from something in front of SendPulse's application, so it says nothing of the event.
NOT_AN_ANSWER = _uncertain(ReasonCode.GATEWAY, worded("A web page came instead of SendPulse's answer: it may have the event."))


def understand(
    status: int | None, headers: Mapping[str, str], body: bytes, *, failure: Failure | None = None, now: datetime
) -> Outcome:
    """The outcome of one request; `status` is None only with a `failure`. Pure, and never raises."""
    meaning = _meaning(status, body, failure)
    asked = retry_after(headers, now=now) if meaning.verdict in (Verdict.TRY_AGAIN, Verdict.UNCERTAIN) else None
    return Outcome(
        verdict=meaning.verdict,
        code=meaning.code,
        reason=meaning.reason,
        fix=meaning.fix,
        status=status,
        answer=masked(body.decode("utf-8", "replace")),
        after=asked if asked is not None else meaning.after,
        needs_merchant=meaning.needs_merchant,
    )


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """The wait a Retry-After asks for, in seconds or as a date: from nothing to 24 hours, None when unreadable."""
    text = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _meaning(status: int | None, body: bytes, failure: Failure | None) -> Meaning:
    if status is None or (failure and status < 300):
        return BY_FAILURE[failure or Failure.NO_ANSWER]
    answer = json_answer(body)
    if code := _error_code(answer):
        return code
    if status < 300:
        return _yes_or_no(answer, is_empty=not body.strip())
    # Neither its status nor its shape is documented; public code looks for this text.
    if b"event not exists" in body.lower():
        return NO_EVENT_IN_ACCOUNT
    return BY_STATUS.get(status) or BY_FAMILY.get(status // 100, NOT_UNDERSTOOD)


def _yes_or_no(answer: Any, *, is_empty: bool) -> Meaning:
    if is_empty:
        return ACCEPTED_EMPTY
    if not isinstance(answer, dict):
        return NOT_AN_ANSWER
    if answer.get("result"):
        return ACCEPTED
    is_no = "result" in answer or any(answer.get(name) for name in ("error", "error_code", "is_error"))
    return RESULT_FALSE if is_no else ACCEPTED_OTHERWISE


def json_answer(body: bytes) -> Any:
    """The answer's JSON, None when it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _error_code(answer: Any) -> Meaning | None:
    code = answer.get("error_code") if isinstance(answer, dict) else None
    return BY_CODE.get(code) if isinstance(code, int) else BY_CODE.get(_digits(code))


def _digits(code: object) -> int:
    return int(code) if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) < 20 else 0
