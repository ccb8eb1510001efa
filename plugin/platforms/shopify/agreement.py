"""Whether a signed body is what its headers say: Shopify signs the body alone, so topic and shop are claims of the sender's.

Anybody whose own shop has installed the app can have bodies signed with its secret, and send them again under another
topic or another shop's name.
"""

import re
from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final

from plugin.domain.delivery import Skip
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.reasons import OTHER_SHOP
from plugin.domain.shop import Shop
from plugin.domain.wording import Sentence, worded

from .address import shop_domain

NO_SHOP: Final = worded("This webhook does not say which store it is about, so the app ignored it.")


# https://demo.example/548380009/orders/48c62d41a01/authenticate?key=…: the number is the shop's.
BUYERS_PAGE: Final = re.compile(r"https?://[^/]{1,253}/([0-9]{1,20})/(?:orders|checkouts)/", re.ASCII)
DIGITS: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


class Shape(StrEnum):
    """What a body may be of."""

    ORDER = auto()
    CHECKOUT = auto()
    CART = auto()
    REFUND = auto()
    FULFILLMENT = auto()
    CARRIER_EVENT = auto()
    CUSTOMER = auto()
    EMAIL_CONSENT = auto()
    SMS_CONSENT = auto()
    PRODUCT = auto()
    SHOP = auto()
    SCOPES = auto()
    PERSON_TO_FORGET = auto()
    PERSON_ASKS = auto()
    SHOP_TO_FORGET = auto()


CART_ID: Final = "id is token"  #: no key of a body: a cart alone has the same text for both

# Keys that bodies of this shape have, and others have not, in every version of the API since 2024.
MARKS: Final[Mapping[Shape, frozenset[str]]] = {
    Shape.ORDER: frozenset(
        {
            "order_number", "order_status_url", "financial_status", "fulfillment_status", "confirmation_number",
            "current_total_price", "payment_gateway_names", "checkout_token", "cancelled_at", "contact_email", "browser_ip",
        }
    ),
    Shape.CHECKOUT: frozenset({"abandoned_checkout_url", "completed_at"}),
    Shape.CART: frozenset({CART_ID}),
    Shape.REFUND: frozenset({"refund_line_items", "refund_shipping_lines", "order_adjustments", "restock"}),
    Shape.CARRIER_EVENT: frozenset({"fulfillment_id", "happened_at", "estimated_delivery_at", "latitude"}),
    Shape.FULFILLMENT: frozenset({"tracking_number", "tracking_numbers", "tracking_urls", "shipment_status", "service"}),
    # Until 2025 a customer said of consent what a webhook of its own says now.
    Shape.CUSTOMER: frozenset(
        {
            "first_name", "last_name", "verified_email", "multipass_identifier", "state", "default_address",
            "accepts_marketing", "email_marketing_consent", "sms_marketing_consent",
        }
    ),
    Shape.EMAIL_CONSENT: frozenset({"email_address", "email_marketing_consent"}),
    Shape.SMS_CONSENT: frozenset({"sms_marketing_consent"}),
    Shape.PRODUCT: frozenset({"handle", "body_html", "vendor", "variants", "product_type", "published_scope"}),
    Shape.SHOP: frozenset(
        {
            "myshopify_domain", "plan_name", "plan_display_name", "iana_timezone", "shop_owner", "money_format",
            "primary_locale", "has_storefront",
        }
    ),
    Shape.SCOPES: frozenset({"current", "previous"}),
    Shape.PERSON_TO_FORGET: frozenset({"orders_to_redact"}),
    Shape.PERSON_ASKS: frozenset({"data_request", "orders_requested"}),
    Shape.SHOP_TO_FORGET: frozenset(),
}  # fmt: skip

SHAPES: Final[Mapping[str, Shape]] = {
    "orders/create": Shape.ORDER,
    "orders/paid": Shape.ORDER,
    "orders/partially_fulfilled": Shape.ORDER,
    "orders/fulfilled": Shape.ORDER,
    "orders/cancelled": Shape.ORDER,
    "orders/updated": Shape.ORDER,
    "refunds/create": Shape.REFUND,
    "fulfillments/create": Shape.FULFILLMENT,
    "fulfillment_events/create": Shape.CARRIER_EVENT,
    "checkouts/create": Shape.CHECKOUT,
    "checkouts/update": Shape.CHECKOUT,
    "checkouts/delete": Shape.CHECKOUT,
    "carts/create": Shape.CART,
    "carts/update": Shape.CART,
    "customers/create": Shape.CUSTOMER,
    "customers/update": Shape.CUSTOMER,
    "customers/redact": Shape.PERSON_TO_FORGET,
    "customers/data_request": Shape.PERSON_ASKS,
    "customers_email_marketing_consent/update": Shape.EMAIL_CONSENT,
    "customers_marketing_consent/update": Shape.SMS_CONSENT,
    "products/update": Shape.PRODUCT,
    "products/delete": Shape.PRODUCT,
    "shop/update": Shape.SHOP,
    "shop/redact": Shape.SHOP_TO_FORGET,
    "app/uninstalled": Shape.SHOP,
    "app/scopes_update": Shape.SCOPES,
}

# Their own marks are all they say, so a body without any is of something else.
NEVER_BARE: Final = frozenset({Shape.SHOP, Shape.SCOPES, Shape.EMAIL_CONSENT, Shape.SMS_CONSENT})

# What would delete something, or change the shop itself, must say of which shop it is.
MUST_NAME_ITS_SHOP: Final = frozenset({"app/uninstalled", "customers/redact", "shop/redact", "shop/update"})


def contradiction(topic: str, body: Payload, shop: Shop) -> Skip | None:
    """Why nothing may be done with this body under this topic for this shop; None when nothing in it speaks against it."""
    if not _has_shape(SHAPES[topic], body):
        return _skip(
            worded("This webhook is called %(topic)s but contains something else, so the app ignored it.", topic=topic)
        )
    named = named_shop(body)
    if named and named != shop.address:
        return _skip(OTHER_SHOP)
    if not named and topic in MUST_NAME_ITS_SHOP:
        return _skip(NO_SHOP)
    return None


def named_shop(body: Payload) -> str:
    """The shop that a body about a shop, or about the law, says it is of; "" when it says none."""
    said = (shop_domain(body.text(name)) for name in ("shop_domain", "myshopify_domain", "domain"))
    return next(filter(None, said), "")


def shop_number(body: Payload) -> str:
    """Shopify's number of the shop a body says, or leads a buyer to, that it is of; "" where there is none."""
    said = body.text("shop_id").rpartition("/")[2]  # one topic writes gid://shopify/Shop/1
    links = (BUYERS_PAGE.match(body.text(name)) for name in ("order_status_url", "abandoned_checkout_url"))
    return said if DIGITS.fullmatch(said) else next((link[1] for link in links if link), "")


def _has_shape(shape: Shape, body: Payload) -> bool:
    """Whether it has no more marks of any other shape than of this one: a body may be half empty, and versions differ."""
    keys = set(body.fields) | ({CART_ID} if _is_cart(body) else set())
    own = len(keys & MARKS[shape])
    if shape is Shape.SHOP_TO_FORGET and "customer" in keys:
        return False
    if shape in NEVER_BARE and not own:
        return False
    return all(len(keys & marks) <= own for marks in MARKS.values())


def _is_cart(body: Payload) -> bool:
    return isinstance(body.fields.get("id"), str) and body.fields["id"] == body.fields.get("token") != ""


def _skip(reason: Sentence) -> Skip:
    return Skip(code=ReasonCode.CONTRADICTED, reason=reason)
