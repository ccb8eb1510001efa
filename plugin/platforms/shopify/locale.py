"""Where a buyer's locale stands in Shopify's webhooks.

`customer_locale` is null for point-of-sale, API and draft orders, customers carry none at all, and a theme's
translation app may report `en` for everybody; what is written is taken, what cannot be read is passed over.
"""

from plugin.domain.event import BuyerLocale, LocaleOrigin
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop


def of_order(order: Payload, shop: Shop) -> BuyerLocale:
    return first((order.text("customer_locale"), LocaleOrigin.ORDER), (shop.locale, LocaleOrigin.SHOP))


def of_checkout(checkout: Payload, shop: Shop) -> BuyerLocale:
    return first((checkout.text("customer_locale"), LocaleOrigin.CHECKOUT), (shop.locale, LocaleOrigin.SHOP))


def of_shop(shop: Shop) -> BuyerLocale:
    return first((shop.locale, LocaleOrigin.SHOP))


def first(*found: tuple[str, LocaleOrigin]) -> BuyerLocale:
    """The first that names a language, its text untouched."""
    return BuyerLocale.first(found)
