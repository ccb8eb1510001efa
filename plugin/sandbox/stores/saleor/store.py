"""The pretend Saleor as the sandbox finds it: one shop with the app, one without."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from flask import Flask

from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.sandbox.courier import Courier
from plugin.sandbox.outage import Outage
from plugin.sandbox.pretend_store import Addresses
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.wiring import Services

from .api import saleor_app
from .dashboard import HOME
from .demo_shop import DEMO, LABEL, NAME, NEWCOMER
from .guesses import GUESSES
from .pretend import PICTURES, PretendSaleor
from .seed import seed
from .sender import SaleorSender
from .topics import TOPICS

TOKEN_LIFE: Final = timedelta(minutes=1)  #: a fifth of the real, so that somebody who plays sees it renewed


class _OpenSaleor:
    """`OpenStore` of Saleor."""

    def __init__(self, addresses: Addresses) -> None:
        url, newcomer_url = addresses.own
        self._app_url = addresses.app
        self.pretend, self.newcomer = PretendSaleor(url=url, name=DEMO), PretendSaleor(url=newcomer_url, name=NEWCOMER)
        for shop in (self.pretend, self.newcomer):
            shop.staff_tokens.life = TOKEN_LIFE

    @property
    def title(self) -> str:
        return f"{LABEL}: {self.pretend.domain}"

    @property
    def admins(self) -> Mapping[str, str]:
        return {
            f"{LABEL} dashboard": f"{self.pretend.url}{HOME}",
            f"{LABEL} dashboard, app not installed yet": f"{self.newcomer.url}{HOME}",
        }

    @property
    def pictures(self) -> Mapping[str, str]:
        return {PICTURES: self.pretend.url}

    @property
    def outage(self) -> Outage:
        return self.pretend.outage

    def web_apps(self, courier: Courier) -> Sequence[Flask]:
        return tuple(saleor_app(shop, app_url=self._app_url, courier=courier) for shop in (self.pretend, self.newcomer))

    def seed(self, services: Services, sendpulse: PretendSendPulse) -> Shop:
        return seed(services, self.pretend, sendpulse, self._app_url)

    def sender(self, courier: Courier) -> SaleorSender:
        return SaleorSender(self.pretend, courier)


class _Saleor:
    """`PretendStore` of Saleor."""

    name: Final = NAME
    rank: Final = 2
    parts: Final = (f"the pretend {LABEL}", f"the pretend {LABEL} without the app")
    seeding: Final = f"Installing the app into the pretend {LABEL} …"
    topics: Final = {event: topic.event for event, topic in TOPICS.items()}
    guesses: Final = GUESSES

    def environ(self, own: Sequence[str]) -> Mapping[str, str]:
        allowed = ",".join(f"^{re.escape(url)}/graphql/$" for url in own)
        return {**find_testkit(NAME).environ, f"{NAME.upper()}_ALLOWED_URLS": allowed}

    def open(self, addresses: Addresses) -> _OpenSaleor:
        return _OpenSaleor(addresses)


STORE: Final = _Saleor()
