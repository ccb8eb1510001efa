"""What each kind of event is called."""

from plugin.domain.kinds import EventKind
from plugin.web.i18n import gettext as _


def title(kind: EventKind) -> str:
    return _titles()[kind]


def _titles() -> dict[EventKind, str]:
    return {
        EventKind.ORDER_CREATED: _("Order placed"),
        EventKind.ORDER_PAID: _("Order paid"),
        EventKind.ORDER_PARTIALLY_FULFILLED: _("Order partly shipped"),
        EventKind.ORDER_FULFILLED: _("Order shipped"),
        EventKind.ORDER_CANCELLED: _("Order cancelled"),
        EventKind.ORDER_REFUNDED: _("Order refunded"),
        EventKind.CHECKOUT_STARTED: _("Checkout started"),
        EventKind.CART_UPDATED: _("Cart changed"),
        EventKind.CART_ABANDONED: _("Cart abandoned"),
        EventKind.CUSTOMER_CREATED: _("Customer registered"),
        EventKind.CUSTOMER_UPDATED: _("Customer changed"),
    }
