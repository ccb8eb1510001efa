"""How a flow for one kind of event is put together in SendPulse, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.web.i18n import gettext as _

Told = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to choose at each place of a flow."""

    start: str
    again: str
    stop: str
    wait: str


_AGAIN: Final[Mapping[Family, Told]] = {
    Family.ORDER: lambda: _("On, every time: the same buyer orders again."),
    Family.CART: lambda: _("On, once a day at most: carts change often."),
    Family.CUSTOMER: lambda: _("On, every time."),
}
_PARCELS: Final = (
    *(EventKind.ORDER_PARTIALLY_FULFILLED, EventKind.ORDER_FULFILLED),
    *(EventKind.ORDER_OUT_FOR_DELIVERY, EventKind.ORDER_DELIVERED),
)
_OTHERWISE_AGAIN: Final[Mapping[EventKind, Told]] = {
    **dict.fromkeys(_PARCELS, lambda: _("On, every time: an order may leave in several parcels.")),
    EventKind.CART_ABANDONED: lambda: _("On, every time: the app itself reminds nobody more often than you set."),
    EventKind.CUSTOMER_CREATED: lambda: _("Off: nobody is welcomed twice."),
}
_STOP: Final[Mapping[EventKind, Told]] = {
    EventKind.ORDER_CREATED: lambda: _("The event of order_cancelled, when you add more letters to this flow."),
    EventKind.ORDER_PAID: lambda: _("The event of order_cancelled, when you add more letters to this flow."),
    EventKind.ORDER_DELIVERED: lambda: _("The event of order_refunded, when you ask for a review later."),
}
_WAIT: Final[Mapping[EventKind, Told]] = {
    EventKind.ORDER_DELIVERED: lambda: _("None. To ask for a review, add a second letter after three days."),
    EventKind.CHECKOUT_STARTED: lambda: _("An hour before the letter, so that whoever is just buying gets none."),
    EventKind.CART_UPDATED: lambda: _("An hour before the letter, so that whoever is just buying gets none."),
    EventKind.CART_ABANDONED: lambda: _(
        "None before the first letter: the app has waited already, as long as you set. A day before a second one."
    ),
}


def recipe(kind: EventKind) -> Recipe:
    """For the flow that begins with this kind."""
    family = KINDS[kind].family
    stop = _STOP.get(kind) or (_purchase if family is Family.CART else _nothing)
    return Recipe(
        start=_("The event you made for %(event)s.", event=kind.value),
        again=_OTHERWISE_AGAIN.get(kind, _AGAIN[family])(),
        stop=stop(),
        wait=_WAIT.get(kind, _at_once)(),
    )


def _purchase() -> str:
    return _("The event of order_created, or of order_paid if you send that alone. Count the stop as a conversion.")


def _nothing() -> str:
    return _("None is needed.")


def _at_once() -> str:
    return _("None: this letter is expected at once.")
