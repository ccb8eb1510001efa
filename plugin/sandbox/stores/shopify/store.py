"""The pretend Shopify as the sandbox finds it."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Flask

from plugin import clock
from plugin.domain.kinds import possible
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.sandbox import demo
from plugin.sandbox.courier import Courier
from plugin.sandbox.outage import Outage
from plugin.sandbox.pretend_store import Addresses
from plugin.sandbox.seed import write_settings
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.upkeep.install import add_shop
from plugin.wiring import Services

from .admin import admin_app
from .admin_page import BRIDGE, address_of
from .demo_shop import ADDRESS, LABEL, NAME, NEWCOMER, TOKEN
from .guesses import GUESSES
from .pretend import OPTIONAL, PretendShopify
from .sender import ShopifySender
from .topics import TOPICS

PREFIX: Final = NAME.upper()  #: of the platform's environment variables


class _OpenShopify:
    """`OpenStore` of Shopify."""

    def __init__(self, addresses: Addresses) -> None:
        [url] = addresses.own
        testkit = find_testkit(NAME).environ
        self.pretend = PretendShopify(
            client_id=testkit[f"{PREFIX}_CLIENT_ID"],
            client_secret=testkit[f"{PREFIX}_CLIENT_SECRET"],
            url=url,
            app_url=addresses.app,
        )

    @property
    def title(self) -> str:
        return f"{LABEL}: {ADDRESS}"

    @property
    def admins(self) -> Mapping[str, str]:
        return {
            f"{LABEL} admin": address_of(self.pretend.url, ADDRESS),
            f"{LABEL} admin, app not installed yet": address_of(self.pretend.url, NEWCOMER),
        }

    @property
    def pictures(self) -> Mapping[str, str]:
        return {self.pretend.url: self.pretend.url}

    @property
    def outage(self) -> Outage:
        return self.pretend.outage

    def web_apps(self, courier: Courier) -> Sequence[Flask]:
        return (admin_app(self.pretend, courier),)

    def seed(self, services: Services, sendpulse: PretendSendPulse) -> Shop:
        """Add the demo shop as a custom app's would be: with a token the merchant pasted."""
        self.pretend.install(ADDRESS)
        self.pretend.tokens.accept(ADDRESS, TOKEN)
        self.pretend.grant(ADDRESS, *OPTIONAL)
        storefront = self.pretend.storefront(ADDRESS)
        wanted = Shop(
            id=0,
            platform=NAME,
            address=ADDRESS,
            name="Demo",
            link=storefront,
            locale="en",
            timezone="Europe/Warsaw",
            currency="EUR",
        )
        shop = add_shop(services.store, services.platforms[NAME], wanted, token=TOKEN, now=clock.now())
        kinds = possible(services.platforms[NAME].kinds)
        document = demo.settings_document(sendpulse, name="Demo", kinds=kinds, store={"link": storefront})
        write_settings(services, shop, document)
        return shop

    def sender(self, courier: Courier) -> ShopifySender:
        return ShopifySender(self.pretend, find_testkit(NAME), courier, address=ADDRESS, app_url=self.pretend.app_url)


class _Shopify:
    """`PretendStore` of Shopify."""

    name: Final = NAME
    rank: Final = 1
    parts: Final = (f"the pretend {LABEL}",)
    seeding: Final = f"Adding the {LABEL} demo shop, with flows in English, Polish, German and Brazilian Portuguese …"
    topics: Final = {event: topic for event, (topic, _) in TOPICS.items()}
    guesses: Final = GUESSES

    def environ(self, own: Sequence[str]) -> Mapping[str, str]:
        [url] = own
        pretended = {f"{PREFIX}_ADMIN_URL": f"{url}/{{shop}}", f"{PREFIX}_APP_BRIDGE_URL": f"{url}{BRIDGE}"}
        return {**find_testkit(NAME).environ, **pretended}

    def open(self, addresses: Addresses) -> _OpenShopify:
        return _OpenShopify(addresses)


STORE: Final = _Shopify()
