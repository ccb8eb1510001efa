"""Places of the settings, and the values that stand there, in the words of the forms that show them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from plugin.domain.kinds import EventKind
from plugin.domain.losses import Loss, Stopped
from plugin.domain.settings.editing import Difference
from plugin.web import event_texts, i18n
from plugin.web.i18n import gettext as _
from plugin.web.i18n import ngettext
from plugin.web.i18n import number as written
from plugin.web.no_match_texts import policies
from plugin.web.reasons import translated_markup

_EVENT = re.compile(r"events\.(\w+)\.(\w+)")
_ROW = re.compile(r"(flows|rules)\[(\d+)\]\.(\w+)")
_OWN = re.compile(r"variables\[(\d+)\]\.(\w+)(?:\[\d+\])?")
_ONE = re.compile(r"(no_match|store|account)\.(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a form."""

    label: str
    values: Mapping[str, str] = field(default_factory=dict)  #: what the values of the file are called there


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A difference in the merchant's words."""

    place: str  #: "" when no form shows it
    path: str
    before: str
    after: str


def described(difference: Difference) -> Described:
    """The difference as the forms call its place and its values."""
    where, known = _place(difference.path)
    before, after = (known.values.get(value, value) for value in (difference.before, difference.after))
    return Described(place=f"{where}, {known.label}" if where else "", path=difference.path, before=before, after=after)


def together(losses: Iterable[Loss]) -> list[tuple[str, Loss]]:
    """Each thing that is lost once, behind the languages and the places it is lost for."""
    found: dict[tuple[str, tuple[EventKind, ...]], list[Loss]] = {}
    for loss in losses:
        found.setdefault((loss.becomes, loss.kinds), []).append(loss)
    return [(", ".join(filter(None, (loss.locale or loss.place for loss in same))), same[0]) for same in found.values()]


def loss_text(loss: Loss) -> Markup:
    """What becomes of lost events; in English, too, an event goes by its title."""
    text = str(loss.becomes)
    if i18n.locale() == i18n.ENGLISH:
        for kind in loss.kinds:
            text = re.sub(rf"\b{kind.value}\b", event_texts.title(kind), text)
    return translated_markup(text)


def stopped_text(stopped: Stopped) -> str:
    """How much waits of a kind that is to be switched off."""
    events, carts, said = stopped.deliveries, stopped.carts, []
    if events:
        said.append(
            ngettext(
                "%(number)s event is waiting to be sent.",
                "%(number)s events are waiting to be sent.",
                events,
                number=written(events),
            )
        )
    if carts:
        number = written(carts)
        said.append(
            ngettext(
                "%(number)s cart is waiting for its reminder.",
                "%(number)s carts are waiting for their reminder.",
                carts,
                number=number,
            )
        )
    return " ".join(said)


def _place(path: str) -> tuple[str, Field]:
    """The form and its field; two empty ones for a place no form shows."""
    where, known = "", None
    if match := _EVENT.fullmatch(path):
        where, known = _title(match[1]), _event_fields().get(match[2])
    elif match := _ROW.fullmatch(path):
        page, fields = (_("Languages"), _flow_fields()) if match[1] == "flows" else (_("Rules"), _rule_fields())
        where, known = _("%(label)s, row %(row)s", label=page, row=match[2]), fields.get(match[3])
    elif match := _OWN.fullmatch(path):
        where, known = _("%(label)s, row %(row)s", label=_("Variables"), row=match[1]), _own_fields().get(match[2])
    elif match := _ONE.fullmatch(path):
        page, fields = _parts()[match[1]]
        where, known = page, fields.get(match[2])
    return (where, known) if where and known else ("", Field(label=""))


def _title(kind: str) -> str:
    return event_texts.title(EventKind(kind)) if kind in list(EventKind) else ""


def _event_fields() -> dict[str, Field]:
    return {
        "enabled": Field(label=_("Send this event to SendPulse"), values=_on_off()),
        "send": Field(label=_("How to send"), values=_labels(event_texts.sends())),
        "event_url": Field(label=_("Event URL")),
        "event_name": Field(label=_("Event’s name in SendPulse")),
        "audience": Field(label=_("Who gets it"), values=_labels(event_texts.audiences())),
        "wait_minutes": Field(label=_("Minutes without activity before a cart counts as abandoned")),
        "window_hours": Field(label=_("Hours between reminders to the same buyer")),
        "oldest_hours": Field(label=_("Hours without activity after which no reminder is sent")),
        "shape": Field(label=_("An order with several products becomes"), values=_labels(event_texts.shapes())),
        "lead": Field(label=_("The product named in the text of the email"), values=dict(event_texts.leads())),
        "on_uncertain": Field(
            label=_("If it is unclear whether SendPulse got the event"), values=_labels(event_texts.uncertainties())
        ),
    }


def _flow_fields() -> dict[str, Field]:
    return {
        "locale": Field(label=_("Language")),
        "automation_id": Field(label=_("Flow: number or address")),
        "name": Field(label=_("Name (only for you)")),
        "event": Field(label=_("Used for"), values=_kinds()),
    }


def _rule_fields() -> dict[str, Field]:
    return {
        "channel": Field(label=_("Channel")),
        "country": Field(label=_("Country")),
        "event": Field(label=_("Used for"), values=_kinds()),
        "automation_id": Field(label=_("Flow")),
        "locale": Field(label=_("Language")),
        "name": Field(label=_("Name (only for you)")),
    }


def _own_fields() -> dict[str, Field]:
    return {
        "name": Field(label=_("Name")),
        "type": Field(label=_("Type"), values={"text": _("Text"), "number": _("Number"), "date": _("Date")}),
        "value": Field(label=_("What is sent")),
        "path": Field(label=_("Field")),
        "events": Field(label=_("Used for"), values=_kinds()),
    }


def _parts() -> dict[str, tuple[str, dict[str, Field]]]:
    no_match = {
        "policy": Field(label=_("What happens to these events"), values=_labels(policies())),
        "automation_id": Field(label=_("Flow for these events")),
    }
    store = {
        "name": Field(label=_("Name")),
        "link": Field(label=_("Home page")),
        "product_link": Field(label=_("Address of a product’s page")),
        "cart_link": Field(label=_("Address that opens a cart again")),
        "order_link": Field(label=_("Address of the buyer’s order page")),
        "consent_key": Field(label=_("Metadata key for marketing consent")),
        "timezone": Field(label=_("Time zone")),
        "default_locale": Field(label=_("Default language")),
        "test_orders": Field(label=_("Send test orders too"), values=_on_off()),
        "old_orders": Field(label=_("Send old orders too"), values=_on_off()),
        "product_id": Field(label=_("Send product IDs as"), values={"number": _("A number"), "text": _("Text")}),
    }
    account = {
        "rate_per_second": Field(label=_("Maximum events per second")), "client_id": Field(label=_("ID")),
        "client_secret": Field(label=_("Secret")), "api_key": Field(label=_("API key (instead of ID and secret)")),
    }  # fmt: skip
    return {
        "no_match": (_("Buyers whose language has no flow"), no_match),
        "store": (_("Store"), store),
        "account": (_("SendPulse account"), account),
    }


def _labels(options: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    return {value: label for value, label, _help in options}


def _kinds() -> dict[str, str]:
    return dict(event_texts.titles())


def _on_off() -> dict[str, str]:
    return {"True": _("On"), "False": _("Off")}
