"""What would be sent: the flow with its reason and the very bytes, for a made-up event or a past one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from plugin.domain import own
from plugin.domain.audit import Deed
from plugin.domain.delivery import Hold, Skip
from plugin.domain.errors import GiveUp, Unreadable
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.own import looked_for
from plugin.domain.payload import read_json
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.walking import SettingsError
from plugin.ports import PastEvent
from plugin.upkeep.send_test import made_up_event, preview
from plugin.web.auditing import noted
from plugin.web.event_texts import title
from plugin.web.forms.settings import field_message
from plugin.web.moments import moment
from plugin.web.services import services
from plugin.web.visit import visit
from plugin.web.wire_preview import WirePreview, wire_preview

EXAMPLE_EMAIL = "buyer@example.com"
PAST_EVENTS: Final = 20  #: past events to choose from, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What would become of one event."""

    bodies: tuple[WirePreview, ...] = ()
    flow: str = ""  #: its number and name
    reason: str = ""  #: why this flow, or why nothing is sent
    fix: str = ""
    lacks: tuple[str, ...] = ()  #: which lines and variables are not sent, and why
    errors: tuple[str, ...] = ()  #: the settings as typed cannot be used yet


def made_up(kind: EventKind, *, locale: str = "", email: str = EXAMPLE_EMAIL) -> StoreEvent:
    shop, settings = visit().shop, visit().settings
    wanted = locale or settings.store.default_locale or shop.locale
    event = made_up_event(kind, shop, email=email, locale=wanted, now=services().now())
    return replace(event, own=own.made_up(looked_for(settings.variables, kind)))


def past(kind: EventKind | None = None) -> list[tuple[str, str]]:
    """The newest real events, of this kind or of any: their number, and how a merchant recognises them."""
    return [(str(each.id), _description(each, kind)) for each in _newest(kind)]


def past_event(number: str, kind: EventKind | None = None) -> StoreEvent | None:
    """The one of them that was chosen, with an audit line of who looked; None when it is not among the newest any more."""
    found = next((each for each in _newest(kind) if str(each.id) == number), None)
    if found is None:
        return None
    noted(Deed.EVENT_PREVIEWED, event=found.id)
    return _with_own(found)


def _with_own(found: PastEvent) -> StoreEvent:
    """With what its webhook has for the variables as they are now, while that is kept; else with what was found then."""
    wanted = looked_for(visit().settings.variables, found.event.kind)
    body = services().store.events.body_of(visit().shop.id, found.id) if wanted else None
    try:
        return replace(found.event, own=own.found(wanted, read_json(body, "webhook"))) if body else found.event
    except Unreadable:
        return found.event


def _newest(kind: EventKind | None) -> Sequence[PastEvent]:
    return services().store.events.past(visit().shop.id, kind, limit=PAST_EVENTS)


def _description(each: PastEvent, kind: EventKind | None) -> str:
    event, when = each.event, moment(each.event.happened_at, visit().zone).text
    order = event.basket.order_number if event.basket else ""
    words = ["" if kind else title(event.kind), order, when, event.locale.raw]
    return ", ".join(filter(None, words))


def sample(event: StoreEvent, settings: ShopSettings | Sequence[SettingsError]) -> Sample:
    """The event as these settings would send it; nothing is stored or sent."""
    if not isinstance(settings, ShopSettings):
        return Sample(errors=tuple(field_message(error.message) for error in settings))
    ours, shop = services(), visit().shop
    try:
        answer = preview(event, shop, settings, write_bodies=ours.write_bodies, short_link=ours.short_link)
    except GiveUp as error:
        return Sample(reason=str(error))
    if isinstance(answer, Skip | Hold):
        return Sample(reason=answer.reason, fix=answer.fix)
    choice, bodies = answer
    number = str(choice.automation_id or "")
    name = next((flow.name for flow in settings.table.flows if flow.automation_id == choice.automation_id), "")
    previews = tuple(wire_preview(choice.route.send, body.text) for body in bodies)
    lacks = tuple(dict.fromkeys(why for body in bodies for why in (body.lacks, *body.left_out) if why))
    return Sample(bodies=previews, flow=" ".join(filter(None, [number, name])), reason=choice.rule, lacks=lacks)
