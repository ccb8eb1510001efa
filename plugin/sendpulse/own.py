"""The merchant's own variables as they stand in a body: after all of ours, and never in place of one."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from plugin.domain.event import StoreEvent
from plugin.domain.own import OURS, OwnType, date_of, number_of
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.wording import Sentence, worded
from plugin.sendpulse.text import plain


def own_fields(event: StoreEvent, settings: ShopSettings, shop: Shop) -> tuple[dict[str, Any], tuple[Sentence, ...]]:
    """The variables of this event, and what is said of those that are left out."""
    if not settings.variables:
        return {}, ()
    zone = settings.zone(shop)
    values = {value.name: value.text for value in event.own}
    fields: dict[str, Any] = {}
    missing, replaced = [], []
    for variable in settings.variables:
        if not variable.is_for(event.kind):
            continue
        written = values.get(variable.name, "") if variable.value is None else str(variable.value)
        value = typed(written, variable.type, zone)
        if variable.name in OURS:
            replaced.append(variable.name)
        elif value in ("", None):
            missing.append(variable.name)
        else:
            fields[variable.name] = value
    return fields, (*_missing(missing), *_replaced(replaced))


def typed(text: str, type: OwnType, zone: ZoneInfo) -> str | int | float | None:
    """What such a text becomes in a body; "" or None where it is none of this type."""
    if type is OwnType.NUMBER:
        return number_of(text)
    return date_of(text, zone) if type is OwnType.DATE else plain(text)


def _missing(names: list[str]) -> Iterator[Sentence]:
    if names:
        yield worded("Your store sent no suitable value for your variables: %(names)s.", names=", ".join(names))


def _replaced(names: list[str]) -> Iterator[Sentence]:
    if names:
        yield worded("The app now has variables with these names, so rename yours: %(names)s.", names=", ".join(names))


def too_many(names: list[str]) -> Iterator[Sentence]:
    """What is said of those that no longer fit into a body; nothing where all do."""
    if names:
        yield worded("The event has no room left for your variables: %(names)s.", names=", ".join(names))
