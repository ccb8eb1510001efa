"""The shop itself, its languages, and where it is to be seen in each."""

from collections.abc import Callable, Mapping, Sequence

from plugin.sandbox.catalogue import RATES

from .bodies import SHOP_CURRENCY, SHOP_LOCALE, gid
from .objects import Node

LOCALES = (("en", "English"), ("pl", "Polish"), ("de", "German"), ("pt-BR", "Portuguese (Brazil)"), ("fr", "French"))
CANADA = ("ca", ("en", "fr"))  #: a market with a folder of its own for each of its languages


def shop(address_: str, name: str, storefront: str, locales: Sequence[str]) -> Node:
    return {
        "__typename": "Shop",
        "id": gid("Shop", 61000000001),
        "name": name,
        "myshopifyDomain": address_,
        "email": "owner@example.com",
        "contactEmail": "hello@example.com",
        "url": storefront,
        "currencyCode": SHOP_CURRENCY,
        "ianaTimezone": "Europe/Warsaw",
        "timezoneAbbreviation": "CET",
        "createdAt": "2026-01-01T00:00:00Z",
        "enabledPresentmentCurrencies": list(RATES),
        "primaryDomain": _domain(storefront, locales),
        "plan": {"publicDisplayName": "Development", "partnerDevelopment": True},
    }


def _domain(storefront: str, locales: Sequence[str], country: str | None = None) -> Node:
    others = [code for code in locales if code != SHOP_LOCALE]
    return {
        "__typename": "Domain",
        "id": gid("Domain", 1),
        "host": storefront.partition("://")[2],
        "url": storefront,
        "localization": {"defaultLocale": SHOP_LOCALE, "alternateLocales": others, "country": country},
    }


def shop_locales(locales: Sequence[str], unpublished: Sequence[str]) -> Callable[..., list[Node]]:
    """All of them, or only those that are published."""
    known = [shop_locale(code) for code in locales] + [shop_locale(code, is_published=False) for code in unpublished]

    def found(_info: object, published: bool = False) -> list[Node]:
        return [one for one in known if one["published"] or not published]

    return found


def shop_locale(code: str, *, is_published: bool = True) -> Node:
    return {
        "locale": code, "name": dict(LOCALES).get(code, code), "primary": code == SHOP_LOCALE, "published": is_published
    }  # fmt: skip


def web_presences(storefront: str, locales: Sequence[str], market_domain: str) -> list[Node]:
    """The primary domain's, with a folder for each language, and a market's: at its own domain, or in folders (`/fr-ca`)."""
    suffix, spoken = CANADA
    home = _presence(1, _roots(storefront, locales), domain=_domain(storefront, locales))
    if market_domain:
        domain = _domain(market_domain, spoken, country=suffix.upper())
        return [home, _presence(2, _roots(market_domain, spoken), domain=domain)]
    return [home, _presence(2, {code: f"{storefront}/{code}-{suffix}" for code in spoken}, suffix=suffix)]


def _roots(url: str, locales: Sequence[str]) -> dict[str, str]:
    return {code: url if code == SHOP_LOCALE else f"{url}/{code.lower()}" for code in locales}


def _presence(number: int, roots: Mapping[str, str], *, domain: Node | None = None, suffix: str | None = None) -> Node:
    return {
        "__typename": "MarketWebPresence",
        "id": gid("MarketWebPresence", number),
        "subfolderSuffix": suffix,
        "domain": domain,
        "defaultLocale": shop_locale(SHOP_LOCALE),
        "rootUrls": [{"locale": code, "url": url} for code, url in roots.items()],
    }
