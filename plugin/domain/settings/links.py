"""Checking the addresses of a settings file: the store's own, and the template of its products' pages."""

import re
import string
from typing import Final
from urllib.parse import urlsplit

from plugin.domain.excerpts import LONGEST_EXCERPT, found, nearest
from plugin.domain.settings.values import Wrong
from plugin.domain.wording import NO_SENTENCE, Sentence, worded

LONGEST_LINK: Final = 2048
PRODUCT_WORDS: Final = ("locale", "slug", "channel", "variant")
CART_WORDS: Final = ("locale", "checkout", "token", "channel", "email")
ORDER_WORDS: Final = ("locale", "order", "order_number", "channel", "email")


def link(value: object) -> str:
    """An absolute address, without a slash at its end."""
    return _absolute(value, "https://demo.example").rstrip("/")


def product_link(value: object) -> str:
    """A template of the addresses of products."""
    return _template(value, PRODUCT_WORDS, "https://demo.example/{locale}/products/{slug}")


def cart_link(value: object) -> str:
    """A template of the addresses that open a cart again."""
    return _template(value, CART_WORDS, "https://demo.example/{locale}/checkout?checkout={checkout}")


def order_link(value: object) -> str:
    """A template of the addresses of buyers' order pages."""
    return _template(value, ORDER_WORDS, "https://demo.example/{locale}/orders/{order_number}")


def is_link(text: str) -> bool:
    """Whether this is a whole address, which a page or a mail can link to."""
    return not _no_address(text)


def words_in(template: str) -> tuple[str, ...]:
    """The words in braces, each once, in their order; of a template that was checked."""
    return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(template) if name))


def _template(value: object, words: tuple[str, ...], example: str) -> str:
    tidy, known = _absolute(value, example), ", ".join(f"{{{name}}}" for name in words)
    try:
        parts = list(string.Formatter().parse(tidy))
    except ValueError as error:
        raise Wrong(worded("a brace is missing or doubled; in braces you can use: %(known)s.", known=known)) from error
    if any(f"{{{{{word}}}}}" in tidy for word in words):  # doubled braces stand for themselves, and this word was meant
        raise Wrong(worded("a brace is missing or doubled; in braces you can use: %(known)s.", known=known))
    for _, name, form, conversion in parts:
        if name is not None and name not in words:
            raise Wrong(_no_placeholder(name, words, known))
        if form or conversion:
            raise Wrong(worded("found more than a word in braces; keep only the word: {%(name)s}.", name=name))
    return tidy


def _no_placeholder(name: str, words: tuple[str, ...], known: str) -> Sentence:
    if near := nearest(name, words):
        return worded(
            "found %(found)s in braces; you can use: %(known)s. Did you mean %(word)s?",
            found=found(name),
            known=known,
            word=near,
        )
    return worded("found %(found)s in braces; you can use: %(known)s.", found=found(name), known=known)


def _absolute(value: object, example: str) -> str:
    if not isinstance(value, str):
        raise Wrong(worded("found %(found)s; enter a whole address, such as %(example)s.", found=found(value), example=example))
    if problem := _no_address(value.strip()):
        raise Wrong(
            worded(
                "found %(found)s, which cannot be used: %(why)s; enter a whole address, such as %(example)s.",
                found=found(value),
                why=problem,
                example=example,
            )
        )
    return value.strip()


def _no_address(address: str) -> Sentence:
    """What keeps this from being a whole address; unsaid when nothing does."""
    if len(address) > LONGEST_LINK:
        return worded("it is longer than %(most)s characters", most=LONGEST_LINK)
    if not address.isprintable() or re.search(r"\s", address):
        return worded("it contains a space or an invisible character")
    scheme = re.match(r"([a-z][a-z0-9+.-]*):(?![0-9])", address, re.IGNORECASE)
    if not scheme:
        return worded("https:// is missing at the start")
    if scheme[1].lower() not in ("http", "https"):
        return worded("it starts with %(scheme)s: instead of https://", scheme=scheme[1][:LONGEST_EXCERPT])
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        has_port = False
    if not has_port:
        return worded("the part after the colon is not a port")
    if "@" in parts.netloc:
        return worded("it contains a user name or a password")
    return NO_SENTENCE if parts.hostname else worded("the name of the site is missing")
