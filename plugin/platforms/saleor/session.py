"""The way from a shop's Saleor dashboard to our pages."""

import re
from datetime import datetime
from typing import Final

from plugin.config import Settings
from plugin.domain.errors import Misconfigured, NotAdmitted
from plugin.ports import EarlyResponse, Frame, Installation, PageRequest, Shops, Visitor

from .addresses import clean
from .config import NAME
from .identity import NOBODY, Tokens
from .keys import KeySets

DASHBOARD: Final = "saleor-dashboard"  #: the header in which our bridge says whom it handed the token to
ASKING: Final = "dashboard"  #: what our bridge adds when it loads the document once more, without a referrer then
MOST: Final = 5  #: dashboards of one shop; the newest stay
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]{1,190}(:[0-9]{1,5})?", re.ASCII)


class SaleorAdminEntry:
    """`ports.AdminEntry` of Saleor."""

    entry = f"/{NAME}/app"

    def __init__(self, settings: Settings, keys: KeySets) -> None:
        self._is_sandbox = settings.is_sandbox
        self._tokens = Tokens(keys)

    def open(self, request: PageRequest, shops: Shops, *, now: datetime) -> Frame | EarlyResponse:  # noqa: ARG002 (the shape of a door)
        """The document. The request is a hint at most: what is in it decides only who may frame an empty page."""
        theme = request.query.get("theme", "")
        return Frame(
            ancestors=self._ancestors(request, shops),
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

    def _ancestors(self, request: PageRequest, shops: Shops) -> str:
        """The dashboards somebody has come from, which may live anywhere, and the page that asks for this very document.

        A dashboard we do not know yet could never show its token from a frame that stays empty. Naming it here keeps
        nothing and shows nothing: there is no content without a token, and its shop's token is what makes it known.
        """
        try:
            address = request.query.get("saleorApiUrl", "")
            found = shops.find(NAME, clean(address)) if address else None
        except Misconfigured:
            found = None
        known = [each for each in _dashboards(found) if _ORIGIN.fullmatch(each)] if found else []
        if not known:
            return "https: http:" if self._is_sandbox else "https:"
        asking = (_origin(request.headers.get("referer", "")), request.query.get(ASKING, ""))
        return " ".join(dict.fromkeys([*known, *filter(self._is_fit, asking)]))

    def _learn(self, found: Installation, origin: str, shops: Shops) -> None:
        known = _dashboards(found)
        if self._is_fit(origin) and origin not in known:
            shops.renew(found.shop.id, {"dashboards": [origin, *known][:MOST]})

    def _is_fit(self, origin: str) -> bool:
        return bool(_ORIGIN.fullmatch(origin)) and (origin.startswith("https:") or self._is_sandbox)


def _dashboards(found: Installation) -> list[str]:
    """The newest first; an earlier version knew one."""
    earlier = found.access.get("dashboard")
    return [*found.access.get("dashboards", ()), *([str(earlier)] if earlier else ())]


def _origin(address: str) -> str:
    """Scheme, host and port of what is not believed yet; "" when it has none."""
    match = _ORIGIN.match(address.lower())
    return match[0] if match and address[match.end() : match.end() + 1] in ("", "/") else ""
