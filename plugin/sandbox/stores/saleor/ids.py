"""Saleor's global ids, languages and channels."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID


def global_id(kind: str, key: int | str | UUID) -> str:
    """base64 of `Order:<uuid>`."""
    return b64encode(f"{kind}:{key}".encode()).decode()


def key_of(id: str, kind: str) -> str:
    """What stands behind the colon of an id of this kind; raises `ValueError` for any other text."""
    found, _, key = b64decode(id, validate=True).decode("ascii").partition(":")
    if found != kind or not key:
        raise ValueError(id)
    return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A sales channel: in Saleor the currency is the channel's."""

    number: int
    slug: str
    name: str
    currency: str
    country: str
    country_name: str


def _channel(number: int, slug: str, name: str, currency: str, country: str, country_name: str) -> Channel:
    return Channel(number=number, slug=slug, name=name, currency=currency, country=country, country_name=country_name)


CHANNELS: Final[Mapping[str, Channel]] = {
    channel.currency: channel
    for channel in (
        _channel(1, "default-channel", "Euro", "EUR", "DE", "Germany"),
        _channel(2, "channel-pln", "Polska", "PLN", "PL", "Poland"),
        _channel(3, "channel-brl", "Brasil", "BRL", "BR", "Brazil"),
        _channel(4, "channel-gbp", "United Kingdom", "GBP", "GB", "United Kingdom"),
        _channel(5, "channel-cad", "Canada", "CAD", "CA", "Canada"),
        _channel(6, "channel-uah", "Україна", "UAH", "UA", "Ukraine"),
        _channel(7, "channel-usd", "United States", "USD", "US", "United States of America"),
    )
}
"""By currency."""

NO_LANGUAGE: Final = "EN"  #: what Saleor writes when the storefront says nothing


def language_code(locale: str, known: Mapping[str, object]) -> str:
    """The LanguageCodeEnum name of a locale: `pl-PL` is PL_PL; its language alone, or EN, where there is no such name."""
    wanted = locale.replace("-", "_").upper()
    language = wanted.partition("_")[0]
    return next((code for code in (wanted, language) if code in known), NO_LANGUAGE)
