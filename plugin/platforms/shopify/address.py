"""A shop's address, which for Shopify is `name.myshopify.com` and nothing else."""

from functools import lru_cache
from typing import Final

from shopify.utils.shop_url import sanitize_shop_domain

LONGEST: Final = 63 + len(".myshopify.com")  #: DNS takes 63 characters a part
LONGEST_WRITTEN: Final = 255  #: characters of an address with what people write around it


def shop_domain(text: str) -> str:
    """The shop's `name.myshopify.com`, "" for anything else."""
    return _domain(text) if len(text) <= LONGEST_WRITTEN else ""


@lru_cache(maxsize=4096)  # every webhook asks, mostly for the same few
def _domain(text: str) -> str:
    try:
        domain = sanitize_shop_domain(text)
    except ValueError:  # ShopifyAPI 12.7.0 lets "http://[" through to the URL parser
        return ""
    return domain if isinstance(domain, str) and len(domain) <= LONGEST else ""
