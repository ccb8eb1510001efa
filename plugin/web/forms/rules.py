"""The merchant's rules as typed, as a part of the settings file; a row can be moved, removed and taken back before saving."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from plugin.domain.routing import RouteTable, Rule
from plugin.domain.settings.file import SettingsRefused, read_settings_file
from plugin.domain.settings.reading import VERSION
from plugin.turns import giving_way
from plugin.web.forms.languages import LanguagesForm, Row, numbers_of, read_flow_of
from plugin.web.i18n import gettext as _

ASKS: Final = ("channel", "country", "event")
CELLS: Final = (*ASKS, "gives", "flow", "name", "state")
ROW: Final = re.compile(r"rule-state-([0-9]{1,4})")
SENT: Final = "rules"  #: the field of a page with rules; where it is missing, those of the settings stay

FLOW: Final = "flow:"  #: `gives` of a flow that the settings know, before its number
LOCALE: Final = "locale:"  #: `gives` of a language, before its tag
ANOTHER: Final = "another"  #: `gives` of the flow whose number stands in the field beside it

OPEN: Final = "open"  #: `state` of a row whose fields are shown, however many rows there are
GONE: Final = "gone"  #: `state` of a row that will not be saved
BLANK: Final[Row] = dict.fromkeys(CELLS, "") | {"state": OPEN}


def typed_rules(typed: Mapping[str, str]) -> list[Row]:
    """The rows that were sent, removed and empty ones too."""
    numbers = giving_way(numbers_of(typed, ROW))
    return [{cell: typed.get(f"rule-{cell}-{number}", "") for cell in CELLS} for number in numbers]


def stored_rules(table: RouteTable) -> list[Row]:
    return [_stored(rule) for rule in giving_way(table.rules)]


def _stored(rule: Rule) -> Row:
    gives = f"{FLOW}{rule.automation_id}" if rule.automation_id else f"{LOCALE}{rule.locale}"
    asks = {"channel": rule.channel, "country": rule.country, "event": rule.event or ""}
    return {**BLANK, **asks, "gives": gives, "name": rule.name, "state": ""}


# ------------------------------------------------------------------ rearranging


def is_rearranged(typed: Mapping[str, str]) -> bool:
    """Whether a row was added, moved, removed, taken back or opened, and nothing is to be saved yet."""
    return any(f"rule-{deed}" in typed for deed in ("add", "up", "down", "remove", "back", "change"))


def rearranged(typed: Mapping[str, str]) -> tuple[list[Row], str]:
    """The rows as they stand after that, and where the merchant goes on: the id of a field or a button."""
    rows = typed_rules(typed)
    if "rule-add" in typed:
        return [*rows, BLANK], f"rule-channel-{len(rows)}"
    for deed, state, goes_on in (
        ("remove", GONE, "rule-back"),
        ("back", OPEN, "rule-channel"),
        ("change", OPEN, "rule-channel"),
    ):
        if (number := _number(typed.get(f"rule-{deed}", ""), rows)) is not None:
            rows[number] = {**rows[number], "state": state}
            return rows, f"{goes_on}-{number}"
    for deed, step in (("up", -1), ("down", 1)):
        number = _number(typed.get(f"rule-{deed}", ""), rows)
        if number is not None and 0 <= number + step < len(rows):
            rows[number], rows[number + step] = rows[number + step], rows[number]
            return rows, f"rule-{deed}-{number + step}"
    return rows, ""


def _number(text: str, rows: Sequence[Row]) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) and int(text) < len(rows) else None


# ------------------------------------------------------------------ reading


def read_rules(draft: LanguagesForm, typed: Mapping[str, str]) -> None:
    """Put the rules that were sent into the draft; a row with nothing in it is left out, as is one that was removed."""
    for number, row in enumerate(giving_way(typed_rules(typed))):
        if row["state"] != GONE and any(row[cell].strip() for cell in CELLS if cell != "state"):
            _read(draft, draft.rules, number, row)


def _read(draft: LanguagesForm, rules: list[dict[str, Any]], number: int, row: Row) -> None:
    rule, flow_field = _asked(row), f"rule-gives-{number}"
    if locale := _locale(row):
        rule["locale"] = locale
    elif row["gives"].startswith(FLOW):
        read_flow_of(draft, rule, flow_field, row["gives"].removeprefix(FLOW))
    elif row["gives"] == ANOTHER or row["flow"].strip():
        flow_field = f"rule-flow-{number}"
        read_flow_of(draft, rule, flow_field, row["flow"])
    else:
        draft.errors[flow_field] = _("Choose the flow or the language for this rule.")
    path = f"$.rules[{len(rules)}]"
    draft.names.update({f"{path}.{cell}": f"rule-{cell}-{number}" for cell in (*ASKS, "name")})
    draft.names.update({path: f"rule-channel-{number}", f"{path}.automation_id": flow_field})
    draft.names[f"{path}.locale"] = f"rule-gives-{number}"
    rules.append(rule)


def _asked(row: Row) -> dict[str, Any]:
    return {cell: row[cell].strip() for cell in (*ASKS, "name") if row[cell].strip()}


def _locale(row: Row) -> str:
    return row["gives"].removeprefix(LOCALE).strip() if row["gives"].startswith(LOCALE) else ""


def rule_in(row: Row) -> Rule | None:
    """The rule a row would be saved as; None when it would not, or cannot be."""
    draft = LanguagesForm()
    read_rules(draft, {f"rule-{cell}-0": row[cell] for cell in CELLS})
    if draft.errors or not draft.rules:
        return None
    try:
        return read_settings_file({"version": VERSION, "rules": draft.rules}).table.rules[0]
    except SettingsRefused:
        return None
