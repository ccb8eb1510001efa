"""What the catalogue remembers of a product, and of a shop's pages, as the Admin API tells it."""

from collections.abc import Mapping
from typing import Final

from plugin.domain.payload import Payload

from . import lines
from .api import Answer

HIDDEN: Final = frozenset({"DRAFT", "ARCHIVED"})  #: statuses without a page a buyer could see; an UNLISTED one has one

OPTIONS_BETWEEN: Final = " / "  #: what Shopify writes between a variant's options in its title

Record = Mapping[str, str]

GONE: Final[Record] = {"name": "", "slug": "", "link": "", "image": ""}  #: remembered of a deleted product


def record(node: Payload) -> Record:
    """A product, or a variant with the product it is of."""
    product = node.object("product") or node
    variant_pictures = [_picture(media) for media in node.object("media").objects("nodes")]
    is_hidden = product.text("status") in HIDDEN
    return {
        "name": product.text("title"),
        "slug": "" if is_hidden else product.text("handle"),
        "link": "" if is_hidden else lines.link(product.text("onlineStoreUrl")),
        "image": next((picture for picture in variant_pictures if picture), "") or _picture(product.object("featuredMedia")),
    }


def translated(node: Payload) -> Record:
    """What the product, and the options of its variant, are called in the language that was asked for; "" where nothing."""
    words = _words(node.object("product") or node)
    options = [
        (option.text("value"), _words(option.object("optionValue")).get("name", ""))
        for option in node.objects("selectedOptions")
    ]
    is_translated = any(name for _, name in options)
    return {
        "title": words.get("title", ""),
        "handle": words.get("handle", ""),
        "variant_title": OPTIONS_BETWEEN.join(name or value for value, name in options) if is_translated else "",
    }


def _words(thing: Payload) -> Mapping[str, str]:
    return {each.text("key"): each.text("value").strip() for each in thing.objects("translations")}


def page(answer: Answer) -> Record | None:
    """One page of the online store; None when Shopify did not say."""
    if answer.refusal or not answer.data.object("products"):
        return None
    found = (lines.link(node.text("onlineStoreUrl")) for node in answer.data.object("products").objects("nodes"))
    return {"link": next(filter(None, found), "")}


def _picture(media: Payload) -> str:
    return lines.link(media.object("preview").object("image").text("url"))
