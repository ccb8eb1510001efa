"""Events as a merchant declares them, and events as they arrive."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import md5
from typing import Any, Final

LONGEST_STRING: Final = 255  #: https://sendpulse.com/knowledge-base/email-service/automation360/variable-mapping
CONTACT_KEYS: Final = ("email", "phone")


class Type(StrEnum):
    """The types a variable can have."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    STRUCTURE = "structure"


class Via(StrEnum):
    """How an event arrived."""

    JSON = "json"
    FORM = "form"
    MULTIPART = "multipart"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDefinition:
    """An event in the Events Manager: its address, its name and its declared variables."""

    account_id: int
    name: str
    variables: Mapping[str, Type] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        return md5(f"{self.account_id}:{self.name}".encode(), usedforsecurity=False).hexdigest()

    @property
    def url(self) -> str:
        """The event URL as the real dashboard shows it; the sandbox's own host takes its path."""
        return f"https://events.sendpulse.com{self.path}"

    @property
    def path(self) -> str:
        return f"/events/id/{self.hash}/{self.account_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One accepted event."""

    account_id: int
    event: str  #: its name
    by_name: bool  #: False: by its URL
    via: Via
    at: datetime
    body: bytes  #: as it came
    variables: Mapping[str, Any]
    violations: tuple[str, ...]  #: what is not as declared or documented
    undefined: tuple[str, ...] = ()  #: what real SendPulse may do anything with

    @property
    def email(self) -> str:
        return _text(self.variables.get("email"))

    @property
    def phone(self) -> str:
        return _text(self.variables.get("phone"))

    @property
    def has_contact(self) -> bool:
        # GUESS contact_valid
        return "@" in self.email or len(re.findall(r"\d", self.phone)) >= 7

    @property
    def automation_id(self) -> Any:
        """As it was sent; in form-data digits count as a number."""
        value = self.variables.get("automation_id")
        is_form_number = self.via is not Via.JSON and isinstance(value, str) and value.isdigit()
        return int(value) if is_form_number and value else value  # GUESS form_numbers


def violations(definition: EventDefinition, variables: Mapping[str, Any], via: Via) -> tuple[str, ...]:
    """What in these variables is not as declared, and not as documented for every event."""
    declared = dict.fromkeys(CONTACT_KEYS, Type.STRING) | dict(definition.variables)
    found = [f"{key} is {_found(variables[key])}, declared is {declared[key]}" for key in declared if key in variables
             and not _CHECKS[declared[key]](variables[key], via)]  # fmt: skip
    found += [f"{key} has {len(value)} characters" for key, value in variables.items() if _is_too_long(value)]
    found += [f"{key} is null" for key, value in variables.items() if value is None]
    found += [f"{path} stands inside {path.partition('.')[0]}" for path in _inner_flows(variables)]
    return tuple(found)


def _is_string(value: Any, _: Via) -> bool:
    return isinstance(value, str)


def _is_number(value: Any, via: Via) -> bool:
    if isinstance(value, str) and via is not Via.JSON:
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None  # GUESS form_numbers
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(value: Any, _: Via) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return False
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_structure(value: Any, _: Via) -> bool:
    return isinstance(value, list | dict)


_CHECKS: Final = {Type.STRING: _is_string, Type.NUMBER: _is_number, Type.DATE: _is_date, Type.STRUCTURE: _is_structure}


def _is_too_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > LONGEST_STRING


def _inner_flows(variables: Mapping[str, Any]) -> list[str]:
    """automation_id is read at the top level only."""
    lists = {key: value for key, value in variables.items() if isinstance(value, list)}
    return [
        f"{key}.automation_id"
        for key, items in lists.items()
        if any(isinstance(item, dict) and "automation_id" in item for item in items)
    ]


def _found(value: Any) -> str:
    return {str: "a string", bool: "a boolean", list: "an array", dict: "an object"}.get(type(value), "a number")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
