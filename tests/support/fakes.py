"""Storage that forgets at the end of a test: the shops, in dictionaries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from plugin.domain.contact import Channel, PersonConsent
from plugin.domain.errors import StorageDown
from plugin.domain.refusal import Duty, Refusal
from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.domain.shop import Shop
from plugin.ports import AccessLease, Installation, SettingsVersion


@dataclass(kw_only=True)
class FakeRefusals:
    """The last refusal of each duty of a shop."""

    kept: dict[tuple[int, Duty], Refusal] = field(default_factory=dict)

    def refused(self, shop_id: int, refusal: Refusal) -> None:
        known = self.kept.get((shop_id, refusal.duty), refusal)
        self.kept[shop_id, refusal.duty] = replace(refusal, since=known.since)

    def accepted(self, shop_id: int, duty: Duty) -> None:
        self.kept.pop((shop_id, duty), None)

    def refusals(self, shop_id: int) -> Sequence[Refusal]:
        return [refusal for (of_shop, _), refusal in self.kept.items() if of_shop == shop_id]


@dataclass
class FakeConsents:
    """What is kept of people's consent, by name and channel."""

    kept: dict[tuple[str, Channel], PersonConsent] = field(default_factory=dict)

    def read(self, shop_id: int, names: Iterable[str], channel: Channel) -> PersonConsent | None:
        return next((self.kept[name, channel] for name in names if (name, channel) in self.kept), None)


@dataclass
class FakeShops(FakeRefusals):
    """Who has installed us, by platform and address; `is_down` makes it refuse to store."""

    is_down: bool = False
    found: dict[tuple[str, str], Installation] = field(default_factory=dict)
    documents: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    leases: dict[int, datetime] = field(default_factory=dict)

    def find(self, platform: str, address: str) -> Installation | None:
        return self.found.get((platform, address))

    def is_number_of_another(self, shop: Shop, number: str) -> bool:
        others = (found.shop for found in self.found.values() if found.shop.id != shop.id)
        return any((other.platform, other.number) == (shop.platform, number) for other in others)

    def list(self) -> Sequence[Installation]:
        return tuple(self.found.values())

    def of_link(self, token: str) -> Installation | None:
        """Of none: there are no links here."""
        return None

    def install(self, shop: Shop, access: Mapping[str, Any], *, now: datetime, **by: Any) -> Shop:
        if self.is_down:
            raise StorageDown("the database does not answer")
        known = self.find(shop.platform, shop.address)
        self.leases.clear()
        self.kept.clear()
        stored = replace(shop, id=known.shop.id if known else len(self.found) + 1)
        self._keep(Installation(shop=stored, access=dict(access), is_active=True))
        return stored

    def leave(self, shop_id: int, *, now: datetime) -> None:
        self._keep(replace(self._by_id(shop_id), access={}, is_active=False, left_at=now))

    def forget(self, shop_id: int) -> None:
        shop = self._by_id(shop_id).shop
        del self.found[shop.platform, shop.address]
        self.documents.pop(shop_id, None)

    def access(self, shop_id: int) -> Mapping[str, Any]:
        return next((found.access for found in self.found.values() if found.shop.id == shop_id), {})

    def suspend(self, shop_id: int, *, now: datetime) -> bool:
        self._keep(replace(self._by_id(shop_id), suspended_at=now))
        return True

    def resume(self, shop_id: int, *, now: datetime) -> bool:
        self._keep(replace(self._by_id(shop_id), suspended_at=None))
        return True

    def renew(self, shop_id: int, changed: Mapping[str, Any], **by: Any) -> None:
        for known in [found for found in self.found.values() if found.shop.id == shop_id]:
            self._keep(replace(known, access={**known.access, **changed}))

    def lease_access(self, shop_id: int, *, now: datetime, lease: timedelta) -> AccessLease | None:
        until = self.leases.get(shop_id)
        if (until and until > now) or not self._by_id(shop_id).is_active:
            return None
        self.leases[shop_id] = now + lease
        return AccessLease(shop_id=shop_id, access=self.access(shop_id), until=now + lease)

    def end_lease(self, lease: AccessLease, changed: Mapping[str, Any]) -> bool:
        if self.leases.get(lease.shop_id) != lease.until:
            return False
        del self.leases[lease.shop_id]
        self.renew(lease.shop_id, changed)
        return True

    def settings(self, shop_id: int) -> ShopSettings:
        return NO_SETTINGS

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
        self.documents[shop_id] = document
        return 1

    def settings_version(self, shop_id: int, number: int | None = None) -> SettingsVersion | None:
        document = self.documents.get(shop_id)
        return None if document is None else SettingsVersion(number=1, document=document, who="test")

    def settings_document(self, shop_id: int) -> Mapping[str, Any] | None:
        return self.documents.get(shop_id)

    def _by_id(self, shop_id: int) -> Installation:
        return next(installation for installation in self.found.values() if installation.shop.id == shop_id)

    def _keep(self, installation: Installation) -> None:
        self.found[installation.shop.platform, installation.shop.address] = installation
