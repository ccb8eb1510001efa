"""In which languages a shop is published: asked once an hour, for no longer than a page may wait."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from plugin.domain.errors import GiveUp, TryAgain
from plugin.ports import LookupContext
from plugin.ports.platforms import PAGE_QUESTION_SECONDS

from .api import Answer, Ask
from .lookups import Lookups
from .recent import Recent

GOOD_FOR: Final = timedelta(hours=1)
SILENT_SECONDS: Final = 60.0  #: how long a shop that did not answer is not asked again
MOST_SILENT: Final = 2_000

Way = Callable[[LookupContext], Ask | None]


class PublishedLocales:
    """Those of every shop; what one says is remembered in the catalogue, beside all else that events need of its storefront."""

    def __init__(self, way: Way) -> None:
        self._way, self._lookups = way, Lookups(seconds=PAGE_QUESTION_SECONDS, good_for=GOOD_FOR)
        self._silent = Recent[int, bool](seconds=SILENT_SECONDS, most=MOST_SILENT)

    def __call__(self, place: LookupContext) -> Sequence[str]:
        """Its own language first; what is older than an hour while it does not answer. Raises `TryAgain` and `GiveUp`."""
        told = self._lookups.of_event(place, self._ask(place)).storefront()
        if told.storefront is None:
            raise GiveUp(told.refusal)
        return tuple(dict.fromkeys(locale for locale in (told.storefront.primary, *told.storefront.published) if locale))

    def _ask(self, place: LookupContext) -> Ask | None:
        """None for a shop that was silent a moment ago, or that nobody may ask."""
        if self._silent.read(place.shop.id):
            return None
        try:
            ask = self._way(place)
        except TryAgain:
            self._silent.keep(place.shop.id, True)
            return None
        return self._noting(ask, place.shop.id) if ask else None

    def _noting(self, ask: Ask, shop_id: int) -> Ask:
        def noting(query: str, variables: Mapping[str, Any]) -> Answer:
            try:
                return ask(query, variables)
            except TryAgain:
                self._silent.keep(shop_id, True)
                raise

        return noting
