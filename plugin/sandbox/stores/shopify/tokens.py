"""The token endpoint: token exchange, expiring offline tokens, refresh with rotation."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import RLock
from typing import Any, Final
from urllib.parse import urlsplit

import jwt

LIFE: Final = timedelta(hours=1)  # https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens
REFRESH_LIFE: Final = timedelta(days=90)
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 a name
OFFLINE: Final = "urn:shopify:params:oauth:token-type:offline-access-token"
CLAIMS: Final = ("iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti", "sid")

Answer = tuple[HTTPStatus, dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class Grant:
    """One access token and what renews it."""

    shop: str
    access_token: str
    ends_at: datetime | None  #: None: never, as for a custom app
    refresh_token: str = ""
    refresh_ends_at: datetime | None = None
    replaces: "Grant | None" = None  #: its refresh token works until this pair is first used
    is_used: bool = False


@dataclass(slots=True, kw_only=True)
class Tokens:
    """Every token this pretend Shopify has given out."""

    client_id: str
    client_secret: str
    scopes: Callable[[str], Sequence[str]]  #: what a shop's merchant allows at present
    now: Callable[[], datetime]
    requests: int = 0  #: how often the endpoint was asked
    _grants: list[Grant] = field(default_factory=list)
    _gone: set[str] = field(default_factory=set)  #: shops that took the app away
    _lock: RLock = field(default_factory=RLock)

    def accept(self, shop: str, access_token: str) -> None:
        """Take this token for the shop's, for ever: what a merchant pastes for a custom app."""
        with self._lock:
            self._grants.append(Grant(shop=shop, access_token=access_token, ends_at=None))

    def revoke(self, shop: str) -> None:
        """Forget all tokens of the shop and give no more, as after an uninstall."""
        with self._lock:
            self._gone.add(shop)
            self._grants = [grant for grant in self._grants if grant.shop != shop]

    def admit(self, shop: str) -> None:
        """Give tokens again, as after an install."""
        with self._lock:
            self._gone.discard(shop)

    def shop_of(self, access_token: str) -> str | None:
        """Whose token it is; None when it was never given out or its time is over."""
        with self._lock:
            for grant in self._grants:
                if access_token and grant.access_token == access_token and self._lives(grant.ends_at):
                    self._use(grant)
                    return grant.shop
        return None

    def ask(self, shop: str, question: Mapping[str, Any]) -> Answer:
        """POST /admin/oauth/access_token."""
        with self._lock:
            self.requests += 1
            if (question.get("client_id"), question.get("client_secret")) != (self.client_id, self.client_secret):
                return _refused("invalid_client")  # GUESS token_refusals
            answers = {EXCHANGE: self._exchange, "refresh_token": self._refresh}
            ask = answers.get(str(question.get("grant_type")))
            return ask(shop, question) if ask else _refused("unsupported_grant_type")

    def _exchange(self, shop: str, question: Mapping[str, Any]) -> Answer:
        if (question.get("requested_token_type"), question.get("subject_token_type")) != (OFFLINE, ID_TOKEN):
            return _refused("invalid_request")
        named = self._shop_of_id_token(str(question.get("subject_token")))
        if named is None or (shop and named != shop) or named in self._gone:  # GUESS exchange_uninstalled
            return _refused("invalid_subject_token")
        if str(question.get("expiring")) not in ("1", "True", "true"):
            # A public app made since April 2026 gets no other.  GUESS exchange_not_expiring
            # https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens
            return _refused("invalid_request")
        return self._grant(named)

    def _refresh(self, shop: str, question: Mapping[str, Any]) -> Answer:
        asked = str(question.get("refresh_token"))
        grant = next((g for g in self._grants if g.refresh_token and g.refresh_token == asked), None)
        if grant is None or (shop and grant.shop != shop) or not self._lives(grant.refresh_ends_at):
            return _refused("invalid_grant")
        return self._grant(grant.shop, replaces=grant)

    def _grant(self, shop: str, *, replaces: Grant | None = None) -> Answer:
        grant = Grant(
            shop=shop,
            access_token=f"shpat_{secrets.token_hex(16)}",
            ends_at=self.now() + LIFE,
            refresh_token=f"shprt_{secrets.token_hex(16)}",
            refresh_ends_at=self.now() + REFRESH_LIFE,
            replaces=replaces,
        )
        self._grants.append(grant)
        return HTTPStatus.OK, {
            "access_token": grant.access_token,
            "scope": ",".join(self.scopes(shop)),
            "expires_in": int(LIFE.total_seconds()),
            "refresh_token": grant.refresh_token,
            "refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
        }

    def _use(self, grant: Grant) -> None:
        """The first use of a new pair ends the one before.

        https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens
        """
        if not grant.is_used and grant.replaces in self._grants:
            self._grants.remove(grant.replaces)
        grant.is_used = True

    def _shop_of_id_token(self, token: str) -> str | None:
        """The shop a living id token of this app speaks for."""
        try:
            claims = jwt.decode(
                token,
                self.client_secret,
                algorithms=["HS256"],
                audience=self.client_id,
                options={"require": list(CLAIMS), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            return None
        begins, ends, dest = claims["nbf"], claims["exp"], str(claims["dest"])
        is_living = isinstance(begins, int) and isinstance(ends, int) and begins <= self.now().timestamp() < ends
        return urlsplit(dest).hostname if is_living and claims["iss"] == f"{dest}/admin" else None

    def _lives(self, end: datetime | None) -> bool:
        return end is None or self.now() < end


def _refused(error: str) -> Answer:
    return HTTPStatus.BAD_REQUEST, {"error": error, "error_description": "The request was refused."}
