"""The way from a shop's Saleor dashboard to our pages."""

import re
from datetime import datetime
from typing import Final

from plugin.config import Settings
from plugin.domain.errors import Misconfigured, NotAdmitted
from plugin.ports import Detour, Frame, Installation, PageRequest, Shops, Visitor

from .addresses import clean
from .config import NAME
from .identity import NOBODY, Tokens
from .keys import KeySets

DASHBOARD: Final = "saleor-dashboard"  #: the header in which our bridge says whom it handed the token to
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]{1,190}(:[0-9]{1,5})?", re.ASCII)


class SaleorDoor:
    """`ports.Door` of Saleor."""

    entry = f"/{NAME}/app"

    def __init__(self, settings: Settings, keys: KeySets) -> None:
        self._is_sandbox = settings.is_sandbox
        self._tokens = Tokens(keys)

    def open(self, request: PageRequest, shops: Shops, *, now: datetime) -> Frame | Detour:  # noqa: ARG002 (the shape of a door)
        """The document. Its address is a hint at most: what is in it decides only who may frame an empty page."""
        theme = request.query.get("theme", "")
        return Frame(
            ancestors=self._ancestors(request.query.get("saleorApiUrl", ""), shops),
            locale=request.query.get("locale", ""),
            theme=theme if theme in ("light", "dark") else "",
            facts={"entry": self.entry},
        )

    def visitor(self, request: PageRequest, shops: Shops, *, now: datetime) -> Visitor:  # noqa: ARG002 (the shape of a door)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise NotAdmitted(NOBODY, answer=401)
        found, who = self._tokens.staff(token, shops)
        self._learn(found, request.headers.get(DASHBOARD, ""), shops)
        return Visitor(shop=found.shop, who=who)

    def _ancestors(self, address: str, shops: Shops) -> str:
        """The shop's own dashboard, which may live anywhere, once somebody came from it."""
        try:
            found = shops.find(NAME, clean(address)) if address else None
        except Misconfigured:
            found = None
        known = str(found.access.get("dashboard", "")) if found else ""
        if _ORIGIN.fullmatch(known):
            return known
        return "https: http:" if self._is_sandbox else "https:"

    def _learn(self, found: Installation, origin: str, shops: Shops) -> None:
        is_fit = _ORIGIN.fullmatch(origin) and (origin.startswith("https:") or self._is_sandbox)
        if is_fit and not found.access.get("dashboard"):
            shops.renew(found.shop.id, {"dashboard": origin})
