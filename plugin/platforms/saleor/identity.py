"""Whose a dashboard's token is: a JWT signed with the key of the very shop whose staff it names.

https://github.com/saleor/saleor/blob/3.23/saleor/core/jwt.py
"""

from collections.abc import Mapping
from typing import Any, Final

from jwt import ExpiredSignatureError, PyJWK, PyJWTError, decode, get_unverified_header

from plugin.domain.audit import RefusedLogin
from plugin.domain.errors import Misconfigured, NotAdmitted
from plugin.ports import Installation, Shops

from .addresses import clean
from .config import NAME
from .keys import KeySets
from .signature import is_known, keys_named

LONGEST: Final = 16 * 1024  #: characters; the permissions of an owner make one of about 2,000
NOBODY: Final = "Your Saleor did not vouch for this visit. Open the app from your Saleor dashboard."
NOT_HERE: Final = "The app is not installed in this Saleor. Install it, then open it from the dashboard."
NOT_ALLOWED: Final = "Your account may not manage apps. Ask the owner of the shop for the permission to manage apps."
NEEDED: Final = "MANAGE_APPS"


class Tokens:
    """Reads the tokens a dashboard hands to the app in its frame."""

    def __init__(self, keys: KeySets) -> None:
        self._keys = keys

    def staff(self, token: str, shops: Shops) -> tuple[Installation, str]:
        """The shop, and Saleor's id of the person; raises `NotAdmitted`, or `TryAgain` while its key may be new."""
        if not token.isascii() or not 0 < len(token) <= LONGEST:
            raise NotAdmitted(NOBODY, answer=401)
        found = _named(token, shops)
        claims = self._claims(token, found, shops)
        access = found.access
        is_ours = claims.get("iss") == access.get("api_url", found.shop.address) and claims.get("type") == "thirdparty"
        if not is_ours or not access.get("app_id") or claims.get("app") != access["app_id"] or not claims.get("user_id"):
            raise NotAdmitted(NOBODY, answer=401)
        who = f"{NAME}:{claims['user_id']}"
        # Any of the staff gets a token, and opening the page asks for no permission.
        permissions = claims.get("user_permissions")
        if claims.get("is_staff") is not True or not isinstance(permissions, list) or NEEDED not in permissions:
            raise NotAdmitted(NOT_ALLOWED, answer=403, kind=RefusedLogin.PERMISSION, who=who)
        return found, who

    def _claims(self, token: str, found: Installation, shops: Shops) -> Mapping[str, Any]:
        """The claims, read with the keys we know of the shop or with those it publishes now."""
        key_id = _key_id(token)
        for key_set in self._keys.candidates(found, shops, holding=len(token)):
            keys = keys_named(key_set, key_id)
            claims = next((claims for claims in (_read(token, key) for key in keys) if claims is not None), None)
            if claims is not None:
                return claims
            if is_known(key_id, keys):
                break
        raise NotAdmitted(NOBODY, answer=401)


def _named(token: str, shops: Shops) -> Installation:
    """The shop the token says it is from: looked up only, never called, and checked by its signature."""
    address = named_shop(token)
    found = shops.find(NAME, address) if address else None
    if found is None:
        raise NotAdmitted(NOBODY, answer=401)
    if not found.is_active:
        raise NotAdmitted(NOT_HERE, answer=403, kind=RefusedLogin.NOT_INSTALLED)
    return found


def named_shop(token: str) -> str:
    """The address of the shop a token names, whoever wrote it; "" when it names none."""
    if not token.isascii() or len(token) > LONGEST:
        return ""
    try:
        unread = decode(token, options={"verify_signature": False})
        return clean(str(unread.get("iss")))
    except (PyJWTError, Misconfigured, ValueError, TypeError, RecursionError):
        return ""


def _read(token: str, key: PyJWK) -> Mapping[str, Any] | None:
    """The claims when this key signed them and their time is not over."""
    try:
        claims: Mapping[str, Any] = decode(token, key, algorithms=["RS256"], options={"require": ["exp", "iat", "iss"]})
    except ExpiredSignatureError as error:  # asked only of what the key did sign
        raise NotAdmitted(NOBODY, answer=401, kind=None) from error
    except (PyJWTError, ValueError, TypeError):
        return None
    return claims


def _key_id(token: str) -> str | None:
    """The name of the key it says it was signed with; raises `NotAdmitted` when Saleor makes no such token."""
    header = get_unverified_header(token)  # `_named` has read the token before
    if header.get("alg") != "RS256":
        raise NotAdmitted(NOBODY, answer=401)
    key_id: str | None = header.get("kid")
    return key_id
