"""Who works in the pretend shop, and the tokens its dashboard hands to an app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from .ids import global_id
from .keys import Keys

LIFE: Final = timedelta(minutes=5)  #: JWT_TTL_APP_ACCESS's default
# The dashboard renews half a minute before the end whatever becomes of a token, and gives no other before.
SPOILED_LIFE: Final = timedelta(seconds=33)
_USUAL: Final = ("MANAGE_ORDERS", "MANAGE_CHECKOUTS", "MANAGE_USERS", "MANAGE_PRODUCTS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody who may open the dashboard."""

    key: str  #: the word the dashboard page knows them by
    number: int
    title: str  #: what the page calls them
    email: str
    permissions: tuple[str, ...]


STAFF: Final[Mapping[str, Staff]] = {
    person.key: person
    for person in (
        Staff(
            key="owner",
            number=1,
            title="Staff who may manage apps",
            email="owner@example.com",
            permissions=(*_USUAL, "MANAGE_APPS"),
        ),
        Staff(key="clerk", number=2, title="Staff who may not", email="clerk@example.com", permissions=_USUAL),
    )
}


@dataclass(slots=True, kw_only=True)
class StaffTokens:
    """Makes the tokens; tests shorten their life or have the next one spoiled."""

    life: timedelta = LIFE
    spoiled: int = 0  #: how many of the next tokens are signed by somebody else, and soon renewed
    _stranger: Keys | None = field(default=None)

    def token(self, keys: Keys, claims: Mapping[str, Any], *, now: datetime) -> str:
        begins, is_spoiled = int(now.timestamp()), self.spoiled > 0
        life = min(self.life, SPOILED_LIFE) if is_spoiled else self.life
        whole = {"iat": begins, "exp": begins + int(life.total_seconds()), "owner": "saleor", **claims}
        return (self._tamper() if is_spoiled else keys).token(whole)

    def _tamper(self) -> Keys:
        self.spoiled -= 1
        self._stranger = self._stranger or Keys()
        return self._stranger


def claims_of(person: Staff, *, api_url: str, app_id: str, app_permissions: tuple[str, ...], audience: str) -> dict[str, Any]:
    """Everything but the times; the session key in it opens nothing."""
    shared = [name for name in person.permissions if name in app_permissions]
    return {
        "iss": api_url,
        "token": f"session-{person.key}",
        "email": person.email,
        "type": "thirdparty",
        "user_id": global_id("User", person.number),
        "is_staff": True,
        "app": app_id,
        "permissions": shared,
        "user_permissions": list(person.permissions),
        **({"aud": audience} if audience else {}),
    }
