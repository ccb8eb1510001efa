"""What each of Shopify's webhooks means."""

from collections.abc import Callable
from typing import Final

from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop

from . import carrier_events, carts, consent, customers, orders, refunds, shops

Translator = Callable[[Payload, Shop], Translation]

TRANSLATORS: Final[dict[str, Translator]] = {
    "orders/create": orders.created,
    "orders/paid": orders.paid,
    "orders/partially_fulfilled": orders.partially_fulfilled,
    "orders/fulfilled": orders.fulfilled,
    "orders/cancelled": orders.cancelled,
    "orders/updated": orders.updated,
    "refunds/create": refunds.refunded,
    "fulfillments/create": orders.fulfillment_created,
    carrier_events.TOPIC: carrier_events.told,
    "checkouts/create": carts.checkout_created,
    "checkouts/update": carts.checkout_updated,
    "checkouts/delete": carts.checkout_deleted,
    "carts/create": carts.cart_updated,
    "carts/update": carts.cart_updated,
    "customers/create": customers.created,
    "customers/update": customers.updated,
    "customers/redact": customers.redact,
    "customers/data_request": customers.data_request,
    "customers_email_marketing_consent/update": consent.email_changed,
    "customers_marketing_consent/update": consent.sms_changed,
    "products/update": shops.product_changed,
    "products/delete": shops.product_changed,
    "shop/update": shops.updated,
    "shop/redact": shops.redact,
    "app/uninstalled": shops.uninstalled,
    "app/scopes_update": shops.scopes_updated,
}

# The kinds of events these make.
KINDS: Final = frozenset(
    {
        EventKind.ORDER_CREATED,
        EventKind.ORDER_PAID,
        EventKind.ORDER_PARTIALLY_FULFILLED,
        EventKind.ORDER_FULFILLED,
        EventKind.ORDER_OUT_FOR_DELIVERY,
        EventKind.ORDER_DELIVERED,
        EventKind.ORDER_CANCELLED,
        EventKind.ORDER_REFUNDED,
        EventKind.CHECKOUT_STARTED,
        EventKind.CART_UPDATED,
        EventKind.CUSTOMER_CREATED,
        EventKind.CUSTOMER_UPDATED,
    }
)

# Understood, but not asked for in shopify.app.toml, because both would cost every merchant one more permission. The first
# tells nothing that the order's webhook does not; the second is asked for in shops that switch its kinds on.
UNASKED: Final = frozenset({"fulfillments/create", carrier_events.TOPIC})
