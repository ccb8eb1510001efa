"""Which flows an event starts that would take an order's letter: asked on its page before it is switched on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from plugin.domain.kinds import EventKind
from plugin.domain.routing import Flow, RouteTable
from plugin.domain.settings.editing import Document, with_event
from plugin.web import i18n
from plugin.web.event_texts import Option
from plugin.web.forms.languages import LanguagesForm, read_flow_of
from plugin.web.forms.matrix import inheriting, is_wary
from plugin.web.i18n import gettext as _
from plugin.web.language_names import name_in

OWN: Final = "own"
SAME: Final = "same"
CHOICE: Final = "own_flows"  #: the field of the choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A flow for every event, which this kind would take."""

    flow: Flow
    field: str  #: where another flow is entered
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFlows:
    """What was chosen, as rows of the settings file."""

    rows: list[Mapping[str, Any]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def asked(table: RouteTable, kind: EventKind) -> list[Asked]:
    """The flows that need an answer; none for an order's events, whose letters they are."""
    flows = inheriting(table.flows, kind) if is_wary(kind) else []
    return [Asked(flow=flow, field=f"flow-of-{flow.locale}", language=_named(flow.locale)) for flow in flows]


def _named(locale: str) -> str:
    return i18n.said(f"{name_in(locale, i18n.locale())} ({locale})")


def choices() -> list[Option]:
    return [
        (OWN, _("Their own flows"), _("Enter one for each language here. You can change them on the Languages page.")),
        (SAME, _("The same flows as every other event"), _("Buyers then get the emails of your default flows.")),
    ]


def read(typed: Mapping[str, str], asked: Sequence[Asked], kind: EventKind) -> OwnFlows:
    """The rows this choice makes; without one, or with a language left out, what is missing stands beside its field."""
    found = OwnFlows()
    if not asked or typed.get("enabled") != "on":
        return found
    choice = typed.get(CHOICE, "")
    if choice not in (OWN, SAME):
        found.errors[CHOICE] = _(
            "Choose which flows these events start. Otherwise buyers get the emails of your default flows."
        )
        return found
    for each in asked:
        row: dict[str, Any] = {"locale": each.flow.locale, "automation_id": each.flow.automation_id.number, "event": kind.value}
        if choice == OWN:
            draft = LanguagesForm(errors=found.errors, notes=found.notes)
            read_flow_of(draft, row, each.field, typed.get(each.field, ""))
        found.rows.append(row)
    return found


def with_own_flows(
    document: Document, kind: EventKind, event: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> Document:
    """The file with this event and these flows."""
    changed = with_event(document, kind, event)
    return {**changed, "flows": [*document.get("flows", []), *rows]} if rows else changed
