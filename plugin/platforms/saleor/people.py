"""Who an event is about, and in which language: Saleor keeps both in several places."""

from collections.abc import Iterable

from plugin.domain.contact import Consent, Contact, tidy_contact
from plugin.domain.event import BuyerLocale, LocaleOrigin
from plugin.domain.locale import parse
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop


def contact(email: str, user: Payload, *addresses: Payload) -> Contact | None:
    """The person, put together from an order's or checkout's own e-mail, its account and its addresses.

    Phones stand on addresses only; consent to marketing is nowhere in Saleor's core, so it is unknown.
    """
    names = (*addresses, user)
    return tidy_contact(
        emails=(email, user.text("email")),
        phones=tuple(address.text("phone") for address in addresses),
        country=country(*addresses),
        first_name=_first(name.text("firstName") for name in names),
        last_name=_first(name.text("lastName") for name in names),
        consent=Consent.UNKNOWN,
    )


def country(*addresses: Payload) -> str:
    """ISO 3166 code of the first address that has one."""
    return _first(address.object("country").text("code") for address in addresses)


def locale(found: Iterable[tuple[str, LocaleOrigin]], shop: Shop) -> BuyerLocale:
    """The first that is a language, as Saleor wrote it (`PT_BR`); the shop's own comes last."""
    for raw, origin in (*found, (shop.locale, LocaleOrigin.SHOP)):
        if parse(raw):
            return BuyerLocale(raw=raw, origin=origin)
    return BuyerLocale()


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
