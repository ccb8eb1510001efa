"""What SendPulse is given to know an event by: a sample, the address of it, and the table of its variables."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from plugin.domain.kinds import EventKind
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.variables import LINES, PARCELS, VARIABLES, Variable, VariableType
from plugin.domain.wording import worded
from plugin.upkeep.sample import OWN_EXAMPLES, sample_fields
from plugin.web.i18n import N_
from plugin.web.i18n import gettext as _
from plugin.web.services import services
from plugin.web.visit import visit

#: As SendPulse's own pages call them.
TYPES: Final[Mapping[VariableType, str]] = {
    VariableType.TEXT: N_("String"),
    VariableType.NUMBER: N_("Number"),
    VariableType.DATE: N_("Date"),
    VariableType.LIST: N_("Structure"),
}
_LISTS: Final[Mapping[str, Sequence[Variable]]] = {"products": LINES, "parcels": PARCELS}


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRow:
    """One variable, as a merchant makes it in SendPulse."""

    name: str
    type: str  #: SendPulse's word, translated
    about: str  #: in English, as it is stored; told by `| translated`
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSample:
    """Everything for one kind."""

    kind: EventKind
    json: str
    address: str
    rows: Sequence[VariableRow]
    lists: Mapping[str, Sequence[VariableRow]]  #: by the list's name: what each of its objects has


def event_sample(kind: EventKind) -> EventSample:
    """Of the shop whose page this is, by its stored settings."""
    ours, shop = services(), visit().shop
    settings = ours.store.shops.settings(shop.id)
    fields = _fields(kind, shop, settings)
    lists = {name: _rows(fields[name][0], _LISTS[name]) for name in _LISTS if name in fields}
    return EventSample(
        kind=kind, json=_readable(fields), rows=_rows(fields, [*_own(settings), *VARIABLES.values()]), lists=lists,
        address=f"{ours.settings.public_url}/sample/{ours.store.samples.token(shop.id, kind)}",
    )  # fmt: skip


def sample_json(kind: EventKind, shop: Shop, settings: ShopSettings) -> str:
    """The sample as it is copied and fetched."""
    return _readable(_fields(kind, shop, settings))


def _fields(kind: EventKind, shop: Shop, settings: ShopSettings) -> Mapping[str, Any]:
    return sample_fields(kind, shop, settings, write_bodies=services().write_bodies)


def _readable(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, indent=2)


def _rows(fields: Mapping[str, Any], table: Iterable[Variable]) -> list[VariableRow]:
    known = {variable.name: variable for variable in table}
    return [_row(known[name], value) for name, value in fields.items()]


def _own(settings: ShopSettings) -> Iterable[Variable]:
    about = worded("Your own variable.")
    for one in settings.variables:
        yield Variable(
            name=one.name, type=VariableType(one.type), kinds=frozenset(one.kinds), about=about, example=OWN_EXAMPLES[one.type]
        )


def _row(variable: Variable, value: Any) -> VariableRow:
    # A shop may have chosen to send product_id as a text.
    type = VariableType.TEXT if isinstance(value, str) and variable.type is VariableType.NUMBER else variable.type
    example = "" if isinstance(value, list) else str(value)
    return VariableRow(name=variable.name, type=_(TYPES[type]), about=variable.about, example=example)
