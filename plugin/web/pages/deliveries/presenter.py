"""A delivery in the words of its merchant: times of the store's clock, the flow's name, what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plugin.domain.delivery import State, Verdict
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.ports import DeliveryStory, LoggedAttempt, LogRow
from plugin.web.i18n import gettext as _
from plugin.web.pages.events import words

LEAVES_AGAIN = (State.FAILED, State.DELIVERED)  #: the same body once more
DECIDED_ANEW = (State.HELD, State.SKIPPED)
SENDABLE = (State.FAILED, State.HELD, State.SKIPPED, State.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time, as it is shown and as a machine reads it."""

    shown: str
    exact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One delivery in the list."""

    id: int
    when: Moment
    title: str  #: what happened
    about: str  #: the order's number, else the first product
    buyer: str  #: masked
    locale: str
    flow: str
    state: State
    told: str  #: why it stands there, as it is stored
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a delivery, with what is said of it."""

    title: str
    when: Moment | None
    told: Sequence[str] = ()  #: as it is stored, in English
    named: str = ""  #: in the store's own words
    answer: str = ""
    note: str = ""
    mark: str = ""  #: good or bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Presenter:
    """Tells one shop's deliveries."""

    zone: ZoneInfo
    flows: Mapping[int, str]

    def row(self, found: LogRow) -> Row:
        return Row(
            id=found.id, when=self._at(found.created_at), title=words.title(found.kind),
            about=found.order_number or found.product, buyer=found.buyer, locale=found.locale,
            flow=self.flow(found.automation_id), state=found.state, told=found.reason, part=found.part,
        )  # fmt: skip

    def flow(self, number: int | None) -> str:
        return f"{number} {self.flows.get(number, '')}".strip() if number else ""

    def steps(self, story: DeliveryStory) -> list[Step]:
        """From the webhook to the last answer."""
        return [self._received(story), self._understood(story), self._routed(story), *map(self._tried, story.attempts)]

    def next_at(self, story: DeliveryStory) -> Moment | None:
        return self._at(story.due_at) if story.state is State.WAITING and story.due_at else None

    def _received(self, story: DeliveryStory) -> Step:
        if not story.received_at:
            return Step(
                title=_("This app noticed it by itself: a wait was over"), when=self._at(story.translated_at, seconds=True)
            )
        return Step(title=_("The store sent word"), when=self._at(story.received_at, seconds=True), named=story.topic)

    def _understood(self, story: DeliveryStory) -> Step:
        title = _("Understood as: %(event)s", event=words.title(story.kind))
        return Step(title=title, when=self._at(story.translated_at, seconds=True))

    def _routed(self, story: DeliveryStory) -> Step:
        when = self._at(story.created_at, seconds=True)
        if story.rule:
            flow = self.flow(story.automation_id)
            title = _("Flow %(flow)s was chosen", flow=flow) if flow else _("No flow is named")
            return Step(title=title, when=when, told=[story.rule])
        return Step(title=_("Nothing was sent"), when=when, told=[story.reason, story.fix])

    def _tried(self, attempt: LoggedAttempt) -> Step:
        status, took = attempt.status, attempt.took_ms
        if not attempt.verdict:
            note = _("No answer yet.")
        elif status:
            note = _("Answer: %(status)s after %(ms)s ms.", status=status, ms=took)
        else:
            note = _("No answer after %(ms)s ms.", ms=took)
        mark = {None: "", Verdict.DELIVERED: "good"}.get(attempt.verdict, "bad")
        return Step(
            title=_("Attempt %(number)s", number=attempt.number), when=self._at(attempt.started_at, seconds=True),
            told=[attempt.reason, attempt.fix], answer=attempt.answer, note=note, mark=mark,
        )  # fmt: skip

    def _at(self, moment: datetime, *, seconds: bool = False) -> Moment:
        local = moment.astimezone(self.zone)
        return Moment(shown=local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"), exact=local.isoformat())


def teller(shop: Shop, settings: ShopSettings) -> Presenter:
    return Presenter(zone=settings.zone(shop), flows=flow_names(settings))


def flow_names(settings: ShopSettings) -> dict[int, str]:
    """The flows the settings know, each with the name or the language it has there."""
    table = settings.table
    named: dict[int, str] = {}
    for flow in table.flows:
        number = flow.automation_id.number
        named[number] = flow.name or ", ".join(filter(None, [named.get(number, ""), flow.locale]))
    for rule in table.rules:
        named.setdefault(rule.automation_id.number, rule.name)
    if table.no_match.automation_id:
        named.setdefault(table.no_match.automation_id.number, "")
    return named


def states() -> dict[State, str]:
    return {
        State.DELIVERED: _("Delivered"), State.FAILED: _("Failed"), State.HELD: _("Held"), State.SKIPPED: _("Skipped"),
        State.WAITING: _("Waiting"), State.SENDING: _("Sending"),
    }  # fmt: skip


def meaning(state: State) -> str:
    """What a state means to the merchant."""
    return {
        State.DELIVERED: _("SendPulse has it. Nothing needs doing."),
        State.FAILED: _("It was given up. Mend what is said below, then send it again."),
        State.HELD: _("It is kept until you decide. Mend what is said below, then send it again."),
        State.SKIPPED: _("It was decided not to send it. Change what is said below and send it again if it should leave."),
        State.WAITING: _("It leaves by itself when its turn comes."),
        State.SENDING: _("It is on its way this very moment."),
    }[state]


def again(state: State) -> str:
    """What sending again does to a delivery in this state; "" when it cannot be."""
    if state is State.DELIVERED:
        return _("SendPulse took it already: sent again, it starts the flow a second time.")
    if state is State.FAILED:
        return _("The same data leaves once more.")
    return _("It is decided anew, by your settings of today.") if state in DECIDED_ANEW else ""
