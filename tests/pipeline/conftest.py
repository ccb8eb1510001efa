"""The whole path with the store real and its two ends played."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.event import StoreEvent
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.pipeline.receive import receive
from plugin.ports import DeliveryFilter, LoggedDelivery, Store
from plugin.sendpulse.body import bodies
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakeClock, FakePlatform, FakeSendPulse, a_webhook

REFUSED = Outcome(
    verdict=Verdict.GIVE_UP,
    code=ReasonCode.BODY_REFUSED,
    reason=worded("SendPulse refused it."),
    fix=worded("Check the event."),
    status=400,
)
BUSY = Outcome(verdict=Verdict.TRY_AGAIN, code=ReasonCode.SERVER_FAULT, reason=worded("SendPulse is busy."), status=503)
SILENT = Outcome(verdict=Verdict.UNCERTAIN, code=ReasonCode.NO_ANSWER, reason=worded("No answer came."))


@dataclass
class Harness:
    """Everything of the path, with the store real and the two ends played."""

    store: Store
    shop: Shop
    platform: FakePlatform
    sendpulse: FakeSendPulse
    clock: FakeClock
    worker: Worker

    def happen(self, *events: StoreEvent, key: str = "k1", topic: str = "something") -> bool:
        """The store sends a webhook that means these events."""
        self.platform.meanings[topic] = Translation(events=events)
        return self.tell(topic, key=key)

    def tell(self, topic: str, *, key: str = "k1", body: bytes = b"{}") -> bool:
        return receive(a_webhook(self.shop, topic, key=key, body=body), self.platform, self.store, now=self.clock())

    def log(self, **wanted: Any) -> list[LoggedDelivery]:
        return list(self.store.log.list(DeliveryFilter(shop_id=self.shop.id, **wanted)))

    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(claimed.body) for claimed in self.sendpulse.posted]


@pytest.fixture
def harness(store: Store, settings: Settings) -> Harness:
    clock, platform, sendpulse = FakeClock(), FakePlatform(), FakeSendPulse()
    shop = store.shops.install(
        Shop(id=0, platform="fake", address="demo", locale="en", timezone="Europe/Warsaw"), {"token": "t"}, now=NOON
    )
    store.shops.write_settings(shop.id, a_settings_document(), who="test", now=NOON)
    services = Services(
        settings=settings, store=store, platforms={"fake": platform}, post=sendpulse, write_bodies=bodies,
        short_link=short_links(store, settings),
    )  # fmt: skip
    return Harness(store, shop, platform, sendpulse, clock, Worker(services, now=clock, sleep=clock.sleep))
