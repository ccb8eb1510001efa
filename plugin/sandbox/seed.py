"""Writes a demo shop's settings; again changes nothing."""

from collections.abc import Mapping
from typing import Any

from plugin import clock
from plugin.domain.shop import Shop
from plugin.upkeep.install import import_settings
from plugin.wiring import Services

WHO = "sandbox"


def write_settings(services: Services, shop: Shop, document: Mapping[str, Any]) -> None:
    """Only what is new: a restart makes no further version."""
    if services.store.shops.settings_document(shop.id) != document:
        import_settings(services.store, shop.id, document, who=WHO, now=clock.now())
