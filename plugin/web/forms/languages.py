"""The table of languages and flows as typed, as a part of the settings file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from flask import abort

from plugin.domain.routing import NoMatchPolicy, RouteTable
from plugin.domain.settings.pasted import Pasted, read_as, read_flow
from plugin.domain.settings.values import Wrong
from plugin.domain.settings.walking import MOST_ITEMS
from plugin.turns import giving_way
from plugin.web.forms.account_flows import NotOneFlow, flow_called
from plugin.web.forms.settings import field_message
from plugin.web.i18n import gettext as _
from plugin.web.reasons import translated

CELLS = ("locale", "flow", "name", "event")
MOST_ROWS: Final = 2 * MOST_ITEMS  #: of one table: as many as are stored, each removed, and as many new ones
ROW = re.compile(r"locale-([0-9]{1,4})")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagesForm:
    """The whole page as typed."""

    flows: list[dict[str, Any]] = field(default_factory=list)
    no_match: dict[str, Any] = field(default_factory=dict)
    rules: list[dict[str, Any]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  #: which field a path of the settings stands in


def typed_rows(typed: Mapping[str, str]) -> list[Row]:
    """The rows that were sent, empty ones too."""
    return [{cell: typed.get(f"{cell}-{number}", "") for cell in CELLS} for number in numbers_of(typed, ROW)]


def numbers_of(typed: Mapping[str, str], row: re.Pattern[str]) -> list[int]:
    """Those of the rows that were sent, in their order; refuses more than anybody has: each comes back as a part of a page."""
    numbers = sorted({int(match[1]) for name in typed if (match := row.fullmatch(name))})
    if len(numbers) > MOST_ROWS:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return numbers


def stored_rows(table: RouteTable) -> list[Row]:
    return [
        {"locale": flow.locale, "flow": str(flow.automation_id), "name": flow.name, "event": flow.event or ""}
        for flow in table.flows
    ]


def form_from(typed: Mapping[str, str]) -> LanguagesForm:
    """The flows in these rows; a row with nothing in it is left out."""
    draft = policy_from(typed)
    for number, row in enumerate(giving_way(typed_rows(typed))):
        if any(row[cell].strip() for cell in ("locale", "flow", "name")):
            _read_row(draft, number, row)
    return draft


def policy_from(typed: Mapping[str, str]) -> LanguagesForm:
    """What was chosen for languages without a flow."""
    draft = LanguagesForm()
    policy = typed.get("policy", "")
    draft.no_match["policy"] = policy
    if policy == NoMatchPolicy.DEFAULT_FLOW:
        read_flow_of(draft, draft.no_match, "default_flow", typed.get("default_flow", ""))
    draft.names.update({"$.no_match.automation_id": "default_flow", "$.no_match.policy": "policy"})
    return draft


def _read_row(draft: LanguagesForm, number: int, row: Row) -> None:
    flow: dict[str, Any] = {}
    if row["locale"].strip():
        flow["locale"] = row["locale"].strip()
    else:
        draft.errors[f"locale-{number}"] = _("Enter the language, such as en or pt-BR, or clear the row to remove it.")
    read_flow_of(draft, flow, f"flow-{number}", row["flow"])
    flow |= {cell: row[cell].strip() for cell in ("name", "event") if row[cell].strip()}
    path = f"$.flows[{len(draft.flows)}]"
    draft.names.update({f"{path}.{cell}": f"{cell}-{number}" for cell in CELLS} | {f"{path}.automation_id": f"flow-{number}"})
    draft.flows.append(flow)


def read_flow_of(draft: LanguagesForm, target: dict[str, Any], name: str, typed: str) -> None:
    """Put the flow that was typed into this field where it belongs, or what is wrong with it beside the field."""
    try:
        pasted = _flow_of(typed)
    except Wrong as error:
        draft.errors[name] = field_message(error.said)
        return
    except NotOneFlow as error:
        draft.errors[name] = str(error)
        return
    target["automation_id"] = int(pasted.value)
    if pasted.said:
        draft.notes[name] = translated(pasted.said)


def _flow_of(typed: str) -> Pasted:
    """The flow whose number or address this is, else the account's flow of this name."""
    try:
        return read_flow(typed)
    except Wrong:
        if (number := flow_called(typed)) is None:
            raise
        return Pasted(value=str(number), said=read_as(str(number)))


def with_row_numbers(errors: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Messages that name a place in the settings file, naming the row of the table instead."""
    rows = [name.rpartition("-")[2] for name in names]

    def row(match: re.Match[str]) -> str:
        index = int(match[1])
        return _("row %(row)s", row=int(rows[index]) + 1 if index < len(rows) else index + 1)

    return {name: re.sub(r"\$\.flows\[(\d+)\]", row, message) for name, message in errors.items()}
