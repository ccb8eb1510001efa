"""Fires Shopify's webhooks at the app: real bodies, signed, with every header."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from plugin import clock
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.shop import Shop
from plugin.ports import RawWebhook, TestKit
from plugin.sandbox.courier import Courier, Fired, RetryPolicy
from plugin.sandbox.sale import Sale

from .bodies import SaleState, order_id, registered_id
from .demo_shop import NAME
from .graph import VERSIONS
from .pretend import PretendShopify
from .topics import TOPICS

# 1 s to connect, 5 s in all; 8 further tries over 4 hours, whose exact times nobody has published.
# https://shopify.dev/changelog/updates-to-webhook-retry-mechanism
RETRY_POLICY: Final = RetryPolicy(
    connect_seconds=1,
    answer_seconds=5,
    waits=(60, 180, 420, 900, 1500, 2400, 3600, 5400),
    repeats=lambda status: status is None or not 200 <= status < 300,
)


class ShopifySender:
    """One shop's webhooks."""

    name: Final = NAME
    kinds: Final = frozenset(TOPICS)

    def __init__(
        self,
        pretend: PretendShopify,
        testkit: TestKit,
        courier: Courier,
        *,
        address: str,
        app_url: str,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.address = address
        self._pretend, self._testkit, self._courier, self._now = pretend, testkit, courier, now
        self._url = f"{app_url}/webhooks/{self.name}"

    def fire(self, event: str, sale: Sale, *, turn: int = 1, ago: timedelta = timedelta(0)) -> Fired:
        """Let it happen so long ago, and tell the app now."""
        topic, make = TOPICS[event]
        is_order = KINDS[EventKind(event)].family is Family.ORDER
        self._pretend.remember(self.address, sale, is_order=is_order)
        now = self._now()
        body = make(SaleState(sale=sale, storefront=self._pretend.storefront(self.address), now=now - ago, turn=turn))
        fired = Fired(
            id=self._courier.next_id(),
            store=self.name,
            shop=self.address,
            event=event,
            topic=topic,
            buyer=sale.buyer.name,
            locale=sale.locale,
            subject=_subject(event, sale, body),
            is_cart=KINDS[EventKind(event)].is_cart,
            request=self._signed(topic, json.dumps(body, ensure_ascii=False).encode(), now),
            url=self._url,
            fired_at=now,
        )
        return self._courier.send(fired, RETRY_POLICY)

    def again(self, fired: Fired) -> Fired:
        """The very same webhook once more, as a store does when an answer got lost."""
        repeat = fired.repeated(self._courier.next_id(), self._now())
        return self._courier.send(repeat, RETRY_POLICY)

    def _signed(self, topic: str, body: bytes, now: datetime) -> RawWebhook:
        key = str(uuid4())
        shop = Shop(id=0, platform=self.name, address=self.address)
        signed = self._testkit.webhook(topic, body, shop, key=key)
        others = {
            "user-agent": "Shopify-Captain-Hook",
            "content-type": "application/json",
            "x-shopify-api-version": VERSIONS[-1],
            "x-shopify-event-id": str(uuid4()),
            "x-shopify-name": "sandbox",
            "x-shopify-triggered-at": now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        }
        return RawWebhook(headers={**others, **signed.headers}, body=body)


def _subject(event: str, sale: Sale, body: dict[str, Any]) -> str:
    """The id the app will know the thing by."""
    if event == "customer_created":
        return str(registered_id(sale))
    if event == "customer_updated":
        return str(sale.buyer.number)
    if KINDS[EventKind(event)].is_cart:
        return sale.token
    return str(body["id"] if event == "order_refunded" else order_id(sale))
