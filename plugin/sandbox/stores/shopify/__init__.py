"""A pretend Shopify: Admin API, token endpoint, signed webhooks; one shop or many on one port."""

from .store import STORE

__all__ = ["STORE"]
