"""A shop: the tenant everything belongs to."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One store on one platform."""

    id: int  #: ours; every query names it
    platform: str  #: the name of the platform's folder
    address: str  #: the platform's own key: `demo.myshopify.com`, `https://shop.example/graphql/`
    name: str = ""
    link: str = ""  #: the storefront's home page, without a slash at its end
    locale: str = ""  #: the shop's default, as the platform wrote it
    timezone: str = "UTC"  #: IANA name
    currency: str = ""  #: ISO 4217, the shop's own
    number: str = ""  #: the platform's own number of it, where it has one and has told it

    @property
    def key(self) -> str:
        """The shop as commands and logs name it: `shopify:demo.myshopify.com`."""
        return f"{self.platform}:{self.address}"

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone, UTC when its name is unknown here."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder
            return ZoneInfo("UTC")
