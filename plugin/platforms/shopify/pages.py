"""Where a product's line leads: to the product's page, or to the store where it has none."""

from collections.abc import Collection
from functools import cached_property
from typing import Final
from urllib.parse import quote

from plugin.domain.basket import Product
from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.locale import parse
from plugin.ports import LookupContext

from .lookups import EventLookups
from .records import Record
from .storefront import Edition

PRODUCT_PAGES: Final = "/products/"  #: what the path of a product's page begins with


class Pages:
    """The addresses of one event's products. Shopify is asked about the shop only when none of them has a page."""

    def __init__(
        self,
        event: StoreEvent,
        place: LookupContext,
        *,
        edition: Edition,
        known: Collection[Record],
        lookups: EventLookups,
    ) -> None:
        self._event, self._place, self._edition, self._known, self._lookups = event, place, edition, known, lookups

    def link(self, product: Product, record: Record) -> str:
        """The page of this product; the store's own address where Shopify says that it has none."""
        if page := record.get("link", ""):
            return _with_variant(self._as_seen(page, record), product.variant_id)
        if not any(record.values()):  # deleted, or it could not be asked
            return self._usual_page(product)
        if record.get("slug", "") and self._is_headless:
            return self._from_template(product) or self._usual_page(product)
        return self._home

    def _as_seen(self, page: str, record: Record) -> str:
        """The same page in the buyer's language and market; a translated handle is the page's name there."""
        start = page.find(PRODUCT_PAGES)
        if not self._edition.root or start < 0:
            return page
        path, mark, query = page[start:].partition("?")
        if handle := record.get("handle", ""):
            path = f"{PRODUCT_PAGES}{quote(handle, safe='')}"
        return f"{self._edition.root}{path}{mark}{query}"

    @property
    def _home(self) -> str:
        place = self._place
        home = place.settings.store.link or self._edition.root or place.shop.link or f"https://{place.shop.address}"
        return home.rstrip("/")

    def _usual_page(self, product: Product) -> str:
        return _with_variant(f"{self._home}/products/{product.slug}", product.variant_id) if product.slug else ""

    def _from_template(self, product: Product) -> str:
        """The merchant's own form of an address; none when it asks for a word there is not."""
        link, store = self._place.settings.store.product_link, self._place.settings.store
        words = {
            "locale": parse(self._event.locale.raw) or store.default_locale or self._place.shop.locale,
            "slug": product.slug,
            "channel": self._event.basket.channel if self._event.basket else "",
            "variant": product.variant_id,
        }
        for name, word in words.items():
            if f"{{{name}}}" in link and not word:
                return ""
            link = link.replace(f"{{{name}}}", quote(word, safe=""))
        return link

    @cached_property
    def _is_headless(self) -> bool:
        """Whether the shop has a storefront of its own, so that Shopify knows a page of none of its products."""
        if any(record.get("link", "") for record in self._known):
            return False
        try:
            page = self._lookups.any_page()
        except TryAgain:  # an event does not wait for this alone
            return False
        return page is not None and not page.get("link", "")  # the store's address is never wrong


def _with_variant(page: str, variant_id: str) -> str:
    if not page or not variant_id:
        return page
    return f"{page}{'&' if '?' in page else '?'}variant={variant_id}"
