"""Whether a shop still has the app, asked of Shopify: a signed body of long ago may be sent again at any time."""

from collections.abc import Callable, Mapping
from threading import Semaphore
from typing import Any, Final

from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.shop import Shop
from plugin.ports import Shops

from .api import Ask

MOST_AT_ONCE: Final = 8  #: in this process: what is asked for strangers must leave room for the work itself
QUESTION: Final = "query StillInstalled { shop { id } }"

FindWay = Callable[[Shop, Mapping[str, Any], Shops], Ask | None]


class Presence:
    """Asks with the token the shop has."""

    def __init__(self, way: FindWay) -> None:
        self._way = way
        self._turns = Semaphore(MOST_AT_ONCE)

    def __call__(self, shop: Shop, shops: Shops) -> bool:
        """True while the shop lets the app in; raises `TryAgain`, or `GiveUp` when nothing is there to ask with."""
        access = shops.access(shop.id)
        if not access.get("access_token") and not access.get("refresh_token"):
            return _has_not_left(shop, shops)
        if not self._turns.acquire(blocking=False):
            raise TryAgain("Other shops are being asked whether they still have the app.")
        try:
            ask = self._way(shop, access, shops)
            return False if ask is None else _is_let_in(ask)
        finally:
            self._turns.release()


def _has_not_left(shop: Shop, shops: Shops) -> bool:
    """False for a shop whose uninstall was confirmed before: its token went then."""
    found = shops.find(shop.platform, shop.address)
    if found is None or not found.is_active:
        return False
    raise GiveUp(
        "There is no access token to ask Shopify with whether the shop still has the app, so nothing was deleted. "
        f"If it is gone, the operator deletes everything of it with `shops remove {shop.key}`."
    )


def _is_let_in(ask: Ask) -> bool:
    answer = ask(QUESTION, {})
    if answer.is_unauthorized or answer.is_unknown_shop:
        return False
    if answer.data.object("shop").text("id"):
        return True
    # A frozen or locked shop says neither.
    raise TryAgain(f"Shopify does not say whether the shop still has the app: {answer.refusal or 'no shop'}.")
