"""Fires Saleor's webhooks at the app: its own subscriptions executed, signed and sent with Saleor's headers."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from plugin import clock
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.ports import RawWebhook
from plugin.sandbox.courier import Courier, Fired, RetryPolicy
from plugin.sandbox.sale import Sale

from .demo_shop import NAME
from .graph import app_node, languages, payload, seen_by
from .objects import SaleState, stamp, user_number
from .pretend import PICTURES, SCHEMA_VERSION, VERSION, InstalledApp, PretendSaleor
from .topics import TOPICS, Topic

# 2 s to connect, 18 s to answer; a 5xx or no answer is tried five times more, a 3xx or 4xx never.
# Measured on 3.23.28.
RETRY_POLICY: Final = RetryPolicy(
    connect_seconds=2,
    answer_seconds=18,
    waits=(10, 20, 40, 80, 160),
    repeats=lambda status: status is None or status >= 500,
)


class SaleorSender:
    """One shop's webhooks."""

    name: Final = NAME
    kinds: Final = frozenset(TOPICS)

    def __init__(self, pretend: PretendSaleor, courier: Courier, *, now: Callable[[], datetime] = clock.now) -> None:
        self._pretend, self._courier, self._now = pretend, courier, now

    @property
    def address(self) -> str:
        return self._pretend.api_url

    def fire(self, event: str, sale: Sale, *, turn: int = 1, ago: timedelta = timedelta(0)) -> Fired:
        """Let it happen so long ago, and tell every installed app that asked for it; the last one's delivery is answered."""
        topic, now = TOPICS[event], self._now() - ago
        self._pretend.remember(sale, family=KINDS[EventKind(event)].family, at=now)
        scene = SaleState(
            sale=sale,
            origin=PICTURES,
            now=now,
            languages=languages(),
            refunds=turn if event == "order_refunded" else 0,
        )
        fired = [
            self._deliver(app, webhook, event, topic, scene)
            for app in self._pretend.apps()
            for webhook in app.webhooks
            if topic.event in (webhook.get("asyncEvents") or ())
        ]
        return fired[-1] if fired else self._not_sent(event, topic, scene, "No installed app has asked for this event.")

    def again(self, fired: Fired) -> Fired:
        """The very same bytes, headers and signature once more."""
        repeat = fired.repeated(self._courier.next_id(), self._now())
        return self._courier.send(repeat, RETRY_POLICY)

    def _deliver(self, app: InstalledApp, webhook: Mapping[str, Any], event: str, topic: Topic, scene: SaleState) -> Fired:
        if topic.permission not in app.permissions:
            return self._not_sent(event, topic, scene, f"The app lacks {topic.permission}, so Saleor never tells it.")
        if not webhook.get("isActive", True):
            return self._not_sent(event, topic, scene, "The webhook is switched off.")
        found = payload(str(webhook["query"]), self._event(app, topic, scene))
        if found is None:
            return self._not_sent(event, topic, scene, "The subscription selects nothing of this event.")
        # Saleor serialises with json.dumps, so every letter beyond ASCII is escaped.
        request = signed(self._pretend, topic.event, webhook, json.dumps(found).encode("ascii"))
        fired = self._fired(event, topic, scene, request=request, url=str(webhook["targetUrl"]))
        return self._courier.send(fired, RETRY_POLICY)

    def _event(self, app: InstalledApp, topic: Topic, scene: SaleState) -> dict[str, Any]:
        return {
            "__typename": topic.typename,
            "issuedAt": stamp(scene.now),
            "version": VERSION,
            "issuingPrincipal": None,
            "recipient": app_node(app),
            **seen_by(app, topic.fields(scene)),
        }

    def _not_sent(self, event: str, topic: Topic, scene: SaleState, why: str) -> Fired:
        """Nothing leaves the shop; the page says why."""
        fired = self._fired(event, topic, scene, request=RawWebhook(headers={}, body=b""), url="")
        fired.note = why
        self._courier.keep(fired)
        return fired

    def _fired(self, event: str, topic: Topic, scene: SaleState, *, request: RawWebhook, url: str) -> Fired:
        return Fired(
            id=self._courier.next_id(),
            store=self.name,
            shop=self.address,
            event=event,
            topic=topic.event,
            buyer=scene.sale.buyer.name,
            locale=scene.language,
            subject=_subject(event, scene.sale),
            is_cart=KINDS[EventKind(event)].is_cart,
            request=request,
            url=url,
            fired_at=self._now(),
        )


def signed(pretend: PretendSaleor, event: str, webhook: Mapping[str, Any], body: bytes) -> RawWebhook:
    """The request that brings this body, with every header a running Saleor sends."""
    twins = {
        "saleor-event": event.lower(),
        "saleor-domain": pretend.domain,
        "saleor-signature": pretend.keys.sign(body),
    }
    headers = {
        "host": urlsplit(str(webhook["targetUrl"])).netloc,
        "user-agent": f"Saleor/{SCHEMA_VERSION}",
        "accept-encoding": "gzip, deflate",
        "accept": "*/*",
        "content-type": "application/json",
        **{f"x-{name}": value for name, value in twins.items()},
        **twins,
        "saleor-api-url": pretend.api_url,
        **{name.lower(): str(value) for name, value in (webhook.get("customHeaders") or {}).items()},
    }
    return RawWebhook(headers=headers, body=body)


def _subject(event: str, sale: Sale) -> str:
    """The id the app will know the thing by."""
    match KINDS[EventKind(event)].family:
        case Family.CUSTOMER:
            return str(user_number(sale, is_new=event == EventKind.CUSTOMER_CREATED))
        case Family.CART:
            return str(sale.checkout_uuid)
        case Family.ORDER:
            return str(sale.order_uuid)
