"""The Admin API's answers to our own questions about one sale, as the sandbox gives them."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from plugin.platforms.shopify.api import QUERIES
from plugin.sandbox.buyers import BUYERS
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sale import Sale, SaleLine
from plugin.sandbox.stores.shopify.bodies import gid, order_id
from plugin.sandbox.stores.shopify.pretend import OPTIONAL, PretendShopify
from tests.support.builders import NOON

ADDRESS: Final = "demo.myshopify.com"
SALE: Final = Sale(
    number=7, buyer=BUYERS[0], locale="pl-PL", began_at=NOON,
    lines=tuple(SaleLine(number=n, product=product, variant=product.variants[0]) for n, product in enumerate(PRODUCTS[:3], 1)),
)  # fmt: skip


@cache
def answers() -> Mapping[str, dict[str, Any]]:
    """By the name of the question."""
    pretend = PretendShopify(client_id="c", client_secret="s", url="https://demo.example")
    pretend.remember(ADDRESS, SALE)
    pretend.grant(ADDRESS, *OPTIONAL)
    ids = [gid("ProductVariant", line.variant.number) for line in SALE.lines]
    asked: dict[str, dict[str, Any]] = {
        "OrderForEvent": {"id": gid("Order", order_id(SALE))},
        "CustomersForEvent": {"ids": [gid("Customer", SALE.buyer.number)]},
        "ProductsForEvent": {"ids": ids, "locale": "pl", "isTranslated": True},
        "StorefrontForEvent": {"locales": True, "markets": True},
        "OnlineStoreForEvent": {},
    }
    return {name: pretend.answer(ADDRESS, {"query": QUERIES[name], "variables": given}) for name, given in asked.items()}
