"""Links and pictures of a basket's lines, looked up once and remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from plugin.domain.basket import Product, amount
from plugin.domain.event import StoreEvent
from plugin.domain.payload import Payload
from plugin.ports import LookupContext

from . import lines
from .api import Answer, Ask
from .pages import HIDDEN, Pages, Record

# A body carries 50 products, and a variant costs about nine points of the thousand one query may cost: more lines
# would be thrown away, or refused.  https://shopify.dev/docs/api/usage/limits
MOST: Final = 50

GONE: Final[Record] = {"name": "", "slug": "", "link": "", "image": ""}  #: remembered of a deleted product


def with_products(event: StoreEvent, place: LookupContext, ask: Ask) -> tuple[StoreEvent, str]:
    """The event with what is known of its products, and why not all is; raises `TryAgain`."""
    wanted = {_key(product): _gid(product) for product in _worth_asking(event.products)}
    known = dict(place.catalogue.read(place.shop.id, wanted)) if wanted else {}
    missing = {key: gid for key, gid in wanted.items() if key not in known}
    refusal = ""
    if missing:
        answer = ask("ProductsForEvent", {"ids": list(missing.values())})
        found, refusal = _records(missing, answer), answer.refusal
        place.catalogue.write(place.shop.id, found, now=place.now)
        known |= found
    pages = Pages(event, place, known=known.values(), ask=ask)
    completed = tuple(_filled(product, known.get(_key(product), GONE), pages) for product in event.products)
    return event.with_products(completed), refusal


def _worth_asking(products: Sequence[Product]) -> Sequence[Product]:
    """The lines a body will carry: the first ones, and the dearest, which may stand in its flat keys."""
    unknown = [product for product in products if product.id and not (product.link and product.image)]
    dearest = sorted(unknown[MOST:], key=lambda product: amount(product.price), reverse=True)[:1]
    return unknown[:MOST] + dearest


def _key(product: Product) -> str:
    return f"product:{product.id}:{product.variant_id}"


def _gid(product: Product) -> str:
    if product.variant_id:
        return f"gid://shopify/ProductVariant/{product.variant_id}"
    return f"gid://shopify/Product/{product.id}"


def _records(missing: Mapping[str, str], answer: Answer) -> dict[str, Record]:
    """What is now known of each. Null means deleted, but beside an error it may mean forbidden: not remembered."""
    nodes = {node.text("id"): node for node in answer.data.objects("nodes")}
    found = {key: _record(nodes[gid]) for key, gid in missing.items() if gid in nodes}
    return found if answer.refusal else {key: found.get(key, GONE) for key in missing}


def _record(node: Payload) -> Record:
    page = node.object("product") or node
    variant_pictures = [_picture(media) for media in node.object("media").objects("nodes")]
    is_hidden = page.text("status") in HIDDEN
    return {
        "name": page.text("title"),
        "slug": "" if is_hidden else page.text("handle"),
        "link": "" if is_hidden else lines.link(page.text("onlineStoreUrl")),
        "image": next((picture for picture in variant_pictures if picture), "") or _picture(page.object("featuredMedia")),
    }


def _picture(media: Payload) -> str:
    return lines.link(media.object("preview").object("image").text("url"))


def _filled(product: Product, record: Record, pages: Pages) -> Product:
    """The line with what it lacked; its own words stay, they are what the buyer saw."""
    known = replace(product, name=product.name or record.get("name", ""), slug=product.slug or record.get("slug", ""))
    return replace(
        known,
        link=known.link or pages.link(known, record),
        image=known.image or record.get("image", ""),
    )
