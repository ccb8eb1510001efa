"""The third step: the flow of each language, and of each event whose letter must be another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.locale import best
from plugin.domain.routing import NoMatchPolicy, Route, Send
from plugin.domain.settings import ShopSettings
from plugin.upkeep.edit import LOOKED_BACK
from plugin.upkeep.unmapped import seen_locales
from plugin.web import matrix_views as shown
from plugin.web.forms.languages import LanguagesForm
from plugin.web.forms.matrix import DEFAULT, Matrix, Row, asking, read_matrix, stored_matrix
from plugin.web.i18n import gettext as _
from plugin.web.pages.setup.choosing import FIRST
from plugin.web.services import services
from plugin.web.visit import visit

SKIP = "none"  #: the button that names no flows at all


def offered(settings: ShopSettings, own: Sequence[str]) -> Matrix:
    """The stored flows, and a row for each language that has none: seen, and the store's own."""
    seen = seen_locales(services().store, visit().shop.id, since=services().now() - LOOKED_BACK)
    found = shown.with_offered(stored_matrix(settings.table), settings, seen, own)
    columns = dict.fromkeys((*found.columns, *own_events(settings)))
    ordered = [column for column in (DEFAULT, *EventKind) if column in columns]
    return replace(found, columns=ordered, rows=found.rows or [Row()])


def view(matrix: Matrix, settings: ShopSettings, errors: Mapping[str, str]) -> shown.MatrixView:
    """The matrix as the page shows it."""
    seen = seen_locales(services().store, visit().shop.id, since=services().now() - LOOKED_BACK)
    return shown.view(matrix, settings, seen, errors, visit().kinds)


def read(matrix: Matrix, settings: ShopSettings) -> LanguagesForm:
    """The flows as typed; an error beside each cell that misses its choice."""
    draft = LanguagesForm()
    read_matrix(draft, matrix, (*asking(settings.table), *own_events(settings)))
    if not draft.flows and not draft.errors:
        draft.errors["flow-0"] = _("Choose a flow for at least one language, or skip this step below.")
    return draft


def unmatched(draft: LanguagesForm, settings: ShopSettings, default: str) -> Mapping[str, Any]:
    """What buyers get whose language has no flow: the flow of the store's language, or nothing yet where that is an order's."""
    ours = {flow["locale"]: flow["automation_id"] for flow in reversed(draft.flows) if "event" not in flow}
    match = best(default, tuple(ours))
    if not ours or holds(settings):
        return {"policy": NoMatchPolicy.HOLD.value}
    number = ours[match.offered] if match else next(reversed(ours.values()))
    return {"policy": NoMatchPolicy.DEFAULT_FLOW.value, "automation_id": number}


def holds(settings: ShopSettings) -> bool:
    """Whether some events must not get the default flow's letter."""
    return bool(asking(settings.table) or own_events(settings))


def skipped(settings: ShopSettings) -> LanguagesForm:
    """No flows; refused where SendPulse would then start an order's flows for a cart or a customer."""
    draft = LanguagesForm()
    families: dict[str, set[Family]] = {}
    for kind, route in settings.table.routes.items():
        if route.enabled:
            families.setdefault(_address(route), set()).add(KINDS[kind].family)
    if any(len(found) > 1 for found in families.values()):
        draft.errors["policy"] = _(
            "Orders, carts and customers share one event in SendPulse, which would start every flow for each of them. "
            "Choose flows here, or give each its own event in step 2."
        )
    return draft


def own_events(settings: ShopSettings) -> list[EventKind]:
    """The order events with an event of their own in SendPulse, which starts no flow of the default's event."""
    on = [route for kind, route in settings.table.routes.items() if route.enabled and KINDS[kind].family is Family.ORDER]
    first = next((route for route in on if route.kind is FIRST), on[0] if on else None)
    return [route.kind for route in on if first and _is_other(route, first)]


def _is_other(route: Route, first: Route) -> bool:
    """A name and a URL may be those of one event."""
    is_same_way = (route.send is Send.NAME) == (first.send is Send.NAME)
    return is_same_way and _address(route) != _address(first)


def _address(route: Route) -> str:
    return route.event_name if route.send is Send.NAME else route.event_url.reveal() if route.event_url else ""


def is_chosen(settings: ShopSettings, *, has_rule: bool) -> bool:
    """Whether every flow was chosen that must be: none is missing for a cart or a customer."""
    return (has_rule or bool(settings.table.flows)) and not missing(settings)


def missing(settings: ShopSettings) -> list[EventKind]:
    """The events on which an order's flow would serve because nobody chose another."""
    draft = LanguagesForm()
    read_matrix(draft, stored_matrix(settings.table), asking(settings.table))
    return [kind for kind in asking(settings.table) if any(name.endswith(f"-{kind}") for name in draft.errors)]
