"""The shop's products as Saleor's GraphQL shows them."""

from typing import Any

from plugin.sandbox.catalogue import SampleProduct, SampleVariant

from .ids import global_id

Node = dict[str, Any]


def product(found: SampleProduct, origin: str) -> Node:
    return {
        "__typename": "Product",
        "id": global_id("Product", found.number),
        "name": found.title,
        "slug": found.handle,
        "metadata": [],
        "description": None,
        "externalReference": None,
        "category": {"id": global_id("Category", found.kind), "name": found.kind, "slug": found.kind.lower()},
        "thumbnail": lambda _info, **_: image(found, origin),
        "media": media(found, origin),
        "translation": lambda _info, languageCode: _translated(found, languageCode),  # noqa: N803 the schema's name
    }


def image(found: SampleProduct, origin: str) -> Node:
    return {"url": f"{origin}/media/{found.handle}.svg", "alt": found.title}


def media(found: SampleProduct, origin: str) -> list[Node]:
    address_ = f"{origin}/media/{found.handle}.svg"
    return [{"alt": found.title, "type": "IMAGE", "url": lambda _info, **_: address_}]


def _translated(found: SampleProduct, language: str) -> Node | None:
    title = found.title_in(language)
    return None if title == found.title else {"name": title, "slug": None}


def variant(found: SampleProduct, one: SampleVariant, origin: str) -> Node:
    return {
        "__typename": "ProductVariant",
        "id": global_id("ProductVariant", one.number),
        "name": one.title or str(one.number),  # a variant nobody named is called by its id
        "sku": one.sku,
        "metadata": [],
        "product": product(found, origin),
        "media": media(found, origin),
        "translation": lambda _info, **_: None,
    }
