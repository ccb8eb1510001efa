"""What carriers say: which of it is told, of which parcel and to whom, and who subscribes to it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from plugin.domain.errors import StoreRefuses, TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.facts import Tracking
from plugin.domain.kinds import EventKind
from plugin.domain.payload import read_json
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.routing import Route, RouteTable
from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.platforms.shopify.carrier_sync import FORBIDDEN
from plugin.sandbox.buyers import BUYERS
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sale import Sale, SaleLine
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.bodies import SaleState
from plugin.sandbox.stores.shopify.pretend import Fault, PretendShopify
from plugin.sandbox.stores.shopify.topics import TOPICS
from tests.platforms.shopify.test_complete import BOTH, completed
from tests.platforms.shopify.test_complete_people import LINE, ORDER
from tests.support.builders import NOON
from tests.support.platforms.shopify.admin import FakeCatalogue, a_place, data, failing
from tests.support.platforms.shopify.given import SHOP, meaning, opened, the_event

TOPIC = "fulfillment_events/create"
SCOPE = "read_fulfillments"


def test_each_parcel_and_status_is_one_event() -> None:
    samples = ("out_for_delivery", "out_for_delivery__second_parcel", "delivered", "delivered__repeated")

    keys = [the_event(TOPIC, f"order_{name}").key for name in samples]

    assert keys == [
        "order_out_for_delivery:5001000000001:4501000000021",
        "order_out_for_delivery:5001000000001:4501000000022",
        "order_delivered:5001000000001:4501000000021",
        "order_delivered:5001000000001:4501000000021",
    ]


@pytest.mark.parametrize(
    "status", ["in_transit", "attempted_delivery", "ready_for_pickup", "failure", "confirmed", "", None, "x" * 5_000]
)
def test_what_else_a_carrier_says_is_skipped_with_a_reason(status: str | None) -> None:
    told = meaning(TOPIC, "order_delivered", status=status)

    assert told.events == ()
    assert told.skip
    assert told.skip.code is ReasonCode.NO_EVENT
    assert len(str(told.skip.reason)) < 200


PARCEL: dict[str, Any] = {
    "tracking": [
        {"number": "A1", "company": "InPost", "url": "https://carrier.example/A1"},
        {"number": None, "company": "InPost", "url": None},
    ],
    "lines": {
        "nodes": [{"quantity": 1, "line_item": LINE | {"group": {"id": "gid://shopify/LineItemGroup/77", "title": "Set"}}}]
    },
}


def delivered(order: dict[str, Any] | None = None, parcel: Any = PARCEL, **changed: Any) -> StoreEvent:
    event = the_event(TOPIC, "order_delivered", **changed)
    found, _ = completed(event, data({"order": ORDER | (order or {})}), data({"fulfillment": parcel}), BOTH)
    return found


def test_a_delivered_parcel_learns_from_its_order_whom_to_write_to_and_its_own_lines() -> None:
    event = delivered()

    assert event.contact and event.basket
    assert (event.contact.email, event.locale.raw) == ("zofia@example.com", "pl-PL")
    assert event.basket.keys == ("checkout:t1", "order:5001000000001")
    (line,) = event.products
    assert (line.name, line.quantity, line.bundle, str(line.line_total and line.line_total.amount)) == (
        "Herbata",
        1,
        "Set",
        "24.50",
    )
    assert event.facts.tracking == (Tracking(number="A1", company="InPost", link="https://carrier.example/A1"),)
    assert event.products[0].link
    assert event.awaits == (EventKind.ORDER_FULFILLED,)


@pytest.mark.parametrize(("sample", "reason"), [("order_out_for_delivery", ReasonCode.NEWER_STATE), ("order_delivered", None)])
def test_what_was_delivered_by_now_is_no_longer_on_its_way(sample: str, reason: ReasonCode | None) -> None:
    parcel = PARCEL | {"delivered_at": "2026-11-26T13:40:00Z"}

    event, _ = completed(the_event(TOPIC, sample), data({"order": ORDER}), data({"fulfillment": parcel}), BOTH)

    assert event.no_letter is reason


def test_a_parcel_that_cannot_be_read_speaks_of_the_order_s_lines() -> None:
    event = delivered(parcel=None)

    assert [(line.name, line.quantity) for line in event.products] == [("Herbata", 2)]
    assert event.facts.tracking == ()


def test_the_total_is_the_present_order_s() -> None:
    present = {"presentment_money": {"amount": "74.40", "currency_code": "PLN"}}

    event = delivered({"current_total_price_set": present})

    assert event.basket and event.basket.total
    assert (str(event.basket.total.amount), event.basket.order_total) == ("74.40", None)


def test_a_parcel_of_an_order_of_long_ago_is_no_occasion() -> None:
    event = delivered({"created_at": "2026-11-20T09:00:00Z", "processed_at": "2024-01-05T09:00:00Z"})

    assert event.no_letter is ReasonCode.IMPORTED


def test_a_parcel_of_an_order_that_cannot_be_read_is_nobody_s() -> None:
    event, admin = completed(the_event(TOPIC, "order_delivered"), failing("ACCESS_DENIED"))

    assert event.contact is None
    assert event.partial
    assert len(admin.questions) == 1


@pytest.mark.parametrize("name", ["order_id", "fulfillment_id"])
def test_a_parcel_without_a_number_is_not_asked_for(name: str) -> None:
    event = the_event(TOPIC, "order_delivered", **{name: "x"})

    assert event.wants == ("" if name == "order_id" else "order:5001000000001 products")


# ------------------------------------------------------------------ who subscribes


def switched_on(*kinds: EventKind, enabled: bool = True) -> ShopSettings:
    return replace(NO_SETTINGS, table=RouteTable(routes={kind: Route(kind=kind, enabled=enabled) for kind in kinds}))


ON, OFF = switched_on(EventKind.ORDER_DELIVERED), switched_on(EventKind.ORDER_DELIVERED, enabled=False)
ACCESS: Mapping[str, Any] = {"access_token": "t"}
GRANTED: Mapping[str, Any] = {"access_token": "t", "scopes": ["read_orders", SCOPE]}


@dataclass
class Asked:
    """A shop whose Admin API is the pretend one."""

    pretend: PretendShopify

    def __post_init__(self) -> None:
        self.platform = opened(
            PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=f"{self.pretend.url}/{{shop}}", PUBLIC_URL="https://plugin.example"
        )

    def sync(self, settings: ShopSettings, access: Mapping[str, Any] = GRANTED) -> Mapping[str, Any]:
        return self.platform.sync(SHOP, access, settings, "")

    @property
    def leads_to(self) -> list[str]:
        return list(self.pretend.subscribed[SHOP.address].values())


@pytest.fixture
def asked() -> Iterator[Asked]:
    found = PretendShopify(client_id="id", client_secret="s" * 32)
    found.tokens.accept(SHOP.address, "t")
    found.grant(SHOP.address, SCOPE)
    with serve_in_thread(admin_app(found)) as serving:
        found.url = serving.url
        yield Asked(found)


def test_a_shop_subscribes_once_while_a_kind_is_switched_on(asked: Asked) -> None:
    assert asked.sync(ON) == {"carrier_events": True}
    assert asked.sync(ON, {**GRANTED, "carrier_events": True}) == {}
    assert asked.leads_to == ["https://plugin.example/webhooks/shopify"]

    assert asked.sync(OFF, {**GRANTED, "carrier_events": True}) == {"carrier_events": False}
    assert asked.leads_to == []


@pytest.mark.parametrize("settings", [NO_SETTINGS, OFF, switched_on(EventKind.ORDER_PAID)], ids=["none", "off", "others"])
def test_a_shop_that_does_not_want_it_is_not_asked(settings: ShopSettings, asked: Asked) -> None:
    assert asked.sync(settings, {}) == {}
    assert asked.pretend.queries == []


@pytest.mark.parametrize(
    "access", [{"access_token": "t", "scopes": ["read_orders"]}, {"access_token": "t", "token_scopes": ["x"]}]
)
def test_without_the_scope_the_merchant_reads_what_to_do(access: Mapping[str, Any], asked: Asked) -> None:
    with pytest.raises(StoreRefuses) as refused:
        asked.sync(ON, access)

    assert refused.value.reason == FORBIDDEN
    assert asked.pretend.queries == []


def test_of_a_token_that_was_pasted_only_shopify_knows_what_it_may(asked: Asked) -> None:
    asked.pretend.grant(SHOP.address)

    with pytest.raises(StoreRefuses):
        asked.sync(ON, ACCESS)

    asked.pretend.grant(SHOP.address, SCOPE)
    assert asked.sync(ON, ACCESS) == {"carrier_events": True}


def test_a_token_that_is_over_or_a_store_that_is_down_is_waited_for(asked: Asked) -> None:
    with pytest.raises(TryAgain):
        asked.sync(ON, {**GRANTED, "expires_at": "2026-01-01T00:00:00+00:00"})

    asked.pretend.fail(Fault.THROTTLED, times=1)
    with pytest.raises(TryAgain):
        asked.sync(ON)


def test_a_carrier_s_word_in_the_pretend_store_becomes_a_whole_event(asked: Asked) -> None:
    lines = tuple(SaleLine(number=n, product=PRODUCTS[n], variant=PRODUCTS[n].variants[0]) for n in (0, 3))
    sale = Sale(number=1, buyer=BUYERS[0], locale="en", lines=lines, began_at=NOON)
    asked.pretend.remember(SHOP.address, sale)
    topic, make = TOPICS["order_delivered"]
    body = make(SaleState(sale=sale, storefront="https://demo.example", now=NOON, turn=1))
    (event,) = asked.platform.translate(topic, read_json(json.dumps(body).encode(), topic), SHOP).events

    told = asked.platform.complete(event, a_place(FakeCatalogue(), access=ACCESS))

    assert told.contact and told.contact.email == BUYERS[0].email
    assert [line.name for line in told.products] == [PRODUCTS[0].title, PRODUCTS[3].title]
    assert [one.number for one in told.facts.tracking] == ["DEMO000000001"]


def test_what_must_be_allowed_is_said_of_the_kinds_that_need_it() -> None:
    platform, narrow = opened(), {"access_token": "t", "scopes": ["read_orders"]}

    lacking = {kind: found.name for kind in platform.kinds if (found := platform.lacks(kind, narrow))}

    assert lacking == {EventKind.ORDER_OUT_FOR_DELIVERY: SCOPE, EventKind.ORDER_DELIVERED: SCOPE}
    assert platform.lacks(EventKind.ORDER_DELIVERED, GRANTED) is None


@pytest.mark.parametrize(
    ("scopes", "asked"),
    [
        (["read_orders"], "read_markets read_translations"),
        (["read_orders", "read_markets"], "read_translations"),
        (["read_markets", "read_translations"], None),
        ([], None),  # of a token that a merchant pasted nobody knows
    ],
)
def test_what_products_in_the_buyers_language_need_is_asked_for_together(scopes: list[str], asked: str | None) -> None:
    found = opened().lacks(None, {"access_token": "t", "scopes": scopes})

    assert (found and found.name) == asked
