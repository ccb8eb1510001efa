"""A pretend Saleor: key set, GraphQL, the install handshake, and the app's own subscriptions executed and signed."""

from .store import STORE

__all__ = ["STORE"]
