"""The hosts a shop has shown to be its own: what Shopify said of it, never what its merchant wrote into our settings.

Its pages are at its own domains, one a market, and at Shopify's (checkout, account, pictures); each is learnt from what Shopify
signed or answered. https://help.shopify.com/en/manual/domains
"""

from collections.abc import Iterable
from typing import Final

from plugin.domain.event import StoreEvent
from plugin.domain.hosts import host_of
from plugin.ports import Installation, LookupContext

from .records import Record

HOSTS: Final = "hosts"  #: where they are kept among the words of the shop's access
MOST: Final = 60  #: of one shop; Shopify allows 50 markets, most of them at one domain together


def own_hosts(installation: Installation) -> frozenset[str]:
    """Those known of the shop."""
    shop = installation.shop
    hosts = {shop.address, host_of(shop.link), *map(str, installation.access.get(HOSTS, ()))}
    return frozenset(hosts - {""})


def learn_from_event(event: StoreEvent, place: LookupContext) -> None:
    """The pages of an order and of a checkout, which only Shopify names."""
    if event.basket:
        _learn((event.basket.order_link, event.basket.cart_link), place)


def learn_from_products(records: Iterable[Record], place: LookupContext) -> None:
    """The pages and pictures of products, as Shopify answered."""
    _learn((record.get(name, "") for record in records for name in ("link", "image")), place)


def learn_from_storefront(roots: Iterable[str], place: LookupContext) -> None:
    """The domains of its markets, as Shopify answered."""
    _learn(roots, place)


def _learn(addresses: Iterable[str], place: LookupContext) -> None:
    known = place.access.get(HOSTS, ())
    at_hand = {"", place.shop.address, host_of(place.shop.link), *known}
    new = sorted({host_of(address) for address in addresses} - at_hand)
    if new:
        place.shops.renew(place.shop.id, {HOSTS: [*new, *known][:MOST]})
