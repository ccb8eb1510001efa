"""The way from a shop's Shopify admin to our pages.

Shopify installs the app by itself and opens `application_url` with an id token in the query: the first document of a shop
we do not know is its installation. https://shopify.dev/docs/apps/build/authentication-authorization
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from plugin.config import Settings
from plugin.domain.audit import RefusedLogin
from plugin.domain.errors import NotAdmitted, StorageDown, TryAgain
from plugin.domain.refusal import Duty
from plugin.domain.shop import Shop
from plugin.ports import EarlyResponse, Frame, Installation, PageRequest, Shops, Visitor

from . import early_responses, scopes
from .access_tokens import serves
from .address import shop_domain
from .api import Admin
from .config import ShopifyConfig
from .identity import AGAIN, NOBODY, UNPREPARED, Expired, IdTokens, Staff, named_shop
from .shop_facts import shop_facts
from .token_endpoint import TokenEndpoint, TokenPair

log = structlog.get_logger()

ADMIN: Final = "https://admin.shopify.com"
SANDBOX_ADMINS: Final = "http://localhost:* http://127.0.0.1:*"
FORBIDDEN: Final = "The app is not installed in this shop. Install it, then open it from the Shopify admin."


class ShopifyAdminEntry:
    """`ports.AdminEntry` of Shopify."""

    def __init__(
        self, platform: str, settings: Settings, config: ShopifyConfig, token_endpoint: TokenEndpoint, admin: Admin
    ) -> None:
        self.entry = f"/{platform}"
        self._platform, self._settings, self._config = platform, settings, config
        self._token_endpoint, self._admin = token_endpoint, admin
        self._ids = IdTokens(platform, config)

    def open(self, request: PageRequest, shops: Shops, *, now: datetime) -> Frame | EarlyResponse:
        shop = shop_domain(request.query.get("shop", ""))
        if not shop:
            return early_responses.outside()
        if not self._ids.are_readable:
            raise NotAdmitted(UNPREPARED, answer=403, kind=None)
        home = f"{self._settings.public_url}{self.entry}"
        if request.query.get("embedded") != "1":
            return early_responses.to_the_admin(self._admin_of(shop), request.url, home)
        if early_responses.RELOAD in request.query:
            return early_responses.patch(early_responses.reload_of(request.url), home, self._ancestors(shop), self._config)
        try:
            staff = self._ids.staff(request.query.get("id_token", ""))
        except NotAdmitted as error:
            if request.query.get("id_token") and not isinstance(error, Expired):
                raise
            return early_responses.to_the_patch_page(request.url, home)
        if staff.shop != shop:
            raise NotAdmitted(NOBODY, answer=401)
        return self._opened(request, staff, shops, now)

    def claimed(self, request: PageRequest) -> str:
        token = request.headers.get("authorization", "").partition(" ")[2] or request.query.get("id_token", "")
        return named_shop(token) or shop_domain(request.query.get("shop", ""))

    def visitor(self, request: PageRequest, shops: Shops, *, now: datetime) -> Visitor:  # noqa: ARG002  (the shape of a door)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise NotAdmitted(NOBODY, answer=401, headers=AGAIN, kind=None)
        staff = self._ids.staff(token)
        found = shops.find(self._platform, staff.shop)
        if found is None or not found.is_active:
            raise NotAdmitted(FORBIDDEN, answer=403, kind=RefusedLogin.NOT_INSTALLED, who=staff.who)
        return Visitor(shop=found.shop, who=staff.who)

    def _opened(self, request: PageRequest, staff: Staff, shops: Shops, now: datetime) -> Frame | EarlyResponse:
        """The document, once the shop has tokens."""
        found = shops.find(self._platform, staff.shop)
        try:
            is_fresh = not _needs_tokens(found, now) or self._install(request, staff, found, shops, now)
        except (TryAgain, StorageDown) as error:
            log.warning("cannot install", platform=self._platform, reason=str(error))
            if found is None or not found.is_active:
                return early_responses.again_later(self._ancestors(staff.shop))
            is_fresh = True  # the pages work without; only what the Admin API would add is missing meanwhile
        if not is_fresh:
            return early_responses.to_the_patch_page(request.url, f"{self._settings.public_url}{self.entry}")
        bridge = urlsplit(self._config.app_bridge_url)
        return Frame(
            ancestors=self._ancestors(staff.shop),
            locale=request.query.get("locale", ""),
            facts={"client_id": self._config.client_id, "app_bridge": self._config.app_bridge_url},
            scripts=(f"{bridge.scheme}://{bridge.netloc}",),
        )

    def _install(self, request: PageRequest, staff: Staff, found: Installation | None, shops: Shops, now: datetime) -> bool:
        """Fetch and store the shop's tokens; False when the id token is too old by now. Raises `TryAgain`."""
        pair = self._token_endpoint.exchange(staff.token, staff.claims)
        if pair is None:
            return False
        if found is not None and found.is_active:
            shops.renew(found.shop.id, pair.words(found.access), who=staff.who, address=request.address, now=now)
            shops.accepted(found.shop.id, Duty.ACCESS)
            return True
        shop = self._introduced(Shop(id=0, platform=self._platform, address=staff.shop), pair)
        stored = shops.install(shop, pair.words({}), who=staff.who, address=request.address, now=now)
        log.info("installed", platform=self._platform, shop=stored.id)
        return True

    def _introduced(self, shop: Shop, pair: TokenPair) -> Shop:
        """The shop with its name, language, zone and currency. An installation does not fail for want of them."""
        try:
            answer = self._admin.of(shop, pair.access_token)("ShopForSettings", {})
        except TryAgain:
            return shop  # shop/update brings them with the next change
        facts: Mapping[str, Any] = shop_facts(answer.data)
        return replace(shop, **facts)

    def _ancestors(self, shop: str) -> str:
        real = f"https://{shop} {ADMIN}"
        return f"{real} {SANDBOX_ADMINS}" if self._config.is_sandbox else real

    def _admin_of(self, shop: str) -> str:
        return f"{self._config.admin_url.replace('{shop}', shop)}/admin/apps/{self._config.client_id}"


def _needs_tokens(found: Installation | None, now: datetime) -> bool:
    """Whether this visit is to fetch them: nobody else could renew what is missing, over, or allows something else."""
    if found is None or not found.is_active:
        return True
    access = found.access
    if not access.get("refresh_token"):
        return not serves(access, now=now)
    ends = access.get("refresh_expires_at")
    is_over = bool(ends) and datetime.fromisoformat(str(ends)) <= now
    return is_over or scopes.allowed(access) != scopes.of_token(access)
