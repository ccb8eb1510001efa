"""How a flow for one kind of event is put together in SendPulse, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from plugin.domain.kinds import EventKind
from plugin.web.i18n import gettext as _

Told = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to choose at each place of a flow."""

    start: str
    again: str
    stop: str
    wait: str


def _every_time() -> str:
    return _("On, every time: the same buyer orders again.")


def _every_parcel() -> str:
    return _("On, every time: an order may be shipped in several parcels.")


def _once_a_day() -> str:
    return _("On, at most once a day: carts change often.")


def _as_reminded() -> str:
    return _("On, every time: the app never reminds anybody more often than you set.")


def _never_again() -> str:
    return _("Off: nobody should be welcomed twice.")


def _every_change() -> str:
    return _("On, every time.")


def _no_stop() -> str:
    return _("None needed.")


def _cancelled() -> str:
    return _("Your event for canceled orders, if you add more emails to this flow.")


def _refunded() -> str:
    return _("Your event for refunded orders, if you ask for a review later.")


def _purchase() -> str:
    return _("Your event for placed orders, or for paid orders if you send only those. Count the stop as a conversion.")


def _at_once() -> str:
    return _("None: this email is expected at once.")


def _review_later() -> str:
    return _("None. To ask for a review, add a second email after three days.")


def _an_hour() -> str:
    return _("An hour before the email, so that nobody gets it while still buying.")


def _waited_already() -> str:
    return _("None before the first email: the app has already waited, as long as you set. A day before a second one.")


#: Start again, stop by event, wait.
RECIPES: Final[Mapping[EventKind, tuple[Told, Told, Told]]] = {
    EventKind.ORDER_CREATED: (_every_time, _cancelled, _at_once),
    EventKind.ORDER_PAID: (_every_time, _cancelled, _at_once),
    EventKind.ORDER_PARTIALLY_FULFILLED: (_every_parcel, _no_stop, _at_once),
    EventKind.ORDER_FULFILLED: (_every_time, _no_stop, _at_once),
    EventKind.ORDER_OUT_FOR_DELIVERY: (_every_parcel, _no_stop, _at_once),
    EventKind.ORDER_DELIVERED: (_every_parcel, _refunded, _review_later),
    EventKind.ORDER_CANCELLED: (_every_time, _no_stop, _at_once),
    EventKind.ORDER_REFUNDED: (_every_time, _no_stop, _at_once),
    EventKind.CHECKOUT_STARTED: (_once_a_day, _purchase, _an_hour),
    EventKind.CART_UPDATED: (_once_a_day, _purchase, _an_hour),
    EventKind.CART_ABANDONED: (_as_reminded, _purchase, _waited_already),
    EventKind.CUSTOMER_CREATED: (_never_again, _no_stop, _at_once),
    EventKind.CUSTOMER_UPDATED: (_every_change, _no_stop, _at_once),
}


def recipe(kind: EventKind) -> Recipe:
    """For the flow that begins with this kind."""
    again, stop, wait = (told() for told in RECIPES[kind])
    return Recipe(start=_("The event you made for %(event)s.", event=kind.value), again=again, stop=stop, wait=wait)
