"""Links and pictures of a basket's lines, looked up once and remembered."""

from collections.abc import Sequence
from dataclasses import replace

from plugin.domain.basket import Product, amount
from plugin.domain.event import StoreEvent
from plugin.domain.routing import MOST_LINES
from plugin.ports import LookupContext

from .lookups import EventLookups, Wanted
from .pages import Pages
from .records import GONE, Record


def with_products(event: StoreEvent, place: LookupContext, lookups: EventLookups) -> tuple[StoreEvent, str]:
    """The event with what is known of its products, and why not all is; raises `TryAgain`."""
    found = lookups.products([_wanted(product) for product in _worth_asking(event.products)])
    known = {key: one.record for key, one in found.items() if one.record is not None}
    pages = Pages(event, place, known=known.values(), lookups=lookups)
    completed = tuple(_filled(product, known.get(_key(product), GONE), pages) for product in event.products)
    return event.with_products(completed), next((one.refusal for one in found.values() if one.refusal), "")


def _worth_asking(products: Sequence[Product]) -> Sequence[Product]:
    """The lines a body will carry: the first ones, and the dearest, which may stand in its flat keys.

    A variant costs about nine points of the thousand one query may cost, so many more lines would be refused.
    https://shopify.dev/docs/api/usage/limits
    """
    unknown = [product for product in products if product.id and not (product.link and product.image)]
    dearest = sorted(unknown[MOST_LINES:], key=lambda product: amount(product.price), reverse=True)[:1]
    return unknown[:MOST_LINES] + dearest


def _key(product: Product) -> str:
    return f"product:{product.id}:{product.variant_id}"


def _wanted(product: Product) -> Wanted:
    if product.variant_id:
        return Wanted(_key(product), f"gid://shopify/ProductVariant/{product.variant_id}")
    return Wanted(_key(product), f"gid://shopify/Product/{product.id}")


def _filled(product: Product, record: Record, pages: Pages) -> Product:
    """The line with what it lacked; its own words stay, they are what the buyer saw."""
    known = replace(product, name=product.name or record.get("name", ""), slug=product.slug or record.get("slug", ""))
    return replace(
        known,
        link=known.link or pages.link(known, record),
        image=known.image or record.get("image", ""),
    )
