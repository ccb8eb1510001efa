"""Product links: Saleor knows no storefront, so they come from the merchant's template."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from plugin.domain.basket import Product
from plugin.domain.event import StoreEvent
from plugin.domain.locale import parse
from plugin.ports import LookupContext

from .consent import with_consent


def complete(event: StoreEvent, place: LookupContext) -> StoreEvent:
    """The event with its buyer's consent and its product links, and with what is missing for them said in `partial`."""
    if event.contact:
        event = replace(event, contact=with_consent(event.contact, place.settings.store.consent_key))
    return _linked(event, place)


def _linked(event: StoreEvent, place: LookupContext) -> StoreEvent:
    if not event.products:
        return event
    template = place.settings.store.product_link
    if not template:
        return _partial(event, "no product links: write store.product_link in the settings, as Saleor knows no storefront")
    linked = tuple(replace(product, link=_link(template, _words(product, event, place))) for product in event.products)
    event = event.with_products(linked)
    missing = sum(not product.link for product in linked)
    if not missing:
        return event
    return _partial(event, f"no link for {missing} of {len(linked)} products: a word of the template is unknown")


def _words(product: Product, event: StoreEvent, place: LookupContext) -> Mapping[str, str]:
    locale = parse(event.locale.raw) or place.settings.store.default_locale or place.shop.locale
    return {
        "locale": locale,
        "slug": product.slug,
        "channel": event.basket.channel if event.basket else "",
        "variant": product.variant_id,
    }


def _link(template: str, words: Mapping[str, str]) -> str:
    """The template filled in; no link at all when it asks for a word there is not."""
    for name, word in words.items():
        if f"{{{name}}}" in template and not word:
            return ""
        template = template.replace(f"{{{name}}}", quote(word, safe=""))
    return template


def _partial(event: StoreEvent, why: str) -> StoreEvent:
    return replace(event, partial="; ".join(text for text in (event.partial, why) if text))
