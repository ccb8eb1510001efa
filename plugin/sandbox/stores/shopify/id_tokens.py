"""The id tokens the pretend admin hands to the app, and the signed query it opens the app with."""

import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import new as hmac
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

import jwt

LIFE: Final = timedelta(minutes=1)
USER: Final = "110000001"  #: the staff member's id
STRANGER: Final = "a secret that is not this app's, long enough to sign with"


@dataclass(slots=True, kw_only=True)
class IdTokens:
    """Makes them; tests shorten their life or have the next one spoiled."""

    client_id: str
    client_secret: str
    now: Callable[[], datetime]
    life: timedelta = LIFE
    spoiled: int = 0  #: how many of the next tokens are signed by somebody else
    made: int = 0

    def mint(self, shop: str, *, session: str) -> str:
        """A fresh one for the staff member who has the admin open."""
        self.made += 1
        begins = int(self.now().timestamp())
        claims: dict[str, Any] = {
            "iss": f"https://{shop}/admin",
            "dest": f"https://{shop}",
            "aud": self.client_id,
            "sub": USER,
            "exp": begins + int(self.life.total_seconds()),
            "nbf": begins,
            "iat": begins,
            "jti": str(uuid4()),
            "sid": session,
        }
        signature = hmac(self.client_secret.encode(), f"{claims['jti']}{session}".encode(), sha256).hexdigest()
        return jwt.encode(claims | {"sig": signature}, self._secret(), algorithm="HS256")  # GUESS id_token_sig

    def _secret(self) -> str:
        if not self.spoiled:
            return self.client_secret
        self.spoiled -= 1
        return STRANGER


def launch_query(tokens: IdTokens, shop: str, *, admin: str, locale: str, session: str) -> str:
    """What stands behind the app's address: everything signed, as the admin opens it."""
    query = {
        "embedded": "1",
        "host": b64encode(admin.encode()).decode().rstrip("="),
        "id_token": tokens.mint(shop, session=session),
        "locale": locale,
        "session": session,
        "shop": shop,
        "timestamp": str(int(tokens.now().timestamp())),
    }
    return urlencode({**query, "hmac": signature(query, tokens.client_secret)})


def signature(query: Mapping[str, str], secret: str) -> str:
    """The hex HMAC over the sorted query without `hmac` itself."""
    message = "&".join(f"{name}={value}" for name, value in sorted(query.items()) if name != "hmac")
    return hmac(secret.encode(), message.encode(), sha256).hexdigest()


def new_session() -> str:
    return secrets.token_hex(32)
