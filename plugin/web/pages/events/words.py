"""What each kind of event and each choice means, in plain words for the merchant."""

from plugin.domain.kinds import EventKind
from plugin.domain.routing import Audience, Lead, OnUncertain, Send, Shape
from plugin.web.event_texts import title as title
from plugin.web.i18n import gettext as _

Option = tuple[str, str, str]  #: value, label, help


def meaning(kind: EventKind) -> str:
    return _meanings()[kind]


def _meanings() -> dict[EventKind, str]:
    return {
        EventKind.ORDER_CREATED: _("A buyer placed an order; it may not be paid yet. Good for an order confirmation."),
        EventKind.ORDER_PAID: _("An order is paid in full. Good for a thank-you, or for what belongs with the purchase."),
        EventKind.ORDER_PARTIALLY_FULFILLED: _("Some of an order was sent. Good for telling the buyer what is on its way."),
        EventKind.ORDER_FULFILLED: _("All of an order was sent. Good for shipping news, or a request for a review later."),
        EventKind.ORDER_CANCELLED: _("An order will not be sent. Good for asking why, or for stopping other flows."),
        EventKind.ORDER_REFUNDED: _("Money went back, all or part of it."),
        EventKind.CHECKOUT_STARTED: _("A buyer began to check out and left an address."),
        EventKind.CART_UPDATED: _("A cart or checkout of a known buyer changed. There are many of these."),
        EventKind.CART_ABANDONED: _("A buyer went quiet before buying. A purchase meanwhile ends the wait."),
        EventKind.CUSTOMER_CREATED: _("Somebody registered as a customer. Good for a welcome."),
        EventKind.CUSTOMER_UPDATED: _("A customer’s details changed: name, address, consent."),
    }


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
