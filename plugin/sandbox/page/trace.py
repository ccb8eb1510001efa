"""One fired webhook as a row of the page: webhook, event, flow, delivery, mail, each in plain words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from plugin.domain.delivery import State, Verdict
from plugin.domain.errors import PluginError
from plugin.domain.event import LocaleOrigin, sentences
from plugin.domain.kinds import EventKind
from plugin.domain.states import EventState, WebhookState
from plugin.ports import LoggedAttempt, LoggedDelivery, Platform
from plugin.sandbox.courier import Fired
from plugin.sandbox.kinds import SANDBOX_KINDS
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.storage import SqlStore

from .letters import Letter, Letters
from .store_reader import SeenDelivery, SeenEvent, SeenWebhook, StoreReader

ORIGINS: Final[Mapping[LocaleOrigin, str]] = {
    LocaleOrigin.ORDER: "written on the order",
    LocaleOrigin.CHECKOUT: "written on the checkout",
    LocaleOrigin.CUSTOMER: "from the customer's account",
    LocaleOrigin.COUNTRY: "from a rule of the merchant",
    LocaleOrigin.SHOP: "the shop's own language",
    LocaleOrigin.NONE: "not known",
}
ANSWERS: Final[Mapping[int, str]] = {
    HTTPStatus.OK: "taken",
    HTTPStatus.UNAUTHORIZED: "refused: the signature or the shop is not known",
    HTTPStatus.SERVICE_UNAVAILABLE: "not taken: the store will send it again",
}


class BeforeDelivery(StrEnum):
    """Where an event stands that has no delivery."""

    PLANNING = "planning"  #: nothing is decided about it yet
    TIMED = "timed"  #: its cart waits
    ENDED = "ended"  #: its cart waits no more, and nothing came of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One delivery, or the reason why there is none."""

    kind: str
    locale: str
    origin: str
    partial: str
    flow: str  #: its number; "" when none was chosen
    flow_name: str
    why: str
    state: State | BeforeDelivery
    attempts: Sequence[str]
    reason: str
    fix: str
    letters: Sequence[Letter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A row of the page."""

    id: int
    at: str
    store: str
    event: str
    title: str
    buyer: str
    locale: str
    is_repeat: bool
    topic: str
    status: int | None
    took_ms: int
    tries: int
    answer: str
    reading: str  #: what the app made of the webhook when no event came of it
    fix: str
    steps: Sequence[Step]

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will come of it by itself, but for a cart's clock."""
        if not self.steps:
            return bool(self.reading) or self.status != HTTPStatus.OK
        return all(step.state not in (State.WAITING, State.SENDING, BeforeDelivery.PLANNING) for step in self.steps)

    @property
    def summary(self) -> str:
        """The row in one sentence, for those who listen."""
        ends = [
            f"{step.kind} {step.state}{f' by flow {step.flow_name or step.flow}' if step.flow else ''}" for step in self.steps
        ]
        return f"{self.title} for {self.buyer}: {'; '.join(ends) or self.reading or self.answer}."

    def document(self) -> dict[str, Any]:
        return asdict(self) | {"summary": self.summary, "is_settled": self.is_settled}


class Tracer:
    """Puts together what the courier, the app and the pretend SendPulse know."""

    def __init__(
        self,
        store: SqlStore,
        platforms: Mapping[str, Platform],
        sendpulse: PretendSendPulse,
        pictures: Mapping[str, str],
    ) -> None:
        self._store, self._platforms, self._sendpulse, self._pictures = store, platforms, sendpulse, pictures
        self._store_reader = StoreReader(store)

    def traces(self, fired: Sequence[Fired]) -> list[Trace]:
        """Newest first, as they came."""
        known = _Known(
            letters=Letters(self._sendpulse.mails(), self._pictures),
            flow_names={flow.id: flow.name for flow in self._sendpulse.engine().flows},
        )
        return [self._trace(one, known) for one in fired]

    def _trace(self, fired: Fired, known: "_Known") -> Trace:
        last = fired.tries[-1] if fired.tries else None
        seen = self._seen(fired)
        steps = [step for event in seen.events for step in _steps(event, known)] if seen else []
        if seen and fired.event == EventKind.CART_ABANDONED:
            steps += _not_abandoned(seen)
        reading, fix = _reading(seen, steps)
        return Trace(
            id=fired.id,
            at=f"{fired.fired_at:%H:%M:%S}",
            store=fired.store,
            event=fired.event,
            title=SANDBOX_KINDS[EventKind(fired.event)].label,
            buyer=fired.buyer,
            locale=fired.locale,
            is_repeat=fired.is_repeat,
            topic=fired.topic,
            status=fired.status,
            took_ms=last.took_ms if last else 0,
            tries=len(fired.tries),
            answer=_answer(fired),
            reading=reading,
            fix=fix,
            steps=steps,
        )

    def _seen(self, fired: Fired) -> SeenWebhook | None:
        """What the app stored of it. Its key is what the platform makes of the request, as it did when it came."""
        if fired.status != HTTPStatus.OK:
            return None
        try:
            verified = self._platforms[fired.store].verify(fired.request, self._store.shops)
        except PluginError:  # the app itself has said so with its answer, which the row shows
            return None
        return self._store_reader.webhook(verified.shop.id, verified.key, cart=fired.subject if fired.is_cart else "")


def _answer(fired: Fired) -> str:
    if fired.note:
        return fired.note
    if not fired.tries:
        return "on its way"
    last = fired.tries[-1]
    if last.status is None:
        return f"the app did not answer ({last.note})"
    return ANSWERS.get(last.status, "an unexpected answer")


def _reading(seen: SeenWebhook | None, steps: Sequence[Step]) -> tuple[str, str]:
    if seen is None or steps:
        return "", ""
    if seen.reason:
        return seen.reason, seen.fix
    if seen.state is WebhookState.WAITING:
        return "", ""
    return "The app knows this event already, so nothing is sent twice.", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the pretend SendPulse knows."""

    letters: Letters
    flow_names: Mapping[int, str]


def _steps(seen: SeenEvent, known: _Known) -> list[Step]:
    step = _maker(seen)
    if not seen.deliveries:
        moved = step(state=BeforeDelivery.TIMED, reason="The event only moved the cart's clock.")
        steps = [moved if seen.state is EventState.TIMED else step(state=BeforeDelivery.PLANNING)]
    else:
        steps = [step(**_delivered(delivery, known)) for delivery in seen.deliveries]
    if seen.timer_due_at:
        reason = f"Sent after {_clock(seen.timer_due_at)} UTC, if nothing is bought until then."
        steps.append(step(kind=EventKind.CART_ABANDONED.value, state=BeforeDelivery.TIMED, reason=reason))
    return steps


def _not_abandoned(seen: SeenWebhook) -> list[Step]:
    """Why a cart that was left alone does not become an event."""
    is_waiting = any(event.timer_due_at or event.event.kind is EventKind.CART_ABANDONED for event in seen.events)
    is_planned = all(event.deliveries for event in seen.events)
    if is_waiting or not seen.events or not is_planned:
        return []
    reason = "This cart does not wait: its buyer has bought something since it was left, or nobody is there to write to."
    return [_maker(seen.events[0])(kind=EventKind.CART_ABANDONED.value, state=BeforeDelivery.ENDED, reason=reason)]


def _maker(seen: SeenEvent) -> Callable[..., Step]:
    """What all deliveries of one event have in common."""
    event = seen.event

    def step(**given: Any) -> Step:
        blank: dict[str, Any] = {"flow": "", "flow_name": "", "why": "", "attempts": (), "reason": "", "fix": "", "letters": ()}
        shared = {
            "kind": event.kind.value,
            "locale": event.locale.raw or "none",
            "origin": ORIGINS[event.locale.origin],
            "partial": " ".join(sentences(event.partial)),
        }
        return Step(**(blank | shared | given))

    return step


def _delivered(seen: SeenDelivery, known: _Known) -> dict[str, Any]:
    logged = seen.logged
    return {
        "state": logged.state,
        "flow": str(logged.automation_id or ""),
        "flow_name": known.flow_names.get(logged.automation_id or 0, ""),
        "why": logged.rule,
        "attempts": [_attempt(attempt) for attempt in logged.attempts],
        "reason": _next_try(logged) or logged.reason,
        "fix": logged.fix,
        "letters": known.letters.of(seen.body) if seen.body else (),
    }


def _next_try(logged: LoggedDelivery) -> str:
    """When a waiting delivery is sent again; why it has to be stands beside its last attempt."""
    if logged.state is not State.WAITING or not logged.attempts or not logged.due_at:
        return ""
    return f"The next try is at {_clock(logged.due_at)} UTC."


def _attempt(attempt: LoggedAttempt) -> str:
    if not attempt.verdict:
        return f"attempt {attempt.number}: under way"
    word = attempt.verdict.replace("_", " ")
    status = f"HTTP {attempt.status}, " if attempt.status else ""
    reason = "" if attempt.verdict is Verdict.DELIVERED else f" {attempt.reason}"
    return f"attempt {attempt.number}: {status}{word} in {attempt.took_ms} ms.{reason}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S}"
