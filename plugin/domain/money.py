"""Money: an exact amount and its currency."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_currency_precision, is_currency

from plugin.domain.locale import parse

# Digits after the point where ISO 4217 has other than two. Babel's own count is CLDR's, which is for showing:
# it has none for RSD, LBP and others whose prices come with two.
# https://www.six-group.com/en/products-services/financial-information/data-standards.html (list one)
_NO_DIGITS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS: Final = "BHD IQD JOD KWD LYD OMR TND"
MINOR_DIGITS: Final = {"CLF": 4, "UYW": 4} | dict.fromkeys(_NO_DIGITS.split(), 0) | dict.fromkeys(_THREE_DIGITS.split(), 3)

LARGEST: Final = 20  #: digits before the point; `Payload.decimal` lets no more through
_ROUNDING: Final = Context(prec=LARGEST + 10, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in one currency; never a float."""

    amount: Decimal
    currency: str  #: ISO 4217, upper case; "" when the store did not say


def amount_text(money: Money) -> str:
    """The amount with the digits its currency has, halves rounded up: 19.99, or 1980 for yen.

    "" when it is no amount anybody pays (not a number, or more than 20 digits). Never raises.
    """
    amount = _rounded(money)
    return "" if amount is None else format(amount, "f")


def money_text(money: Money, locale: str) -> str:
    """The amount with its currency as somebody with this locale writes it: 19,99 zł; English for unknown locales.

    Blanks inside are the ones Babel puts there (often no-break spaces). "" where `amount_text` is. Never raises.
    """
    amount = _rounded(money)
    return "" if amount is None else _text(amount, money.currency, locale)


@lru_cache(maxsize=4096)  # a shop has few prices, and Babel takes a tenth of a millisecond for one
def _text(amount: Decimal, currency: str, locale: str) -> str:
    written = _written(locale)
    if not is_currency(currency):
        number: str = format_decimal(amount, format="#,##0.00", locale=written)
        return number
    # CLDR leaves out the small change of some currencies; an amount that has some is written in full.
    is_usual = amount == round(amount, get_currency_precision(currency))
    return format_currency(amount, currency, locale=written, currency_digits=is_usual)


def _rounded(money: Money) -> Decimal | None:
    if not money.amount.is_finite() or (money.amount and money.amount.adjusted() >= LARGEST):
        return None
    smallest = Decimal(1).scaleb(-MINOR_DIGITS.get(money.currency, 2))
    return _ROUNDING.plus(money.amount.quantize(smallest, context=_ROUNDING))  # plus turns -0.00 into 0.00


@lru_cache(maxsize=1024)
def _written(locale: str) -> Locale:
    """The nearest locale Babel has data for."""
    for tag in _chain(locale):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def _chain(locale: str) -> Iterator[str]:
    parts = (parse(locale) or "en").split("-")
    return ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
