"""What a body lacks: names in the buyer's language, and links.

Saleor knows no storefront, so links come from the merchant's templates.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from plugin.domain.basket import Basket, Product
from plugin.domain.event import StoreEvent
from plugin.domain.locale import parse
from plugin.domain.wording import worded
from plugin.ports import LookupContext

from .consent import with_consent
from .ids import checkout_of, global_id
from .names import ProductNames

NO_TEMPLATE = worded(
    "No product links: Saleor does not know your storefront. Enter the address of a product’s page on the Settings page."
)
NO_CART_LINK = worded("No link back to the cart: a word in braces in its address has no value here.")
NO_ORDER_LINK = worded("No link to the order: a word in braces in its address has no value here.")
_WORD = re.compile(r"\{(\w+)\}")


def complete(event: StoreEvent, place: LookupContext, names: ProductNames) -> StoreEvent:
    """The event with its buyer's consent, its products' names and its links, and with what is missing said in `partial`.

    Raises `TryAgain` when the names may be told later.
    """
    if event.contact:
        contact = with_consent(event.contact, place.settings.store.consent_key)
        event = names.added(replace(event, contact=contact), place)
    event = _with_products(event, place)
    return _with_way_back(event, event.basket, place) if event.basket else event


def _with_products(event: StoreEvent, place: LookupContext) -> StoreEvent:
    if not event.products:
        return event
    template = place.settings.store.product_link
    if not template:
        return event.lacking(NO_TEMPLATE)
    linked = tuple(replace(product, link=_link(template, _of_product(product, event, place))) for product in event.products)
    event = event.with_products(linked)
    missing = sum(not product.link for product in linked)
    if not missing:
        return event
    return event.lacking(
        worded(
            "No link for %(missing)s of %(all)s products: a word in braces in their address has no value here.",
            missing=missing,
            all=len(linked),
        )
    )


def _with_way_back(event: StoreEvent, basket: Basket, place: LookupContext) -> StoreEvent:
    """With the link to the order, or back to the cart; a merchant who wants none writes no template."""
    store, words = place.settings.store, _of_basket(event, basket, place)
    if basket.order_id:
        template, why = store.order_link, NO_ORDER_LINK
        basket = replace(basket, order_link=_link(template, words))
    else:
        template, why = store.cart_link, NO_CART_LINK
        basket = replace(basket, cart_link=_link(template, words))
    event = replace(event, basket=basket)
    is_missing = template and not (basket.order_link or basket.cart_link)
    return event.lacking(why) if is_missing else event


def _of_product(product: Product, event: StoreEvent, place: LookupContext) -> Mapping[str, str]:
    return {
        "locale": _locale(event, place),
        "slug": product.slug,
        "channel": event.basket.channel if event.basket else "",
        "variant": product.variant_id,
    }


def _of_basket(event: StoreEvent, basket: Basket, place: LookupContext) -> Mapping[str, str]:
    checkout = checkout_of(basket.keys)
    return {
        "locale": _locale(event, place),
        "checkout": global_id("Checkout", checkout),
        "token": checkout,
        "order": global_id("Order", basket.order_id),
        "order_number": basket.order_number,
        "channel": basket.channel,
        "email": (event.contact.email or "") if event.contact else "",
    }


def _locale(event: StoreEvent, place: LookupContext) -> str:
    return parse(event.locale.raw) or place.settings.store.default_locale or place.shop.locale


def _link(template: str, words: Mapping[str, str]) -> str:
    """The template filled in; no link at all when it asks for a word there is not."""
    if any(name in words and not words[name] for name in _WORD.findall(template)):
        return ""
    return _WORD.sub(lambda found: quote(words[found[1]], safe="") if found[1] in words else found[0], template)
