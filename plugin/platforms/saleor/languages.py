"""Which language an event is in, and in which languages the products of a cart are asked for."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from plugin.domain.event import BuyerLocale, LocaleOrigin
from plugin.domain.locale import How, best, parse
from plugin.domain.payload import Payload
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.spellings import LONGEST
from plugin.ports import LookupContext

# A subscription has no variables, so a cart's products are asked for in every language that might be its buyer's. These
# stand in the manifest, until the shop's settings name its own: the languages Saleor's storefronts and SendPulse's
# customers have in common, most of Europe and the Americas. Each costs the shop one more look at its translations.
USUAL: Final = (
    "EN", "PL", "DE", "ES", "FR", "IT", "PT", "PT_BR", "UK", "NL",
    "CS", "SK", "HU", "RO", "SV", "DA", "NB", "FI", "TR", "RU",
)  # fmt: skip
MOST: Final = 30  #: languages asked for at once
COLUMN_DEFAULT: Final = "EN"  #: what Saleor writes where nobody says a language
_STAFF_MADE: Final = ("DRAFT", "REISSUE")
_SCRIPT_LETTERS: Final = 4  #: of ZH_HANT: without its script a language may be read by somebody else


def order_locale(order: Payload, shop: Shop) -> BuyerLocale:
    """The order's language, then the account's; the account's first where staff made the order and none was said."""
    own = (order.text("languageCodeEnum") or order.text("languageCode"), LocaleOrigin.ORDER)
    account = (order.object("user").text("languageCode"), LocaleOrigin.CUSTOMER)
    is_unsaid = order.text("origin") in _STAFF_MADE and own[0].upper() == COLUMN_DEFAULT != account[0].upper()
    return locale((account, own) if is_unsaid else (own, account), shop)


def checkout_locale(checkout: Payload, shop: Shop) -> BuyerLocale:
    """The checkout's language, then the account's."""
    own = (checkout.text("languageCode"), LocaleOrigin.CHECKOUT)
    return locale((own, (checkout.object("user").text("languageCode"), LocaleOrigin.CUSTOMER)), shop)


def locale(found: Iterable[tuple[str, LocaleOrigin]], shop: Shop) -> BuyerLocale:
    """The first that is a language, as Saleor wrote it (`PT_BR`); the shop's own comes last."""
    return BuyerLocale.first((*found, (shop.locale, LocaleOrigin.SHOP)))


def asked_languages(settings: ShopSettings) -> tuple[str, ...]:
    """Saleor's names of the languages the shop has letters in; the usual ones where it has none yet."""
    table = settings.table
    locales = (settings.store.default_locale, *(flow.locale for flow in table.flows))
    found = dict.fromkeys(code for raw in locales for code in _chain(_code(parse(raw) or "")) if code in known_codes())
    return tuple(found)[:MOST] if table.flows and found else USUAL


@cache
def known_codes() -> frozenset[str]:
    """The names of LanguageCodeEnum, the same on 3.21 and 3.24: a query with another is refused."""
    return frozenset((Path(__file__).parent / "language_codes.txt").read_text(encoding="utf-8").split())


def alias(code: str) -> str:
    """What the translation into this language is called in a body."""
    return f"translation_{code}"


def is_asked(thing: Payload, language: str) -> bool:
    """Whether a body was asked for this product's name in this language, or in the one it is a region of."""
    return any(word in thing.fields for word in (*(alias(code) for code in _chain(_code(language))), "translation"))


def spoken(language: str) -> tuple[str, ...]:
    """Saleor's names of a language, the nearest first: PT_BR, PT; none of what it has no name for."""
    return tuple(code for code in _chain(_code(language)) if code in known_codes())


def has_letters(settings: ShopSettings, language: str) -> bool:
    """Whether the shop writes in this language, as far as it has said; before it has any flow it may yet."""
    flows = [flow.locale for flow in settings.table.flows]
    return not flows or best(language, flows) is not None


def is_foreign(language: str, place: LookupContext) -> bool:
    """Whether the shop's own texts are in another language, where its merchant has said which: Saleor does not tell."""
    own = place.settings.store.default_locale or place.shop.locale
    match = best(language, [own])
    return parse(own) is not None and parse(language) is not None and (match is None or match.how is How.DISTANCE)


def translated_name(thing: Payload, language: str) -> str:
    """The name of a product or variant in this language, or in the one it is a region of; "" where it has none."""
    words = (*(alias(code) for code in _chain(_code(language))), "translation")
    return next((name for name in (thing.object(word).text("name") for word in words) if name), "")


def _code(raw: str) -> str:
    return raw[:LONGEST].replace("-", "_").upper()


def _chain(code: str) -> Iterator[str]:
    """PT_BR, PT; but ZH_HANT_HK, ZH_HANT."""
    parts = code.split("_")
    least = 2 if len(parts) > 1 and len(parts[1]) == _SCRIPT_LETTERS else 1
    for length in range(len(parts), least - 1, -1):
        yield "_".join(parts[:length])
