"""The way from a shop's Saleor dashboard to our pages."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from plugin.config import Settings
from plugin.domain.errors import Misconfigured, NotAdmitted
from plugin.ports import EarlyResponse, Frame, Installation, PageRequest, Shops, Visitor

from . import dashboards
from .addresses import clean
from .config import NAME
from .identity import NOBODY, Tokens, named_shop
from .keys import KeySets

DASHBOARD: Final = "saleor-dashboard"  #: the header in which our bridge says whom it handed the token to
ASKING: Final = "dashboard"  #: what our bridge adds when it loads the document once more, without a referrer then
FRAMES: Final = frozenset({"", "iframe", "frame"})  #: what a browser says it loads; an old one says nothing
PLAIN: Final = (
    "Your dashboard at %(dashboard)s is reached over http, without encryption, so the app does not open in it. Reach it over "
    "https. In a network of your own the operator of this app can let your Saleor in over http (SALEOR_ALLOWED_URLS): then its "
    "dashboard may do without, too."
)
STRANGER: Final = (
    "This app is opened from another dashboard of this Saleor, and %(dashboard)s is not known to belong to it. Open it from "
    "the dashboard you used before; if your dashboard has moved, install the app again from where it is now."
)


class SaleorAdminEntry:
    """`ports.AdminEntry` of Saleor."""

    entry = f"/{NAME}/app"

    def __init__(self, settings: Settings, keys: KeySets) -> None:
        self._is_sandbox, self._home = settings.is_sandbox, dashboards.origin(settings.public_url)
        self._tokens = Tokens(keys)

    def open(self, request: PageRequest, shops: Shops, *, now: datetime) -> Frame | EarlyResponse:  # noqa: ARG002 (the shape of a door)
        """The document. The request is a hint at most: what is in it decides only who may frame an empty page."""
        theme = request.query.get("theme", "")
        return Frame(
            ancestors=self._ancestors(request, self._found(request, shops)),
            locale=request.query.get("locale", ""),
            theme=theme if theme in ("light", "dark") else "",
            facts={"entry": self.entry},
        )

    def claimed(self, request: PageRequest) -> str:
        return named_shop(request.headers.get("authorization", "").partition(" ")[2])

    def visitor(self, request: PageRequest, shops: Shops, *, now: datetime) -> Visitor:  # noqa: ARG002 (the shape of a door)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise NotAdmitted(NOBODY, answer=401, kind=None)
        found, who = self._tokens.staff(token, shops)
        self._learn(found, request.headers.get(DASHBOARD, ""), shops)
        return Visitor(shop=found.shop, who=who)

    def _found(self, request: PageRequest, shops: Shops) -> Installation | None:
        """The shop the query names."""
        try:
            address = request.query.get("saleorApiUrl", "")
            return shops.find(NAME, clean(address)) if address else None
        except Misconfigured:
            return None

    def _ancestors(self, request: PageRequest, found: Installation | None) -> str:
        """The dashboards that may frame the document; raises `NotAdmitted` with the reason where the asking one may not.

        A dashboard becomes known by a token shown from it. Until a shop has one, any may show its first: the document is
        empty without a token. Later only the shop's own hosts may.
        """
        asking = self._asking(request)
        listed = [each for each in dashboards.known(found) if self._is_fit(each, found)] if found else []
        if asking and not self._is_fit(asking, found):
            raise NotAdmitted(PLAIN % {"dashboard": asking}, answer=403)
        if found is None or not listed:
            return "https: http:" if self._is_sandbox or dashboards.is_plain(found) else "https:"
        if not asking or asking in listed:
            return " ".join(listed)
        if dashboards.belongs(asking, found, listed):
            return " ".join((*listed, asking))
        raise NotAdmitted(STRANGER % {"dashboard": asking}, answer=403)

    def _asking(self, request: PageRequest) -> str:
        """The page that frames this very document, as its browser or our bridge says; "" when it is framed by none."""
        if request.headers.get("sec-fetch-dest", "") not in FRAMES:
            return ""
        named = (request.headers.get("referer", ""), request.query.get(ASKING, ""))
        origins = (dashboards.origin(address) for address in named)
        return next((origin for origin in origins if origin not in ("", self._home)), "")

    def _learn(self, found: Installation, origin: str, shops: Shops) -> None:
        listed = dashboards.known(found)
        if origin == dashboards.origin(origin) != "" and self._is_fit(origin, found) and origin not in listed:
            shops.renew(found.shop.id, {"dashboards": [origin, *listed][: dashboards.MOST]})

    def _is_fit(self, origin: str, found: Installation | None) -> bool:
        return urlsplit(origin).scheme == "https" or self._is_sandbox or dashboards.is_plain(found)
