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
        meaning=N_("An order is paid in full. Good for a thank-you, or for what belongs with the purchase."),
    ),
    EventKind.ORDER_PARTIALLY_FULFILLED: EventText(
        title=N_("Order partly shipped"),
        meaning=N_("Some of an order was sent. Good for telling the buyer what is on its way."),
    ),
    EventKind.ORDER_FULFILLED: EventText(
        title=N_("Order shipped"),
        meaning=N_("All of an order was sent. Good for shipping news, or a request for a review later."),
    ),
    EventKind.ORDER_OUT_FOR_DELIVERY: EventText(
        title=N_("Order out for delivery"),
        meaning=N_("The carrier brings the parcel today. Good for telling the buyer to be at home."),
    ),
    EventKind.ORDER_DELIVERED: EventText(
        title=N_("Order delivered"),
        meaning=N_("The parcel has reached the buyer. Good for a request for a review."),
    ),
    EventKind.ORDER_CANCELLED: EventText(
        title=N_("Order cancelled"),
        meaning=N_("An order will not be sent. Good for asking why, or for stopping other flows."),
    ),
    EventKind.ORDER_REFUNDED: EventText(
        title=N_("Order refunded"),
        meaning=N_("Money went back, all or part of it."),
    ),
    EventKind.CHECKOUT_STARTED: EventText(
        title=N_("Checkout started"),
        meaning=N_("A buyer began to check out and left an address."),
    ),
    EventKind.CART_UPDATED: EventText(
        title=N_("Cart changed"),
        meaning=N_("A cart or checkout of a known buyer changed. There are many of these."),
    ),
    EventKind.CART_ABANDONED: EventText(
        title=N_("Cart abandoned"),
        meaning=N_("A buyer went quiet before buying. A purchase meanwhile ends the wait."),
    ),
    EventKind.CUSTOMER_CREATED: EventText(
        title=N_("Customer registered"),
        meaning=N_("Somebody registered as a customer. Good for a welcome."),
    ),
    EventKind.CUSTOMER_UPDATED: EventText(
        title=N_("Customer changed"),
        meaning=N_("A customer’s details changed: name, address, consent."),
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
        (Send.JSON, _("To the event URL, as JSON"), _("SendPulse’s tab POST raw. Choose this one if in doubt.")),
        (Send.FORM, _("To the event URL, as form data"), _("SendPulse’s tab POST form-data.")),
        (
            Send.NAME,
            _("By name, through the REST API"),
            _("Needs the account’s keys, on the Settings page."),
        ),
    ]


def shapes() -> list[Option]:
    return [
        (
            Shape.ORDER,
            _("One event for the whole order"),
            _("One product in product_name and so on, all of them in products."),
        ),
        (Shape.ITEM, _("One event for each product"), _("An order of three products starts the flow three times.")),
        (Shape.ARRAY, _("One event, with the list of products only"), _("For flows that repeat a block over products.")),
    ]


def audiences() -> list[Option]:
    return [
        (Audience.EVERYONE, _("Everyone it happens to"), _("For messages that are part of the purchase, such as a receipt.")),
        (Audience.SUBSCRIBERS, _("Only people who agreed to marketing"), _("For advertising, such as a reminder of a cart.")),
    ]


def leads() -> list[tuple[str, str]]:
    return [(Lead.FIRST, _("The first one of the order")), (Lead.MOST_EXPENSIVE, _("The most expensive one"))]


def uncertainties() -> list[Option]:
    return [
        (OnUncertain.REPEAT, _("Send it again"), _("Nothing is lost; once in a while a buyer may get a message twice.")),
        (OnUncertain.HOLD, _("Hold it for me"), _("Nobody gets it twice; you decide on the Deliveries page.")),
    ]
