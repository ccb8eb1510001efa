"""A delivery in the words of its merchant: times of the store's clock, the flow's name, what to do next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from plugin.domain.delivery import State, Verdict
from plugin.domain.event import sentences
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.ports import DeliveryStory, LoggedAttempt, LogRow, Shops
from plugin.web.event_texts import title as title_of
from plugin.web.flow_names import flow_names
from plugin.web.i18n import gettext as _
from plugin.web.moments import Moment, moment

VERSIONS: Final = 10  #: of the settings, in which the name of a deleted flow is looked for


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
    reason: str  #: why it is in this state, as it is stored
    part: int

    @property
    def is_moving(self) -> bool:
        """Whether its state changes by itself."""
        return self.state in (State.WAITING, State.SENDING)

    @property
    def is_sendable(self) -> bool:
        return not self.is_moving


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a delivery."""

    title: str
    when: Moment | None
    texts: Sequence[str] = ()  #: as they are stored, in English
    topic: str = ""  #: what the store calls it
    answer: str = ""
    note: str = ""
    mark: str = ""  #: good or bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Presenter:
    """Describes one shop's deliveries."""

    zone: ZoneInfo
    flows: Mapping[int, str]
    former: Mapping[int, str] = field(default_factory=dict)  #: flows the settings knew before, as far as they are asked for

    def row(self, found: LogRow) -> Row:
        return Row(
            id=found.id, when=self._at(found.created_at), title=title_of(found.kind),
            about=found.order_number or found.product, buyer=found.buyer, locale=found.locale,
            flow=self.flow(found.automation_id), state=found.state, reason=found.reason, part=found.part,
        )  # fmt: skip

    def flow(self, number: int | None) -> str:
        if not number:
            return ""
        if number in self.flows or not self.former.get(number):
            return f"{number} {self.flows.get(number, '')}".strip()
        return _("%(flow)s (deleted)", flow=f"{number} {self.former[number]}")

    def steps(self, story: DeliveryStory) -> list[Step]:
        """What happened before anything was sent."""
        return [self._received(story), self._understood(story), self._routed(story)]

    def attempts(self, story: DeliveryStory) -> list[Step]:
        """Each time it was sent, with what SendPulse answered."""
        return [self._tried(attempt) for attempt in story.attempts]

    def next_at(self, story: DeliveryStory) -> Moment | None:
        return self._at(story.due_at) if story.state is State.WAITING and story.due_at else None

    def _received(self, story: DeliveryStory) -> Step:
        if not story.received_at:
            return Step(title=_("Detected by this app"), when=self._at(story.translated_at, seconds=True))
        return Step(title=_("Received from your store"), when=self._at(story.received_at, seconds=True), topic=story.topic)

    def _understood(self, story: DeliveryStory) -> Step:
        title = _("Recognized as %(event)s", event=title_of(story.kind))
        return Step(title=title, when=self._at(story.translated_at, seconds=True), texts=sentences(story.partial))

    def _routed(self, story: DeliveryStory) -> Step:
        when = self._at(story.created_at, seconds=True)
        if story.rule:
            flow = self.flow(story.automation_id)
            title = _("Flow %(flow)s was chosen", flow=flow) if flow else _("No flow was chosen")
            return Step(title=title, when=when, texts=[story.rule])
        return Step(title=_("Nothing was sent"), when=when, texts=[story.reason, story.fix])

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
            texts=[attempt.reason, attempt.fix], answer=attempt.answer, note=note, mark=mark,
        )  # fmt: skip

    def _at(self, at: datetime, *, seconds: bool = False) -> Moment:
        return moment(at, self.zone, seconds=seconds)


def presenter_for(shop: Shop, settings: ShopSettings, *, former: Mapping[int, str] | None = None) -> Presenter:
    return Presenter(zone=settings.zone(shop), flows=flow_names(settings), former=former or {})


def former_flow_names(shops: Shops, shop_id: int, numbers: Collection[int]) -> dict[int, str]:
    """What these flows were called when the settings last knew them, as far as some versions tell."""
    newest = shops.settings_version(shop_id)
    wanted, found = set(numbers), dict[int, str]()
    for version in range(newest.number - 1, max(0, newest.number - 1 - VERSIONS), -1) if newest and wanted else ():
        before = shops.settings_version(shop_id, version)
        for flow in before.document.get("flows", ()) if before else ():
            number, name = flow.get("automation_id"), flow.get("name") or flow.get("locale")
            if number in wanted - set(found) and name:
                found[number] = str(name)
        if wanted <= set(found):
            break
    return found
