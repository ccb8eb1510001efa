"""One event on its way to SendPulse: its states, its answers, and why it was not sent."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import FlowMatch, ReasonCode
from plugin.domain.routing import Route
from plugin.domain.secret import AutomationId
from plugin.domain.wording import NO_SENTENCE, Sentence


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"  #: will be sent when its time comes
    SENDING = "sending"  #: a worker has it
    DELIVERED = "delivered"  #: SendPulse said yes
    FAILED = "failed"  #: given up; can be sent again
    SKIPPED = "skipped"  #: a decision not to send, with its reason
    HELD = "held"  #: no flow for this locale and the merchant chose to hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A decision not to send."""

    code: ReasonCode
    reason: Sentence  #: plain words for the merchant
    fix: Sentence = NO_SENTENCE  #: what to do if it should have been sent; "" when nothing needs doing
    kind: EventKind | None = None  #: known when it was an event of ours that is not sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Kept until the merchant says where it should go."""

    code: ReasonCode
    reason: Sentence
    fix: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One delivery about to be stored: the very body that will leave, and where it goes."""

    part: int  #: 0 for the whole event; the line's number when one event leaves per line item
    route: Route
    automation_id: AutomationId | None
    match: FlowMatch  #: how the flow was chosen
    rule: Sentence  #: the same in plain words
    body: str  #: JSON text, from which the way to send makes what leaves
    lacks: Sentence = NO_SENTENCE  #: what of the event it does not say, and why
    left_out: tuple[Sentence, ...] = ()  #: which of the merchant's own variables it does not say, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A stored delivery, as the worker sees it; `ports.LoggedDelivery` is what the log shows of it."""

    id: int
    shop_id: int
    destination: str  #: key of the SendPulse account it goes to
    kind: EventKind
    attempts: int  #: made so far
    is_denied_alone: bool = False  #: since SendPulse first wanted the merchant to act for it, its account took others

    def log_context(self) -> dict[str, object]:
        return {"shop": self.shop_id, "delivery": self.id, "kind": self.kind.value, "attempt": self.attempts}


class Verdict(StrEnum):
    """What one attempt came to."""

    DELIVERED = "delivered"
    TRY_AGAIN = "try_again"
    GIVE_UP = "give_up"
    UNCERTAIN = "uncertain"  #: it was sent, but no answer came: SendPulse may have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """SendPulse's answer, understood."""

    verdict: Verdict
    code: ReasonCode
    reason: Sentence  #: plain words for the merchant
    fix: Sentence = NO_SENTENCE  #: what to do, when somebody must
    status: int | None = None  #: HTTP status; None when there was no answer
    answer: str = ""  #: the beginning of the body, without addresses or tokens
    after: timedelta | None = None  #: the least time to wait, when SendPulse asked for one
    needs_merchant: bool = False  #: nothing will work until the merchant acts: pause the destination
