"""Who has installed us, and what is kept for each shop beside its events."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from plugin.domain.audit import STORE, Deed
from plugin.domain.contact import Channel, PersonConsent
from plugin.domain.kinds import EventKind
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.ports.refusals import Refusals
from plugin.ports.values import AccessLease, AccessToken, Guide, Installation, SettingsVersion


class Shops(Refusals, Protocol):
    """Who has installed us."""

    def find(self, platform: str, address: str) -> Installation | None:
        """The shop of this address, also after it left."""

    def is_number_of_another(self, shop: Shop, number: str) -> bool:
        """Whether the platform gave this number to another shop that is, or was, here."""

    def list(self) -> Sequence[Installation]: ...

    def of_link(self, token: str) -> Installation | None:
        """The shop whose short link this is, also after it left."""

    def install(
        self,
        shop: Shop,
        access: Mapping[str, Any],
        *,
        now: datetime,
        deed: Deed = Deed.INSTALLED,
        who: str = STORE,
        address: str = "",
    ) -> Shop:
        """Store a shop or, when its address is known, its new access, with an audit line; settings stay.

        Answers it with its id.
        """

    def forget(self, shop_id: int) -> None:
        """Delete the shop and everything of it."""

    def suspend(self, shop_id: int, *, now: datetime) -> bool:
        """Send nothing for the shop until it is resumed, with an audit line; False when it is suspended already.

        Its webhooks are still taken and read, so that what a store removes or forbids is obeyed.
        """

    def resume(self, shop_id: int, *, now: datetime) -> bool:
        """Let a suspended shop go on where it stood, with an audit line; False when it is not suspended."""

    def access(self, shop_id: int) -> Mapping[str, Any]:
        """The shop's access as it is stored this very moment, nothing when it left."""

    def renew(
        self, shop_id: int, changed: Mapping[str, Any], *, who: str = "", address: str = "", now: datetime | None = None
    ) -> None:
        """Store changed words of an installed shop's access; the others stay. With an audit line when somebody did it."""

    def lease_access(self, shop_id: int, *, now: datetime, lease: timedelta) -> AccessLease | None:
        """The shop's access for one caller alone to change; None while another has it, and when the shop left."""

    def end_lease(self, lease: AccessLease, changed: Mapping[str, Any]) -> bool:
        """Store what changed and let others have it; False, and nothing stored, when it was not this caller's any more."""

    def settings(self, shop_id: int) -> ShopSettings:
        """The shop's settings, `NO_SETTINGS` before any were made."""

    def write_settings(
        self,
        shop_id: int,
        document: Mapping[str, Any],
        *,
        who: str,
        now: datetime,
        expected: int | None = None,
        address: str = "",
    ) -> int:
        """Store a checked settings file as the shop's next version, with an audit line; answers the version.

        Raises `ChangedMeanwhile` when the newest version is not the one `expected`; 0 expects none at all.
        """

    def settings_document(self, shop_id: int) -> Mapping[str, Any] | None:
        """The settings file as it was written, secrets included."""

    def settings_version(self, shop_id: int, number: int | None = None) -> SettingsVersion | None:
        """This version of the settings file, or the newest."""


class Catalogue(Protocol):
    """Products looked up before, a bounded number a shop.

    What stands under `product:<id>` and longer keys of it is forgotten when that product changes; under `shop:…`, when the shop
    does, or what we may ask it.
    """

    def read(self, shop_id: int, keys: Iterable[str]) -> Mapping[str, Mapping[str, str]]: ...

    def write(self, shop_id: int, found: Mapping[str, Mapping[str, str]], *, now: datetime) -> None: ...


class Consents(Protocol):
    """How people stand with marketing, as stores told it last; only keyed hashes of their names are kept."""

    def read(self, shop_id: int, names: Iterable[str], channel: Channel) -> PersonConsent | None:
        """The newest under any of these names, written as in `contact.person_names`."""


class Tokens(Protocol):
    """SendPulse access tokens, one at a time fetched by one process."""

    def read(self, account: str) -> AccessToken | None: ...

    def write(self, account: str, token: AccessToken) -> None: ...

    def drop(self, account: str, text: str) -> None:
        """Forget it, unless somebody stored a newer one."""

    def try_lock(self, account: str, *, now: datetime, lease: timedelta) -> bool:
        """Whether this caller may fetch a token now; `write` and `unlock` end it."""

    def unlock(self, account: str) -> None: ...


class Links(Protocol):
    """Short links of ours for addresses too long for SendPulse."""

    def shorten(self, shop_id: int, address: str, names: Sequence[str] = ()) -> str:
        """The token that stands for this address; the same each time.

        `names` are those of the person whom it concerns, as `contact.person_names` writes them; everybody's has none.
        """

    def resolve(self, token: str) -> str | None: ...


class Samples(Protocol):
    """The public addresses at which SendPulse reads what an event looks like."""

    def token(self, shop_id: int, kind: EventKind) -> str:
        """What nobody can guess and `read` knows again; always the same."""

    def read(self, token: str) -> tuple[Shop, EventKind] | None:
        """Whose sample it is; None for what was not signed here, and while the shop is suspended or has left."""


class Guides(Protocol):
    """Where each shop's setup guide stands."""

    def read(self, shop_id: int) -> Guide: ...

    def tested(self, shop_id: int, *, now: datetime) -> None:
        """A test event arrived."""

    def dismissed(self, shop_id: int, *, now: datetime) -> None:
        """The merchant has put the guide away."""
