"""What each kind of event and each choice of its page is called and means, in plain words for the merchant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from plugin.domain.kinds import EventKind
from plugin.domain.routing import Audience, Lead, OnUncertain, Send, Shape
from plugin.web.i18n import N_
from plugin.web.i18n import gettext as _

Option = tuple[str, str, str]  #: value, label, help


@dataclass(frozen=True, slots=True, kw_only=True)
class EventText:
    """One kind of event, in English."""

    title: str
    meaning: str


EVENT_TEXTS: Final[Mapping[EventKind, EventText]] = {
    EventKind.ORDER_CREATED: EventText(
        title=N_("Order placed"),
        meaning=N_("A buyer placed an order; it may not be paid yet. Good for an order confirmation."),
    ),
    EventKind.ORDER_PAID: EventText(
        title=N_("Order paid"),
        meaning=N_("An order is paid in full. Good for a thank-you, or for instructions about the product."),
    ),
    EventKind.ORDER_PARTIALLY_FULFILLED: EventText(
        title=N_("Order partly shipped"),
        meaning=N_("Part of an order was shipped. Good for telling the buyer what is on its way."),
    ),
    EventKind.ORDER_FULFILLED: EventText(
        title=N_("Order shipped"),
        meaning=N_("The whole order was shipped. Good for a shipping confirmation, or for asking for a review later."),
    ),
    EventKind.ORDER_OUT_FOR_DELIVERY: EventText(
        title=N_("Order out for delivery"),
        meaning=N_("The carrier is delivering the parcel today. Good for telling the buyer to be at home."),
    ),
    EventKind.ORDER_DELIVERED: EventText(
        title=N_("Order delivered"),
        meaning=N_("The parcel was delivered to the buyer. Good for asking for a review."),
    ),
    EventKind.ORDER_CANCELLED: EventText(
        title=N_("Order canceled"),
        meaning=N_("An order was canceled. Good for asking why, or for stopping other flows."),
    ),
    EventKind.ORDER_REFUNDED: EventText(
        title=N_("Order refunded"),
        meaning=N_("All or part of an order was refunded. Good for telling the buyer when to expect the money."),
    ),
    EventKind.CHECKOUT_STARTED: EventText(
        title=N_("Checkout started"),
        meaning=N_("A buyer started checkout and entered an email address or a phone number."),
    ),
    EventKind.CART_UPDATED: EventText(
        title=N_("Cart updated"),
        meaning=N_("The cart or checkout of a known buyer changed. This happens often."),
    ),
    EventKind.CART_ABANDONED: EventText(
        title=N_("Cart abandoned"),
        meaning=N_("A cart was left without a purchase. If the buyer orders in time, nothing is sent."),
    ),
    EventKind.CUSTOMER_CREATED: EventText(
        title=N_("Customer registered"),
        meaning=N_("Somebody created a customer account. Good for a welcome."),
    ),
    EventKind.CUSTOMER_UPDATED: EventText(
        title=N_("Customer updated"),
        meaning=N_("A customer’s details changed, such as name, address or consent."),
    ),
}


def title(kind: EventKind) -> str:
    return _(EVENT_TEXTS[kind].title)


def meaning(kind: EventKind) -> str:
    return _(EVENT_TEXTS[kind].meaning)


def titles(kinds: Iterable[EventKind] = EventKind) -> list[tuple[str, str]]:
    """Kinds to choose from: each with its title."""
    return [(kind.value, title(kind)) for kind in kinds]


def sends() -> list[Option]:
    return [
        (Send.JSON, _("To the event URL, as JSON"), _("The POST raw tab in SendPulse. Choose this if you are not sure.")),
        (Send.FORM, _("To the event URL, as form data"), _("The POST form-data tab in SendPulse.")),
        (
            Send.NAME,
            _("By name, through the REST API"),
            _("Needs your SendPulse account’s API keys. Enter them on the Settings page."),
        ),
    ]


def shapes() -> list[Option]:
    return [
        (
            Shape.ORDER,
            _("One event for the whole order"),
            _("Best for most emails: one product in the text, all of them in a list."),
        ),
        (Shape.ITEM, _("One event for each product"), _("An order with three products starts the flow three times.")),
        (Shape.ARRAY, _("One event, with the list of products only"), _("For flows that repeat a block for each product.")),
    ]


def audiences() -> list[Option]:
    return [
        (Audience.EVERYONE, _("Everyone"), _("For emails that are part of the purchase, such as a receipt.")),
        (Audience.SUBSCRIBERS, _("Only people who agreed to marketing"), _("For marketing, such as a cart reminder.")),
    ]


def leads() -> list[tuple[str, str]]:
    return [(Lead.FIRST, _("The first product of the order")), (Lead.MOST_EXPENSIVE, _("The most expensive product"))]


def uncertainties() -> list[Option]:
    return [
        (
            OnUncertain.REPEAT,
            _("Send the event again"),
            _("No event is lost, but a buyer may occasionally get an email twice."),
        ),
        (OnUncertain.HOLD, _("Hold it until I decide"), _("Nobody gets it twice. You decide in the Event log.")),
    ]
