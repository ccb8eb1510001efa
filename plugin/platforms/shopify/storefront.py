"""In which languages a shop's buyers see it, and where its pages begin for each of them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from plugin.domain.hosts import host_of
from plugin.domain.locale import best
from plugin.domain.payload import Payload
from plugin.domain.wording import worded
from plugin.ports import Permission

from . import lines, scopes

READ_LOCALES: Final = "read_locales"
READ_MARKETS: Final = "read_markets"
READ_TRANSLATIONS: Final = "read_translations"

UNTOLD: Final = worded("This app cannot read your store’s translations and markets.")
ALLOW: Final = worded("Allow access to translations")

_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_PLAIN_LANGUAGE: Final = re.compile(r"[a-z]{2,3}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Where the pages of one language begin, in one market or in all."""

    locale: str
    url: str  #: without a slash at its end
    countries: tuple[str, ...] = ()  #: ISO 3166, which it is meant for; none where it is for everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The store as one buyer sees it; as the shop itself writes it where nothing else is said."""

    locale: str = ""  #: the published language its products are to be told in; "" for the shop's own
    root: str = ""  #: where its pages begin; "" where products' own addresses say so
    is_untold: bool = False  #: it is in another language than the shop's own, but translations may not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Storefront:
    """What Shopify says of all editions of a shop."""

    primary: str
    published: tuple[str, ...]
    roots: tuple[Root, ...]
    scopes: frozenset[str]

    def edition(self, raw_locale: str, *, country: str, host: str) -> Edition:
        """For a buyer of this locale and country who was last seen at this host; the shop's own in an unpublished language."""
        match = best(raw_locale, self.published)
        if match is None:
            return Edition()
        is_own, is_told = match.offered == self.primary, READ_TRANSLATIONS in self.scopes
        root = self._root(match.offered, country=country, host=host)
        is_elsewhere = root is not None and (not is_own or country in root.countries)
        return Edition(
            locale=match.offered if is_told and not is_own else "",
            root=root.url if root and is_elsewhere else "",
            is_untold=not is_own and not is_told,
        )

    def _root(self, locale: str, *, country: str, host: str) -> Root | None:
        """That of the buyer's country, else where the buyer was seen, else one for everybody."""
        fitting = [root for root in self.roots if root.locale == locale]
        rank = {root: (country in root.countries, host_of(root.url) == host, not root.countries) for root in fitting}
        return max(fitting, key=rank.__getitem__, default=None)


def lacks(access: Mapping[str, Any]) -> Permission | None:
    """The scopes without which products are told in the store's own language alone."""
    told = scopes.allowed(access) or ()
    missing = [scope for scope in (READ_MARKETS, READ_TRANSLATIONS) if told and scope not in told]
    return Permission(name=" ".join(missing), reason=UNTOLD, request=ALLOW) if missing else None


def record(data: Payload, scopes: Iterable[str]) -> dict[str, str]:
    """What the catalogue remembers of the answer."""
    domain = data.object("shop").object("primaryDomain")
    spoken = domain.object("localization")
    told = {each.text("locale"): each.truth("primary") for each in data.objects("shopLocales")}
    primary = next((locale for locale, is_primary in told.items() if is_primary), "") or spoken.text("defaultLocale")
    published = list(told) or [spoken.text("defaultLocale"), *spoken.texts("alternateLocales")]
    presences = data.object("webPresences").objects("nodes")
    roots = [root for presence in presences for root in _of_presence(presence)] or _of_domain(domain)
    return {
        "primary": primary,
        "published": json.dumps([locale for locale in published if locale]),
        "roots": json.dumps([[root.locale, root.url, *root.countries] for root in roots if root.url and root.locale]),
        "scopes": " ".join(sorted(scopes)),
    }


def storefront(record: Mapping[str, str]) -> Storefront:
    """What was remembered."""
    roots = [Root(locale=locale, url=url, countries=tuple(more)) for locale, url, *more in json.loads(record["roots"])]
    return Storefront(
        primary=record["primary"],
        published=tuple(json.loads(record["published"])),
        roots=tuple(roots),
        scopes=frozenset(record["scopes"].split()),
    )


def granted(data: Payload) -> frozenset[str]:
    """What the token that asked allows."""
    return frozenset(each.text("handle") for each in data.object("currentAppInstallation").objects("accessScopes"))


def _of_presence(presence: Payload) -> list[Root]:
    """A domain is of the country it is set to, a folder of that in its name (`en-ca`)."""
    country = presence.object("domain").object("localization").text("country") or presence.text("subfolderSuffix").upper()
    countries = tuple(_COUNTRY.findall(country)) if len(country) == 2 or "," in country else ()
    return [
        Root(locale=each.text("locale"), url=lines.link(each.text("url")).rstrip("/"), countries=countries)
        for each in presence.objects("rootUrls")
    ]


def _of_domain(domain: Payload) -> list[Root]:
    """The primary domain's, without read_markets; how Shopify writes a folder's region or script is not told there."""
    url, spoken = lines.link(domain.text("url")).rstrip("/"), domain.object("localization")
    folders = [locale for locale in spoken.texts("alternateLocales") if _PLAIN_LANGUAGE.fullmatch(locale)]
    roots = [Root(locale=locale, url=f"{url}/{locale}") for locale in folders]
    return [Root(locale=spoken.text("defaultLocale"), url=url), *roots] if url else []
