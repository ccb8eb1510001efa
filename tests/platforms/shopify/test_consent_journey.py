"""Letters for subscribers only, from Shopify's webhooks to what leaves, on both databases."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.pipeline.receive import receive
from plugin.platforms.shopify.testing import TESTKIT
from plugin.ports import DeliveryFilter, Platform, Store
from plugin.sendpulse.body import bodies
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.support.builders import EVENT_URL, NOON
from tests.support.cases.shopify_answers import answer
from tests.support.fake_platform import FakeClock, FakeSendPulse
from tests.support.platforms.shopify.admin import FakeAdmin, data, running, says
from tests.support.platforms.shopify.given import ACCESS, SHOP, a_body, opened
from tests.support.working import drain

MARTA, OLA, ZOSIA = 8105000000001, 8105000000002, 8123000000001
LONG_AGO, A_MOMENT_AFTER = "2026-02-01T10:00:00Z", "2026-11-23T10:00:04Z"
ORDERED = "2026-11-23T10:00:00Z"


@dataclass
class Customers:
    """What the Admin API says of customers by number; of nobody else, of no product and no order."""

    standings: dict[int, tuple[str, str]] = field(default_factory=dict)
    is_down: bool = False
    admin: FakeAdmin = field(default_factory=FakeAdmin)

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        asked = self.admin.questions[-1]["variables"]
        if self.is_down:
            return says(503, b"")(handler)
        if "ids" not in asked:
            return data(answer(self.admin.questions[-1], {})["data"])(handler)
        return data({"nodes": [self.node(gid) for gid in asked["ids"]]})(handler)

    def node(self, gid: str) -> dict[str, Any] | None:
        """A customer whose standing is known; there are no products."""
        state, at = self.standings.get(int(gid.rpartition("/")[2]), ("", ""))
        consent = {"state": state, "consent_updated_at": at}
        return {"id": gid, "locale": "pl", "email_marketing_consent": consent} if state else None


@dataclass(kw_only=True)
class Journey:
    store: Store
    shop: Shop
    platform: Platform
    customers: Customers
    sendpulse: FakeSendPulse
    clock: FakeClock
    worker: Worker

    def hears(self, topic: str, sample: str, **changed: Any) -> None:
        body = json.dumps(a_body(sample, **changed).fields, default=str).encode()
        receive(TESTKIT.webhook(topic, body, self.shop), self.platform, self.store, now=self.clock())

    def orders(self, name: str, number: int | None, *, object_id: int, ticked: bool, **changed: Any) -> None:
        customer = {"id": number, "email": f"{name}@example.com", "first_name": name.title()} if number else None
        usual = {
            "id": object_id, "email": f"{name}@example.com", "contact_email": None, "phone": None, "customer": customer,
            "buyer_accepts_marketing": ticked, "created_at": ORDERED, "processed_at": ORDERED, "updated_at": ORDERED,
            "checkout_token": f"t{object_id}", "cart_token": None,
        }  # fmt: skip
        self.hears("orders/paid", "order_paid", **(usual | changed))

    def leaves_a_checkout(self) -> None:
        customer = {"id": ZOSIA, "email": "zosia@example.com", "first_name": "Zosia"}
        said: dict[str, Any] = {"email": "zosia@example.com", "customer": customer, "buyer_accepts_marketing": False}
        said |= {"created_at": ORDERED, "updated_at": NOON.isoformat()}
        self.hears("checkouts/create", "checkout_started", **said)
        self.hears("checkouts/update", "cart_updated", **said)

    def unsubscribes(self, name: str, number: int) -> None:
        consent = {"state": "unsubscribed", "consent_updated_at": A_MOMENT_AFTER}
        self.hears(
            "customers_email_marketing_consent/update", "email_consent_changed",
            customer_id=number, email_address=f"{name}@example.com", email_marketing_consent=consent,
        )  # fmt: skip

    def sent(self) -> list[tuple[str, str]]:
        """What left: the kind and whom for."""
        drain(self.worker)
        found = [json.loads(claimed.body) for claimed in self.sendpulse.posted]
        return [(body["event_name"], body["email"]) for body in found]

    def skipped(self) -> list[str]:
        rows = self.store.log.list(DeliveryFilter(shop_id=self.shop.id))
        wanted = (ReasonCode.NOT_SUBSCRIBED, ReasonCode.CONSENT_UNKNOWN)
        return [row.reason_code for row in rows if row.reason_code in wanted]


def for_subscribers(*kinds: str) -> Mapping[str, Any]:
    route = {"enabled": True, "send": "json", "event_url": EVENT_URL, "audience": "subscribers"}
    return {"version": 1, "events": dict.fromkeys(kinds, route)}


@pytest.fixture
def journey(store: Store, settings: Settings) -> Iterator[Journey]:
    customers, clock, sendpulse = Customers(), FakeClock(), FakeSendPulse()
    shop = store.shops.install(SHOP, ACCESS, now=NOON)
    document = for_subscribers("order_paid", "cart_abandoned")
    store.shops.write_settings(shop.id, document, who="test", now=NOON)
    with running(customers) as admin:
        customers.admin = admin
        platform = opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=admin.url)
        services = Services(
            settings=settings, store=store, platforms={"shopify": platform}, post=sendpulse, write_bodies=bodies,
            short_link=short_links(store, settings),
        )  # fmt: skip
        worker = Worker(services, now=clock, sleep=clock.sleep)
        yield Journey(
            store=store, shop=shop, platform=platform, customers=customers, sendpulse=sendpulse, clock=clock, worker=worker
        )


def test_a_subscriber_who_did_not_tick_at_the_till_gets_the_letter(journey: Journey) -> None:
    journey.customers.standings = {MARTA: ("SUBSCRIBED", LONG_AGO)}

    journey.orders("marta", MARTA, object_id=1, ticked=False, source_name="pos")

    assert journey.sent() == [("order_paid", "marta@example.com")]


def test_a_guest_who_did_not_tick_gets_none(journey: Journey) -> None:
    journey.orders("guest", None, object_id=2, ticked=False)

    assert (journey.sent(), journey.skipped()) == ([], [ReasonCode.NOT_SUBSCRIBED])


def test_who_ticked_and_took_it_back_a_moment_after_gets_none(journey: Journey) -> None:
    journey.customers.standings = {OLA: ("UNSUBSCRIBED", A_MOMENT_AFTER)}

    journey.orders("ola", OLA, object_id=3, ticked=True)

    assert (journey.sent(), journey.skipped()) == ([], [ReasonCode.NOT_SUBSCRIBED])


def test_what_the_store_told_is_enough_when_nobody_can_be_asked(journey: Journey) -> None:
    journey.customers.is_down = True
    journey.unsubscribes("ola", OLA)
    drain(journey.worker)
    journey.orders("ola", OLA, object_id=3, ticked=True, line_items=[])

    assert (journey.sent(), journey.skipped()) == ([], [ReasonCode.NOT_SUBSCRIBED])
    assert journey.customers.admin.questions == []


def test_an_answer_that_does_not_come_holds_an_order_for_a_minute_and_no_longer(journey: Journey) -> None:
    journey.customers.is_down = True
    journey.orders("marta", MARTA, object_id=1, ticked=False)
    journey.orders("kasia", MARTA + 9, object_id=4, ticked=True)

    for _ in range(70):
        drain(journey.worker)
        journey.clock.move(seconds=1)

    assert (journey.sent(), journey.skipped()) == ([("order_paid", "kasia@example.com")], [ReasonCode.CONSENT_UNKNOWN])


def test_a_subscribers_empty_box_does_not_keep_the_reminder_back(journey: Journey) -> None:
    journey.customers.standings = {ZOSIA: ("SUBSCRIBED", LONG_AGO)}
    journey.leaves_a_checkout()
    assert journey.sent() == []

    journey.clock.move(days=1)

    assert journey.sent() == [("cart_abandoned", "zosia@example.com")]


def test_who_takes_consent_back_meanwhile_is_not_reminded(journey: Journey) -> None:
    journey.customers.standings = {ZOSIA: ("SUBSCRIBED", LONG_AGO)}
    journey.leaves_a_checkout()
    drain(journey.worker)
    journey.unsubscribes("zosia", ZOSIA)

    journey.clock.move(days=1)

    assert (journey.sent(), journey.skipped()) == ([], [ReasonCode.NOT_SUBSCRIBED])


def test_only_the_reminder_asks_for_the_consent(journey: Journey) -> None:
    journey.leaves_a_checkout()
    drain(journey.worker)

    asked = [question["variables"] for question in journey.customers.admin.questions]

    assert all("ids" in variables for variables in asked)
