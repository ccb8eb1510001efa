"""Shopify's token endpoint, asked by shopifyapp over a transport that mends what shopifyapp leaves open.

As seen in 1.0.2: no limit but 30 s for each try, 5xx asked again at once, 429 slept over in the caller's thread without
regard to Retry-After, an answer of 200 without JSON raises, and a log that keeps the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

import httpx
from shopify_app import AppConfig
from shopify_app.exchange.refresh_token import refresh_access_token
from shopify_app.exchange.token_exchange import token_exchange
from shopify_app.types import IdTokenDetails, TokenExchangeResult

from plugin.domain.errors import GiveUp, TryAgain

from . import scopes
from .api import PASSING
from .config import CLIENT_ID, CLIENT_SECRET, ShopifyConfig

ALL_SECONDS: Final = 12.0
MOST_BYTES: Final = 64 * 1024
LONGEST_WAIT: Final = timedelta(minutes=1)
STALE: Final = "invalid_subject_token"
ENDED: Final = frozenset({"invalid_grant", "refresh_token_expired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """An access token for an hour, and what renews it."""

    access_token: str
    expires_at: str  #: ISO 8601
    refresh_token: str
    refresh_expires_at: str
    scopes: tuple[str, ...]

    def words(self, access: Mapping[str, Any]) -> dict[str, Any]:
        """As they stand in a shop's access, which was this one when they were asked for."""
        return {
            "access_token": self.access_token,
            "expires_at": self.expires_at,
            "refresh_token": self.refresh_token,
            "refresh_expires_at": self.refresh_expires_at,
            **scopes.words(self.scopes, access),
        }


class TokenEndpoint:
    """Gives out tokens; every answer comes within `ALL_SECONDS`."""

    def __init__(self, config: ShopifyConfig, *, all_seconds: float = ALL_SECONDS) -> None:
        self._app: AppConfig = {"client_id": config.client_id, "client_secret": config.client_secret, "old_client_secret": None}
        self._admin_url, self._all_seconds = config.admin_url, all_seconds

    def exchange(self, token: str, claims: Mapping[str, Any]) -> TokenPair | None:
        """Tokens of the shop whose checked id token this is, None when it is too old by now; raises `TryAgain`."""
        details = IdTokenDetails(exchangeable=True, token=token, claims=dict(claims))
        with self._transport() as road:
            result = _result(lambda: token_exchange("offline", self._app, details, expiring=True, http_client=road))
        return None if result.log.code == STALE else _pair(result)

    def refresh(self, shop: str, refresh_token: str) -> TokenPair:
        """The next pair; raises `GiveUp` when the shop must open the app first, and `TryAgain`."""
        # Without a time of its end shopifyapp asks now, and not in the last minute only.
        known = {"shop": shop.removesuffix(".myshopify.com"), "refresh_token": refresh_token, "access_mode": "offline"}
        with self._transport() as road:
            result = _result(lambda: refresh_access_token(known, self._app, http_client=road))
        if result.log.code in ENDED:
            raise GiveUp("Shopify no longer renews this app's access.")
        return _pair(result)

    def _transport(self) -> httpx.Client:
        transport = _BoundedTransport(self._admin_url, until=monotonic() + self._all_seconds)
        return httpx.Client(transport=transport, timeout=self._all_seconds, trust_env=False, follow_redirects=False)


class _BoundedTransport(httpx.BaseTransport):
    """Leads to one shop's admin: bounded time and size, no cookies, and what may pass is a `TryAgain` at once."""

    def __init__(self, admin_url: str, *, until: float) -> None:
        self._admin_url, self._until = admin_url, until
        self._http = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        address = f"{self._admin_url.replace('{shop}', request.url.host)}{request.url.path}"
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
        passed_on = httpx.Request("POST", address, headers=headers, content=request.read(), extensions=request.extensions)
        answer = self._http.handle_request(passed_on)
        try:
            body = self._body(answer)
        finally:
            answer.close()
        if answer.status_code in PASSING or answer.status_code >= 500:
            raise TryAgain(f"Shopify answered {answer.status_code}.", after=_asked_wait(answer.headers.get("Retry-After", "")))
        return httpx.Response(answer.status_code, content=body)

    def _body(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        for piece in answer.iter_raw():
            body += piece
            if len(body) > MOST_BYTES or monotonic() > self._until:
                raise TryAgain("Shopify's answer is too long, or comes too slowly.")
        return bytes(body)

    def close(self) -> None:
        self._http.close()


def _result(ask: Any) -> TokenExchangeResult:
    try:
        result: TokenExchangeResult = ask()
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError, httpx.HTTPError) as error:
        # A page that says sorry, or a list: shopifyapp expects an object in every answer.
        raise TryAgain(f"Shopify's answer is no token ({type(error).__name__}).") from error
    return result


def _pair(result: TokenExchangeResult) -> TokenPair:
    if result.log.code in ("invalid_client", "configuration_error"):
        raise TryAgain(f"Shopify does not know this app: check {CLIENT_ID.name} and {CLIENT_SECRET.name}.")
    found = result.access_token
    if not result.ok or found is None:
        raise TryAgain(f"Shopify gave no token ({result.log.code}).")
    if not (found.token and found.refresh_token and found.expires and found.refresh_token_expires):
        raise TryAgain("Shopify gave no token that can be renewed.")
    return TokenPair(
        access_token=found.token,
        expires_at=_iso(found.expires),
        refresh_token=found.refresh_token,
        refresh_expires_at=_iso(found.refresh_token_expires),
        scopes=tuple(sorted(scope for scope in found.scope.split(",") if scope)),
    )


def _iso(text: str) -> str:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).isoformat()


def _asked_wait(retry_after: str) -> timedelta | None:
    try:
        seconds = float(retry_after)
    except ValueError:
        return None
    return min(timedelta(seconds=seconds), LONGEST_WAIT) if 0 < seconds < 86_400 else None
