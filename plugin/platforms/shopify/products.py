"""A basket's lines as their buyer saw them, with links and pictures: looked up once and remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from plugin.domain.basket import Product, amount
from plugin.domain.event import StoreEvent
from plugin.domain.hosts import host_of
from plugin.domain.locale import How, best, parse
from plugin.domain.routing import MOST_LINES
from plugin.domain.wording import Sentence, worded
from plugin.ports import LookupContext

from .lookups import EventLookups, Found, Wanted
from .pages import Pages
from .records import GONE, Record
from .scopes import of_token
from .storefront import READ_MARKETS, Edition

UNTOLD: Final = worded("Product names are in your store’s language: this app cannot read your translations.")

_UNDERSTOOD: Final = (How.EXACT, How.TRUNCATION)


def with_products(event: StoreEvent, place: LookupContext, lookups: EventLookups) -> tuple[StoreEvent, str]:
    """The event with what is known of its products, and why not all is; raises `TryAgain`."""
    asked = _worth_asking(event.products)
    edition, refusal = _edition(event, place, lookups) if asked else (Edition(), "")
    found = _found(asked, edition, lookups)
    if edition.locale and (first := _refusal(found)):  # a translation that is refused takes its product's link with it
        edition, refusal = replace(edition, locale=""), refusal or first
        found = _found(asked, edition, lookups)
    known = {key: one.record for key, one in found.items() if one.record is not None}
    pages = Pages(event, place, edition=edition, known=known.values(), lookups=lookups)
    lines = [(product, known.get(_key(product, edition.locale), GONE)) for product in event.products]
    completed = event.with_products(tuple(_filled(product, record, pages) for product, record in lines))
    return completed.lacking(_lacking(edition, lines)), _refusal(found) or refusal


def _edition(event: StoreEvent, place: LookupContext, lookups: EventLookups) -> tuple[Edition, str]:
    """The store as this buyer sees it, and why that may not be known. In the shop's own language nothing need be asked."""
    locale, scopes = event.locale.raw, of_token(place.access) or frozenset()
    match = best(locale, [place.shop.locale])
    is_shops = parse(locale) is None or (match is not None and match.how in _UNDERSTOOD)
    if is_shops and READ_MARKETS not in scopes:
        return Edition(), ""
    told, basket = lookups.storefront(), event.basket
    if told.storefront is None or basket is None:
        return Edition(), told.refusal
    seen_at = host_of(basket.order_link or basket.cart_link)
    return told.storefront.edition(locale or place.shop.locale, country=basket.country, host=seen_at), told.refusal


def _found(asked: Sequence[Product], edition: Edition, lookups: EventLookups) -> Mapping[str, Found]:
    return lookups.products([_wanted(product, edition.locale) for product in asked], locale=edition.locale)


def _refusal(found: Mapping[str, Found]) -> str:
    return next((one.refusal for one in found.values() if one.refusal), "")


def _worth_asking(products: Sequence[Product]) -> Sequence[Product]:
    """The lines a body will carry: the first ones, and the dearest, which may stand in its flat keys.

    A variant costs about nine points of the thousand one query may cost, twelve with its translation, so many more lines
    would be refused. https://shopify.dev/docs/api/usage/limits
    """
    unknown = [product for product in products if product.id and not (product.link and product.image)]
    dearest = sorted(unknown[MOST_LINES:], key=lambda product: amount(product.price), reverse=True)[:1]
    return unknown[:MOST_LINES] + dearest


def _key(product: Product, locale: str) -> str:
    # Forgotten with its product in all languages.
    return f"product:{product.id}:{product.variant_id}{locale and f':{locale}'}"


def _wanted(product: Product, locale: str) -> Wanted:
    if product.variant_id:
        return Wanted(_key(product, locale), f"gid://shopify/ProductVariant/{product.variant_id}")
    return Wanted(_key(product, locale), f"gid://shopify/Product/{product.id}")


def _filled(product: Product, record: Record, pages: Pages) -> Product:
    """The line with what it lacked. Its own words stay where the buyer saw them, or where there is no translation."""
    known = replace(product, name=product.name or record.get("name", ""), slug=product.slug or record.get("slug", ""))
    if not product.is_as_seen:
        variant_name = record.get("variant_title", "") if known.variant_name else ""
        known = replace(known, name=record.get("title", "") or known.name, variant_name=variant_name or known.variant_name)
    return replace(
        known,
        link=known.link or pages.link(known, record),
        image=known.image or record.get("image", ""),
    )


def _lacking(edition: Edition, lines: Sequence[tuple[Product, Record]]) -> Sentence | str:
    """What is told in the shop's own words though the buyer reads another language; a product that is gone has no others."""
    unseen = [(product, record) for product, record in lines if product.id and not product.is_as_seen]
    if edition.is_untold:
        return UNTOLD if unseen else ""
    missing = sum(not record.get("title") for _, record in unseen if record.get("name")) if edition.locale else 0
    if not missing:
        return ""
    return worded(
        "Names of %(missing)s of %(all)s products are in your store’s language: they are not translated into %(locale)s.",
        missing=missing,
        all=len(lines),
        locale=edition.locale,
    )
