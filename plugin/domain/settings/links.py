"""Checking the addresses of a settings file: the store's own, and the template of its products' pages."""

import re
import string
from typing import Final
from urllib.parse import urlsplit

from plugin.domain.excerpts import LONGEST_EXCERPT, found, nearest
from plugin.domain.settings.values import Wrong
from plugin.domain.wording import NO_SENTENCE, Sentence, worded

LONGEST_LINK: Final = 2048
PLACEHOLDERS: Final = ("locale", "slug", "channel", "variant")
KNOWN: Final = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


def link(value: object) -> str:
    """An absolute address, without a slash at its end."""
    return _absolute(value, "https://demo.example").rstrip("/")


def product_link(value: object) -> str:
    """A template of absolute addresses."""
    tidy = _absolute(value, "https://demo.example/{locale}/products/{slug}")
    try:
        parts = list(string.Formatter().parse(tidy))
    except ValueError as error:
        raise Wrong(worded("a brace is left open or closed twice; in braces can stand: %(known)s.", known=KNOWN)) from error
    for _, name, form, conversion in parts:
        if name is not None and name not in PLACEHOLDERS:
            raise Wrong(_no_placeholder(name))
        if form or conversion:
            raise Wrong(
                worded("found more in braces than a word; nothing but the word can stand there: {%(name)s}.", name=name)
            )
    return tidy


def _no_placeholder(name: str) -> Sentence:
    if near := nearest(name, PLACEHOLDERS):
        return worded(
            "found %(found)s in braces; what can stand there: %(known)s. Did you mean %(word)s?",
            found=found(name),
            known=KNOWN,
            word=near,
        )
    return worded("found %(found)s in braces; what can stand there: %(known)s.", found=found(name), known=KNOWN)


def _absolute(value: object, example: str) -> str:
    if not isinstance(value, str):
        raise Wrong(worded("found %(found)s; write a whole address, such as %(example)s.", found=found(value), example=example))
    if problem := _no_address(value.strip()):
        raise Wrong(
            worded(
                "found %(found)s, which cannot be used: %(why)s; write a whole address, such as %(example)s.",
                found=found(value),
                why=problem,
                example=example,
            )
        )
    return value.strip()


def _no_address(address: str) -> Sentence:
    """What keeps this from being a whole address; unsaid when nothing does."""
    if len(address) > LONGEST_LINK:
        return worded("an address has at most %(most)s characters", most=LONGEST_LINK)
    if not address.isprintable() or re.search(r"\s", address):
        return worded("there is a blank or an unseen sign in it")
    scheme = re.match(r"([a-z][a-z0-9+.-]*):(?![0-9])", address, re.IGNORECASE)
    if not scheme:
        return worded("at its beginning https:// is missing")
    if scheme[1].lower() not in ("http", "https"):
        return worded("it begins %(scheme)s:, where https:// belongs", scheme=scheme[1][:LONGEST_EXCERPT])
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        has_port = False
    if not has_port:
        return worded("what stands after the colon is no port")
    if "@" in parts.netloc:
        return worded("a name and a password do not belong in it")
    return NO_SENTENCE if parts.hostname else worded("the name of the site is missing")
