"""What a merchant set for one shop: the settings file, understood."""

from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from plugin.domain.own import OwnVariable
from plugin.domain.routing import RouteTable
from plugin.domain.secret import Secret
from plugin.domain.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """What the merchant says of the store; "" leaves what the platform says."""

    name: str = ""
    link: str = ""
    product_link: str = ""  #: template with {locale} {slug} {channel} {variant}
    cart_link: str = ""  #: template with {locale} {checkout} {token} {channel} {email}
    order_link: str = ""  #: template with {locale} {order} {order_number} {channel} {email}
    timezone: str = ""
    default_locale: str = ""
    test_orders: bool = False  #: send Shopify's test orders too
    old_orders: bool = False  #: send sales of long ago, brought in now, too
    consent_key: str = ""  #: the metadata key by which the store's storefront says who agreed to marketing
    product_id_as_text: bool = False


class PersonalData(StrEnum):
    """What of a buyer leaves only where the merchant chose so."""

    ADDRESS = "address"  #: where an order goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The SendPulse account: how fast, and with which credentials where events go by name."""

    rate_per_second: int = 8
    client_id: str = ""
    client_secret: Secret | None = None
    api_key: Secret | None = None

    @property
    def has_keys(self) -> bool:
        """Whether SendPulse's REST API can be asked anything."""
        return self.api_key is not None or bool(self.client_id and self.client_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """One shop's settings, all of them checked."""

    table: RouteTable
    store: StoreFacts = StoreFacts()
    account: Account = Account()
    share: frozenset[PersonalData] = frozenset()
    variables: tuple[OwnVariable, ...] = ()  #: the merchant's own, in the order in which they leave

    def zone(self, shop: Shop) -> ZoneInfo:
        """The store's time zone: as set, else as the platform says, UTC when that name is unknown here."""
        return replace(shop, timezone=self.store.timezone or shop.timezone).zone


NO_SETTINGS = ShopSettings(table=RouteTable(routes={}))
