"""The languages a shop's own store is in, as the store says."""

from collections.abc import Sequence
from dataclasses import dataclass

from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.settings import ShopSettings
from plugin.pipeline.enrich import place_of
from plugin.web.services import services
from plugin.web.visit import visit


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLanguages:
    """What the store says, if it says anything."""

    locales: Sequence[str] = ()
    is_untold: bool = False  #: it did not answer, or refused


def own_languages(settings: ShopSettings) -> OwnLanguages:
    """Asked for as long as a page may wait for it, where it is not remembered."""
    ours, shop = services(), visit().shop
    place = place_of(shop, settings, ours.store.shops.access(shop.id), ours.store, ours.now())
    try:
        return OwnLanguages(locales=visit().platform.published_locales(place))
    except (TryAgain, GiveUp):
        return OwnLanguages(is_untold=True)
