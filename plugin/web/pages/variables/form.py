"""One variable of the merchant's as typed, as a part of the settings file."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from plugin.domain.kinds import EventKind
from plugin.domain.own import NAME, OURS, RESERVED, OwnType, OwnVariable, date_of
from plugin.domain.settings.editing import Document, place_of_variable
from plugin.web.forms.settings import whole_number
from plugin.web.i18n import gettext as _
from plugin.web.visit import visit

_KIND: Final = "kind-"  #: begins the name of each kind's tick
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SAYS_NOTHING: Final = frozenset({"value", "values"})
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?", re.ASCII)
LONGEST_READ: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableForm:
    """One variable as typed."""

    variable: Mapping[str, Any]
    errors: dict[str, str] = field(default_factory=dict)


def form_from(typed: Mapping[str, str], names: Collection[str]) -> VariableForm:
    """The variable in these fields; `names` are those of the others."""
    name, type = typed.get("name", "").strip(), typed.get("type", "")
    variable: dict[str, Any] = {"name": name, "type": type}
    errors: dict[str, str] = {}
    if not name:
        errors["name"] = _("Enter a name, such as gift_note.")
    elif name in names:
        errors["name"] = _("Another variable already has this name.")
    if typed.get("source") == "value":
        variable["value"] = _constant(typed.get("value", "").strip(), type)
        if not variable["value"]:
            errors["value"] = _("Enter what to send.")
    else:
        variable["path"] = typed.get("path", "").strip()
        if not variable["path"]:
            errors["path"] = _("Choose a field below.")
    if typed.get("each") == "some":
        variable["events"] = [kind.value for kind in EventKind if typed.get(f"{_KIND}{kind.value}") == "on"]
        if not variable["events"]:
            errors["each"] = _("Select at least one event, or choose every event.")
    return VariableForm(variable=variable, errors=errors)


def places(document: Document, was: str) -> dict[str, str]:
    """Which field a path of the settings stands in."""
    path = f"$.variables[{place_of_variable(document, was)}]"
    names = {f"{path}.{name}": name for name in ("name", "type", "value", "path")}
    return names | {f"{path}.events": "each", "$.variables": "name"}


def stored_values(variable: OwnVariable | None) -> dict[str, str]:
    """What stands in the fields before anything is typed."""
    if variable is None:
        return {"was": "", "name": "", "type": OwnType.TEXT, "source": "path", "value": "", "path": "", "each": "all"}
    return {
        "was": variable.name, "name": variable.name, "type": variable.type, "path": variable.path,
        "source": "path" if variable.value is None else "value", "each": "some" if variable.kinds else "all",
        "value": "" if variable.value is None else str(variable.value),
        **{f"{_KIND}{kind.value}": "on" for kind in variable.kinds},
    }  # fmt: skip


def proposed_name(names: Sequence[str]) -> str:
    """A name for the field below these, made of its own and, where that is taken, of those above it."""
    words: list[str] = []
    for name in reversed([name for name in names if name.lower() not in _SAYS_NOTHING]):
        words = [*(word.lower() for word in _WORD.findall(name[:LONGEST_READ])), *words]
        text = "_".join(words)[:64]
        if NAME.fullmatch(text) and text not in OURS | RESERVED | {"id"}:
            return text
    return "_".join(("my", *words))[:64]


def proposed_type(text: str) -> OwnType:
    """What a value seems to be: a number has no leading zeros or plus, which phones and codes have."""
    if _NUMBER.fullmatch(text[:LONGEST_READ]):
        return OwnType.NUMBER
    return OwnType.DATE if date_of(text[:LONGEST_READ], visit().zone) else OwnType.TEXT


def _constant(text: str, type: str) -> str | int:
    """A whole number as the settings file writes one; anything else stays as it is."""
    return whole_number(text) if type == OwnType.NUMBER else text
