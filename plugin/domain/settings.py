"""What a merchant set for one shop: the settings file, understood."""

from dataclasses import dataclass

from plugin.domain.routing import RouteTable
from plugin.domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """What the merchant says of the store; "" leaves what the platform says."""

    name: str = ""
    link: str = ""
    product_link: str = ""  #: template with {locale} {slug} {channel} {variant}
    timezone: str = ""
    default_locale: str = ""
    test_orders: bool = False  #: send Shopify's test orders too
    product_id_as_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The SendPulse account: how fast, and with which credentials where events go by name."""

    rate_per_second: int = 8
    client_id: str = ""
    client_secret: Secret | None = None
    api_key: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """One shop's settings, all of them checked."""

    table: RouteTable
    store: StoreFacts = StoreFacts()
    account: Account = Account()


NO_SETTINGS = ShopSettings(table=RouteTable(routes={}))
