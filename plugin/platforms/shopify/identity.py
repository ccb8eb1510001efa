"""Who of a shop's staff an id token belongs to: two libraries check it, and both must agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jwt import PyJWTError, decode
from shopify import session_token
from shopify_app import AppConfig
from shopify_app.verify.app_home_req import verify_app_home_req

from plugin.domain.errors import NotAdmitted

from .address import shop_domain
from .config import CLIENT_ID, CLIENT_SECRET, ShopifyConfig

LONGEST: Final = 4096  #: characters; a real one has about 600
AGAIN: Final = {"X-Shopify-Retry-Invalid-Session-Request": "1"}  #: App Bridge fetches a new token and asks again
NOBODY: Final = "Shopify did not vouch for this visit. Open the app from your Shopify admin."
UNPREPARED: Final = f"This app is not ready for Shopify: its operator must set {CLIENT_ID.name} and {CLIENT_SECRET.name}."

# What either library lets out for a token that is none.
_WRONG: Final = (
    *(PyJWTError, session_token.SessionTokenError),
    *(ValueError, TypeError, AttributeError, LookupError, RecursionError, OverflowError),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody who works in a shop's admin this very minute."""

    shop: str  #: its domain
    who: str
    token: str
    claims: Mapping[str, Any]


class Expired(NotAdmitted):
    """The token was good a moment ago."""


class IdTokens:
    """Reads id tokens signed with the operator's client secrets."""

    def __init__(self, platform: str, config: ShopifyConfig) -> None:
        self._platform = platform
        self._client_id = config.client_id
        self._secrets = [secret for secret in (config.client_secret, config.client_secret_old) if secret]
        self._app: AppConfig = {
            "client_id": config.client_id,
            "client_secret": config.client_secret,
            "old_client_secret": config.client_secret_old or None,
        }

    @property
    def are_readable(self) -> bool:
        """An empty secret would do for shopifyapp, and let everybody in."""
        return bool(self._client_id and self._app["client_secret"])

    def staff(self, token: str) -> Staff:
        """Whose token it is; raises `Expired` and `NotAdmitted`."""
        if not self.are_readable:
            raise NotAdmitted(UNPREPARED, answer=403, kind=None)
        if not token.isascii() or not 0 < len(token) <= LONGEST:
            raise NotAdmitted(NOBODY, answer=401, headers=AGAIN)
        try:
            self._check_by_shopifyapp(token)
            claims = self._claims(token)
        except _WRONG as error:
            raise NotAdmitted(NOBODY, answer=401, headers=AGAIN) from error
        shop = shop_domain(str(claims["dest"]))
        if not shop or not claims["sub"]:
            raise NotAdmitted(NOBODY, answer=401, headers=AGAIN)
        return Staff(shop=shop, who=f"{self._platform}:{claims['sub']}", token=token, claims=claims)

    def _check_by_shopifyapp(self, token: str) -> None:
        """Signature, times and audience. Asked as for a fetch: for a document it would build redirects from the query."""
        headers = {"authorization": f"Bearer {token}"}
        answer = verify_app_home_req({"method": "GET", "url": "/", "headers": headers, "body": ""}, self._app, "/")
        if answer.log.code == "expired_id_token":
            raise Expired(NOBODY, answer=401, headers=AGAIN, kind=None)
        if not answer.ok:
            raise ValueError(answer.log.code)

    def _claims(self, token: str) -> Mapping[str, Any]:
        """ShopifyAPI's stricter reading: issuer and destination are one shop, and nothing is missing."""
        refused: Exception = ValueError("no secret")
        for secret in self._secrets:
            try:
                claims: Mapping[str, Any] = session_token.decode_from_header(f"Bearer {token}", self._client_id, secret)
            except session_token.SessionTokenError as error:
                refused = error
                continue
            if "exp" not in claims:
                raise ValueError("a token without an end")
            return claims
        raise refused


def named_shop(token: str) -> str:
    """The domain of the shop a token names, whoever wrote it; "" when it names none."""
    if not token.isascii() or len(token) > LONGEST:
        return ""
    try:
        claims: Mapping[str, Any] = decode(token, options={"verify_signature": False})
        return shop_domain(str(claims["dest"]))
    except _WRONG:
        return ""
