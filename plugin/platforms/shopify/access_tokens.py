"""The token a shop is asked with: renewed before its hour ends, by one process at a time.

The new pair is stored before anybody uses it. Until then the refresh token before it keeps working, so a process that is
killed between Shopify's answer and the commit loses nothing.
https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any, Final

import structlog

from plugin import clock
from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.refusal import Duty, Refusal
from plugin.domain.shop import Shop
from plugin.domain.wording import Sentence, worded
from plugin.ports import AccessLease, LookupContext, Shops

from .api import Admin, Answer, Ask
from .token_endpoint import TokenEndpoint

log = structlog.get_logger()

EARLY: Final = timedelta(minutes=5)  #: before its end, as Shopify's own library has it
LEASE: Final = timedelta(seconds=30)  #: longer than one refresh may take
PATIENCE_SECONDS: Final = 14.0
LOOK_SECONDS: Final = 0.05

# The shop's word is needed: without a refresh token nothing asks again until somebody opens the app.
OVER: Final = {"access_token": "", "expires_at": "", "refresh_token": "", "refresh_expires_at": ""}

ENDED: Final = worded(
    "Shopify has ended this app's access to your store: links, pictures and the buyers of refunds are missing from events."
)
OPEN_THE_APP: Final = worded("Open the app once in the Shopify admin to renew its access.")
NOT_RENEWED: Final = worded(
    "Shopify has not renewed this app's access to your store: "
    "links, pictures and the buyers of refunds are missing from events."
)
BY_ITSELF: Final = worded(
    "The app tries again with each event. If this does not end, tell whoever runs this app: its log says why."
)


class AccessTokens:
    """Tokens of every shop. Threads and processes may share a shop."""

    def __init__(
        self,
        token_endpoint: TokenEndpoint,
        admin: Admin,
        *,
        now: Callable[[], datetime] = clock.now,
        pause: Callable[[float], None] = sleep,
        all_seconds: float | None = None,
    ) -> None:
        """`all_seconds` are for finding a token and for all questions; without them each has its own time."""
        self._token_endpoint, self._admin, self._now, self._pause = token_endpoint, admin, now, pause
        self._all_seconds = all_seconds

    def way(self, place: LookupContext) -> Ask | None:
        """How the shop is asked; None when it must open the app first. Raises `TryAgain`."""
        return self.way_into(place.shop, place.access, place.shops)

    def way_into(self, shop: Shop, access: Mapping[str, Any], shops: Shops) -> Ask | None:
        """The same, without an event to complete."""
        until = None if self._all_seconds is None else monotonic() + self._all_seconds
        token = self.token(shop, access, shops)
        if not token:
            return None
        held, ask = [token], self._admin.of(shop, token, until=until)

        def ask_again(query: str, variables: Mapping[str, Any]) -> Answer:
            nonlocal ask
            answer = ask(query, variables)
            if not answer.is_unauthorized:
                return answer
            renewed = self.token(shop, access, shops, refused=held[0])
            if not renewed:
                return answer
            held[0], ask = renewed, self._admin.of(shop, renewed, until=until)
            return ask(query, variables)

        return ask_again

    def token(self, shop: Shop, access: Mapping[str, Any], shops: Shops, *, refused: str = "") -> str:
        """A token other than the refused one, "" when the shop must open the app first; raises `TryAgain`."""
        give_up_at = monotonic() + (PATIENCE_SECONDS if self._all_seconds is None else self._all_seconds)
        while not serves(access, now=self._now(), refused=refused):
            access = shops.access(shop.id)
            if serves(access, now=self._now(), refused=refused):
                break
            if not access.get("refresh_token"):
                if "refresh_token" in access:  # it had one, and that is over
                    self._note(shop, shops, ENDED, OPEN_THE_APP, is_final=True)
                return ""
            lease = shops.lease_access(shop.id, now=self._now(), lease=LEASE)
            if lease:
                return str(self._renewed(shop, lease, shops, refused).get("access_token") or "")
            if monotonic() > give_up_at:
                raise TryAgain("This app's access to the shop is being renewed.")
            self._pause(LOOK_SECONDS)
        return str(access["access_token"])

    def _renewed(self, shop: Shop, lease: AccessLease, shops: Shops, refused: str) -> Mapping[str, Any]:
        """The access after the refresh, or after what somebody else did just before."""
        changed: Mapping[str, Any] = {}
        try:
            refresh_token = lease.access.get("refresh_token")
            if refresh_token and not serves(lease.access, now=self._now(), refused=refused):
                changed = self._token_endpoint.refresh(shop.address, str(refresh_token)).words(lease.access)
        except GiveUp:
            changed = OVER
            log.warning("access ended", shop=shop.id)
            self._note(shop, shops, ENDED, OPEN_THE_APP, is_final=True)
        except TryAgain:
            self._note(shop, shops, NOT_RENEWED, BY_ITSELF, is_final=False)
            raise
        finally:
            shops.end_lease(lease, changed)
        if changed and changed is not OVER:
            shops.accepted(shop.id, Duty.ACCESS)
        return shops.access(shop.id)

    def _note(self, shop: Shop, shops: Shops, reason: Sentence, fix: Sentence, *, is_final: bool) -> None:
        refusal = Refusal(duty=Duty.ACCESS, reason=reason, fix=fix, is_final=is_final, since=self._now())
        shops.refused(shop.id, refusal)


def serves(access: Mapping[str, Any], *, now: datetime, refused: str = "") -> bool:
    """Whether the token in it will do for a while. One without an end is a custom app's."""
    token, ends = access.get("access_token"), access.get("expires_at")
    if not token or token == refused:
        return False
    return not ends or datetime.fromisoformat(str(ends)) - now > EARLY
