"""The demo: one SendPulse account with flows in four languages, and the settings of every demo shop."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.sandbox.sendpulse import EventDefinition, Flow, PretendSendPulse, Reentry, Type

# Fixed, so that a restart finds the settings of the last run still true.
CLIENT_ID: Final = "5a9db0e1c0ffee00d15ea5e0fab1e0de"
CLIENT_SECRET: Final = "0ddba11c0de0ddba11c0de0ddba11c0d"  # noqa: S105 only the pretend SendPulse takes it

STORE_EVENT: Final = "store_event"
CART_EVENT: Final = "abandoned_cart"
LANGUAGES: Final = (("en", "English"), ("pl", "Polski"), ("de", "Deutsch"), ("pt-BR", "Português (Brasil)"))
FIRST_FLOW: Final = 101
FIRST_CART_FLOW: Final = 201
WAIT_MINUTES: Final = 10  #: the shortest the settings allow

VARIABLES: Final[Mapping[str, Type]] = {
    "email": Type.STRING,
    "phone": Type.STRING,
    "product_name": Type.STRING,
    "product_id": Type.NUMBER,
    "product_link": Type.STRING,
    "product_price": Type.STRING,
    "product_img_url": Type.STRING,
    "event_date": Type.DATE,
    "products": Type.STRUCTURE,
}


def add_demo_data(pretend: PretendSendPulse) -> None:
    """Make the demo's credentials, events and flows in the pretend SendPulse."""
    pretend.account.client_id, pretend.account.client_secret = CLIENT_ID, CLIENT_SECRET
    for name, first in ((STORE_EVENT, FIRST_FLOW), (CART_EVENT, FIRST_CART_FLOW)):
        pretend.add_event(name, VARIABLES)
        for number, (_, language) in enumerate(LANGUAGES, start=first):
            # The toggle "start again" is on: every event of the demo should show its mail.
            pretend.add_flow(Flow(id=number, name=_flow_name(name, language), event=name, reentry=Reentry.ALWAYS))


def _flow_name(event: str, language: str) -> str:
    return f"{language}, carts" if event == CART_EVENT else language


def settings_document(
    pretend: PretendSendPulse, *, name: str, kinds: Iterable[EventKind], store: Mapping[str, Any]
) -> dict[str, Any]:
    """A shop's settings file: these kinds of events on, one sent by form, one by name, the rest as JSON.

    Raises `LookupError` when the pretend SendPulse has no demo data.
    """
    kinds = tuple(kinds)
    return {
        "version": 1,
        "events": {kind.value: _event(pretend, kind) for kind in kinds},
        "flows": [
            *_flows(FIRST_FLOW, STORE_EVENT),
            *_flows(FIRST_CART_FLOW, CART_EVENT, event=EventKind.CART_ABANDONED.value),
            *(flow for kind in kinds if _asks(kind) for flow in _flows(FIRST_FLOW, STORE_EVENT, event=kind.value)),
        ],
        "no_match": {"policy": "default_flow", "automation_id": FIRST_FLOW},
        "store": {"name": name, "timezone": "Europe/Warsaw", "default_locale": "en", **store},
        "account": {"rate_per_second": 8, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    }


def _asks(kind: EventKind) -> bool:
    """Whether it takes no order's letter unless that is said: here it is."""
    return KINDS[kind].family is not Family.ORDER and kind is not EventKind.CART_ABANDONED


def _event(pretend: PretendSendPulse, kind: EventKind) -> dict[str, Any]:
    if kind is EventKind.CART_ABANDONED:
        return {"enabled": True, "send": "json", "event_url": _url(pretend, CART_EVENT), "wait_minutes": WAIT_MINUTES}
    if kind is EventKind.ORDER_REFUNDED:
        return {"enabled": True, "send": "name", "event_name": STORE_EVENT}
    send = "form" if kind is EventKind.ORDER_CANCELLED else "json"
    return {"enabled": True, "send": send, "event_url": _url(pretend, STORE_EVENT)}


def _url(pretend: PretendSendPulse, name: str) -> str:
    definition: EventDefinition | None = pretend.definition(account_id=pretend.account.user_id, name=name)
    if definition is None:
        raise LookupError(f"The pretend SendPulse has no event {name}.")
    return definition.url


def _flows(first: int, event_name: str, **extra: str) -> list[dict[str, Any]]:
    return [
        {"locale": locale, "automation_id": number, "name": _flow_name(event_name, language), **extra}
        for number, (locale, language) in enumerate(LANGUAGES, start=first)
    ]
