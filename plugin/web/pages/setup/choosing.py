"""The second step: which events are on, and the event in SendPulse that each of them goes to."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.routing import Audience, Route, Send
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import Document, with_event
from plugin.domain.settings.pasted import read_event_url
from plugin.domain.settings.values import Wrong
from plugin.web import event_texts
from plugin.web.forms.settings import field_message
from plugin.web.i18n import gettext as _
from plugin.web.reasons import translated

SHARED: Final = "address"  #: the field of the one address for all; those of each event end with its kind
FIRST: Final = EventKind.ORDER_PAID  #: what is on when a merchant only clicks Continue: one event, so no letter is another's
_NAME: Final = re.compile(r"(?=.*[^\d])(?![0-9a-fA-F]{32}$)(?!.*sendpulse\.com)[A-Za-z0-9._-]{1,80}")

Address = Mapping[str, str]  #: the keys of an event in the settings file that say where it goes


class Addresses(StrEnum):
    """Whether all events go to one event of SendPulse, or each to its own."""

    ONE = "one"
    EACH = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event in the table."""

    kind: EventKind
    title: str
    meaning: str
    is_on: bool
    address: str  #: as it stands in the field
    hint: str  #: the stored event URL, masked; "" for none
    note: str  #: whom it is for, where that is not everyone


@dataclass(frozen=True, slots=True, kw_only=True)
class EventGroup:
    """The events about one thing: orders, carts or customers."""

    title: str
    rows: Sequence[EventRow]


@dataclass(slots=True, kw_only=True)
class Choice:
    """The step as typed."""

    chosen: frozenset[EventKind]
    addresses: dict[EventKind, Address] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


# ------------------------------------------------------------------ what is shown


def groups(
    kinds: Iterable[EventKind], settings: ShopSettings, typed: Mapping[str, str], ticked: Iterable[str] | None
) -> list[EventGroup]:
    """These events in their groups, stored or as they were typed."""
    titles = {Family.ORDER: _("Orders"), Family.CART: _("Carts"), Family.CUSTOMER: _("Customers")}
    on = chosen(settings) if ticked is None else {EventKind(name) for name in ticked if name in list(EventKind)}
    rows = [_row(kind, settings, typed, is_on=kind in on) for kind in kinds]
    found = [(title, [row for row in rows if KINDS[row.kind].family is family]) for family, title in titles.items()]
    return [EventGroup(title=title, rows=rows) for title, rows in found if rows]


def chosen(settings: ShopSettings) -> set[EventKind]:
    """The events that are on; the first one while none is."""
    return {kind for kind, route in settings.table.routes.items() if route.enabled} or {FIRST}


def addresses_of(settings: ShopSettings) -> Addresses:
    """How it is at present; in the beginning by name each its own, by event URL one for all."""
    known = [address for kind in chosen(settings) if (address := _stored(settings.table.routes.get(kind)))]
    if len(known) < 2:
        return Addresses.EACH if settings.account.has_keys else Addresses.ONE
    return Addresses.ONE if all(address == known[0] for address in known) else Addresses.EACH


def shared_address(settings: ShopSettings) -> tuple[str, str]:
    """What stands in the field of the one address for all, and the event URL it would keep, masked."""
    route = _shared(settings)
    is_name = bool(route and route.send is Send.NAME)
    return (route.event_name, "") if route and is_name else ("", str(route.event_url) if route and route.event_url else "")


def _shared(settings: ShopSettings) -> Route | None:
    routes = sorted(settings.table.routes.values(), key=lambda route: (not route.enabled, route.kind is not FIRST))
    return next((route for route in routes if _stored(route)), None)


def _stored(route: Route | None) -> str:
    if route is None:
        return ""
    return route.event_name if route.send is Send.NAME else route.event_url.reveal() if route.event_url else ""


def _row(kind: EventKind, settings: ShopSettings, typed: Mapping[str, str], *, is_on: bool) -> EventRow:
    route = settings.table.routes.get(kind)
    is_known = bool(_stored(route))
    name = route.event_name if route and route.send is Send.NAME else ""
    suggested = kind.value if settings.account.has_keys and not is_known else ""
    hint = str(route.event_url) if route and route.event_url and route.send is not Send.NAME else ""
    for_subscribers = (route is None and KINDS[kind].is_cart) or (route and route.audience is Audience.SUBSCRIBERS)
    return EventRow(
        kind=kind, title=event_texts.title(kind), meaning=event_texts.meaning(kind), is_on=is_on,
        address=typed.get(field_of(kind), name or suggested), hint=hint,
        note=_("Sent only for people who agreed to marketing.") if for_subscribers else "",
    )  # fmt: skip


def field_of(kind: EventKind) -> str:
    return f"{SHARED}-{kind.value}"


# ------------------------------------------------------------------ what was typed


def read(typed: Mapping[str, str], ticked: Iterable[str], kinds: Iterable[EventKind], settings: ShopSettings) -> Choice:
    """Where each chosen event goes, or what keeps it from going anywhere."""
    names = set(ticked)
    known = tuple(kinds)
    found = Choice(chosen=frozenset(kind for kind in known if kind.value in names))
    if not found.chosen:
        found.errors["kinds"] = _("Choose at least one event. You can add others at any time.")
    elif typed.get("addresses", addresses_of(settings)) == Addresses.ONE:
        _read_shared(found, typed, settings)
    else:
        for kind in known:
            _read_own(found, kind, typed, settings)
    return found


def _read_shared(found: Choice, typed: Mapping[str, str], settings: ShopSettings) -> None:
    route, text = _shared(settings), typed.get(SHARED, "").strip()
    address = _address(found, SHARED, text, settings) if text else _address_of(route)
    if address:
        found.addresses = dict.fromkeys(found.chosen, address)
    else:
        found.errors.setdefault(SHARED, _("Enter the event’s name or paste its URL."))


def _read_own(found: Choice, kind: EventKind, typed: Mapping[str, str], settings: ShopSettings) -> None:
    route, text, is_on = settings.table.routes.get(kind), typed.get(field_of(kind), "").strip(), kind in found.chosen
    if not text and route and route.send is not Send.NAME and route.event_url:
        return  # it stays
    if not is_on and (not text or text == kind.value):
        return  # what only stood there as a suggestion is nobody's choice
    address = _address(found, field_of(kind), text, settings) if text else None
    if address:
        found.addresses[kind] = address
    elif is_on:
        found.errors.setdefault(field_of(kind), _("Enter the event’s name or paste its URL, or switch this event off."))


def _address(found: Choice, name: str, text: str, settings: ShopSettings) -> Address | None:
    """The event URL or the name in this field; None with the reason beside it."""
    if _NAME.fullmatch(text):
        if settings.account.has_keys:
            return {"send": Send.NAME.value, "event_name": text}
        found.errors[name] = _("To send by event name, enter your REST ID and secret in step 1. Or paste the event URL.")
        return None
    try:
        pasted = read_event_url(text)
    except Wrong as error:
        found.errors[name] = field_message(error.said)
        return None
    if pasted.said:
        found.notes[name] = translated(pasted.said)
    return {"send": Send.JSON.value, "event_url": pasted.value}


def _address_of(route: Route | None) -> Address | None:
    if route is None:
        return None
    if route.send is Send.NAME:
        return {"send": Send.NAME.value, "event_name": route.event_name}
    return {"send": route.send.value, "event_url": route.event_url.reveal()} if route.event_url else None


def with_choice(document: Document, choice: Choice, kinds: Iterable[EventKind]) -> Document:
    """The settings with these events on and the others off; cart letters begin with those who agreed to marketing."""
    for kind in kinds:
        stored: Mapping[str, Any] = document.get("events", {}).get(kind.value, {})
        address = choice.addresses.get(kind, {})
        if kind in choice.chosen:
            begun = {"audience": Audience.SUBSCRIBERS.value} if KINDS[kind].is_cart and not stored else {}
            document = with_event(
                document, kind, {"send": "json", **begun, **stored, **_kept(stored, address), "enabled": True}
            )
        elif stored or address:
            document = with_event(document, kind, {**stored, **_kept(stored, address), "enabled": False})
    return document


def _kept(stored: Mapping[str, Any], address: Address) -> Address:
    """The address; form data stays form data where only the URL is another."""
    is_form = stored.get("send") == Send.FORM and address.get("send") == Send.JSON
    return {**address, "send": Send.FORM.value} if is_form else address
