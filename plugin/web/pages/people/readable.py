"""All that is kept about a person as one page by itself, which a merchant can hand on and a person can read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from plugin.domain.person import Kept
from plugin.ports import Store
from plugin.upkeep.people import Sought, taken_along
from plugin.web.i18n import gettext as _
from plugin.web.moments import moment
from plugin.web.pages.people.presenter import titles

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.1rem 1rem;margin:0}dt{color:#555}dd{margin:0;"
    "overflow-wrap:anywhere}article{border-top:1px solid #ccc;padding:.7rem 0}"
)
DEEPEST = 12  #: levels of a body that are spelt out; what lies deeper is written as it is


def page(store: Store, sought: Sought, *, who: str, zone: ZoneInfo, now: datetime, address: str = "") -> Iterator[str]:
    """Its pieces; everything that is data is escaped."""
    taken_along(store, sought, who=who, address=address, now=now)
    # Before the first piece: it takes turns itself, and pieces are made within a turn.
    return _document(sought, store.people.kept(sought.shop.id, sought.person), zone=zone, now=now)


def _document(sought: Sought, things: Iterator[Kept], *, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    person, heading = sought.person, _("What is kept about a customer")
    yield f'<!doctype html>\n<html><head><meta charset="utf-8"><title>{heading}</title><style>{STYLE}</style></head><body>\n'
    yield f"<h1>{heading}</h1>\n<dl>"
    for label, texts in (
        (_("Store"), (sought.shop.name or sought.shop.address,)),
        (_("Created on"), (moment(now, zone).text,)),
        (_("Email"), person.emails),
        (_("Phone"), person.phones),
        (_("Customer ID"), person.customer_ids),
    ):
        yield Markup("<dt>{}</dt><dd>{}</dd>").format(label, ", ".join(texts) or "–")
    yield "</dl>\n"
    for holding, found in groupby(things, key=lambda kept: kept.holding):
        yield Markup("<h2>{}</h2>\n").format(titles()[holding])
        for kept in found:
            yield Markup("<article>{}</article>\n").format(_shown(kept.fields, zone))
    yield "</body></html>\n"


def _shown(value: Any, zone: ZoneInfo, depth: int = 0) -> Markup:
    if depth < DEEPEST and isinstance(value, Mapping):
        rows = (Markup("<dt>{}</dt><dd>{}</dd>").format(key, _shown(part, zone, depth + 1)) for key, part in value.items())
        return Markup("<dl>{}</dl>").format(Markup("").join(rows)) if value else Markup("–")
    if depth < DEEPEST and isinstance(value, Sequence) and not isinstance(value, str):
        return Markup("<br>").join(_shown(part, zone, depth + 1) for part in value) if value else Markup("–")
    if isinstance(value, datetime):
        return escape(moment(value, zone).text)
    return Markup("–") if value in (None, "") else escape(str(value))
