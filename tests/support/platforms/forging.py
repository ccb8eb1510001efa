"""A shop that strangers send forged webhooks to, with the app around it."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.ports import DeliveryFilter, Platform, RawWebhook
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.web import create_app
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakeSendPulse
from tests.support.platforms.expected import samples
from tests.support.working import drain


@dataclass(frozen=True, kw_only=True)
class Victim:
    """The shop, and another one of the same platform that any stranger may own."""

    shop: Shop
    other: Shop
    store: SqlStore
    client: FlaskClient
    worker: Worker

    def hears(self, webhook: RawWebhook) -> int:
        """How it is answered; then the worker does all that follows."""
        path = f"/webhooks/{self.shop.platform}"
        answer = self.client.post(path, data=webhook.body, headers=dict(webhook.headers))
        drain(self.worker)
        return answer.status_code

    def state(self) -> dict[str, Any]:
        """Everything a forgery could change."""
        shop, backlog = self.shop, self.store.backlog()
        return {
            "installation": self.store.shops.find(shop.platform, shop.address),
            "settings": self.store.shops.settings_document(shop.id),
            "events": backlog.events,
            "log": [(row.id, row.state) for row in self.store.log.list(DeliveryFilter(shop_id=shop.id))],
        }


def a_victim(platform: Platform, store: SqlStore, settings: Settings, shop: Shop, other: Shop) -> Victim:
    """Around shops that are installed; one order of the first was told already."""
    services = Services(
        settings=settings, store=store, platforms={platform.name: platform}, post=FakeSendPulse(), write_bodies=bodies,
        short_link=short_links(store, settings),
    )  # fmt: skip
    for each in (shop, other):
        store.shops.write_settings(each.id, a_settings_document(), who="test", now=NOON)
    client = create_app(services).test_client()
    return Victim(shop=shop, other=other, store=store, client=client, worker=Worker(services))


def sample_body(platform: str, name: str) -> bytes:
    """A sample by the name of its file."""
    [found] = [sample.body for sample in samples(platform) if sample.name == f"{platform}-{name}"]
    return found


def sent_as(topic: str, body: bytes, shop: Shop, *, key: str | None = None) -> RawWebhook:
    """The body, rightly signed, under this topic and in this shop's name."""
    return find_testkit(shop.platform).webhook(topic, body, shop, key=key)
