"""Rightly signed bodies under headers that lie: any shop that has the app can have them signed, and none does harm."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.states import WebhookState
from plugin.platforms.shopify.testing import TESTKIT
from plugin.storage import SqlStore
from tests.support.builders import NOON
from tests.support.platforms.forging import Victim, a_victim, sample_body, sent_as
from tests.support.platforms.shopify.fixtures import a_world

OTHER = "attacker.myshopify.com"


@pytest.fixture
def victim(store: SqlStore, settings: Settings) -> Iterator[Victim]:
    with a_world() as world:
        world.shops = store.shops
        world.open()  # Shopify gives a token that works
        [found] = store.shops.list()
        shop = store.shops.install(replace(found.shop, number="548380009"), found.access, now=NOON)
        other, access = TESTKIT.installation(OTHER)
        attacker = store.shops.install(replace(other, number="666"), access, now=NOON)
        yield a_victim(world.platform, store, settings, shop, attacker)


def changed(name: str, **changes: Any) -> bytes:
    return json.dumps({**json.loads(sample_body("shopify", name)), **changes}).encode()


FORGERIES: dict[str, tuple[str, bytes]] = {
    "an order as an uninstall": ("app/uninstalled", changed("order_paid")),
    "nothing as an uninstall": ("app/uninstalled", b"{}"),
    "a cart as an uninstall": ("app/uninstalled", changed("cart_updated")),
    "another shop's uninstall": ("app/uninstalled", changed("app_uninstalled", myshopify_domain=OTHER)),
    "an uninstall of long ago": ("app/uninstalled", changed("app_uninstalled")),
    "nothing as a shop's end": ("shop/redact", b"{}"),
    "an order as a shop's end": ("shop/redact", changed("order_paid")),
    "another shop's end": ("shop/redact", changed("shop_redact", shop_domain=OTHER)),
    "a shop's end of long ago": ("shop/redact", changed("shop_redact")),
    "a person's end as the shop's": ("shop/redact", changed("customer_redact")),
    "a person's question as the shop's end": ("shop/redact", changed("customer_data_request")),
    "another shop's person's end": ("customers/redact", changed("customer_redact", shop_domain=OTHER)),
    "nobody's person's end": ("customers/redact", changed("customer_redact", shop_domain=None)),
    "a person's question as their end": ("customers/redact", changed("customer_data_request")),
    "another shop's person's question": ("customers/data_request", changed("customer_data_request", shop_domain=OTHER)),
    "another shop's name, language and zone": (
        "shop/update",
        changed("shop_update", myshopify_domain=OTHER, primary_locale="xx", iana_timezone="Asia/Tokyo"),
    ),
    "a person's end as the shop's facts": ("shop/update", changed("customer_redact")),
    "an order as scopes": ("app/scopes_update", changed("order_paid", current="x")),
    "a customer as an order": ("orders/paid", changed("customer_created")),
    "a product as an order": ("orders/create", changed("product_update")),
    "a checkout as an order": ("orders/paid", changed("checkout_started")),
    "an order as a checkout": ("checkouts/create", changed("order_paid")),
    "an order as a customer": ("customers/create", changed("order_paid")),
    "an order as a refund": ("refunds/create", changed("order_paid")),
    "another shop's order": (
        "orders/paid",
        changed("order_paid", order_status_url="https://attacker.example/666/orders/abc/authenticate?key=1"),
    ),
    "another shop's checkout": (
        "checkouts/update",
        changed("checkout_started", abandoned_checkout_url="https://attacker.example/666/checkouts/ac/abc/recover"),
    ),
}


def test_no_forgery_changes_anything(victim: Victim) -> None:
    victim.hears(sent_as("orders/create", sample_body("shopify", "order_created"), victim.shop))
    before, harmful = victim.state(), []
    assert before["events"]

    for name, (topic, body) in FORGERIES.items():
        answer = victim.hears(sent_as(topic, body, victim.shop))
        if answer != 200 or victim.state() != before:  # 200: whoever sent it is not asked to send it again
            harmful.append(name)

    assert harmful == []
    assert victim.store.backlog().webhooks[WebhookState.SKIPPED] == len(FORGERIES)


def test_the_same_bodies_in_their_own_place_are_obeyed(victim: Victim) -> None:
    genuine = changed("order_paid", order_status_url="https://attacker.example/666/orders/abc/authenticate?key=1")
    before = victim.store.backlog().events

    victim.hears(sent_as("orders/paid", genuine, victim.other))

    assert victim.store.backlog().events != before


def test_an_id_a_stranger_used_hides_no_genuine_delivery(victim: Victim) -> None:
    order = sample_body("shopify", "order_created")
    victim.hears(sent_as("orders/create", b"{}", victim.shop, key="w-1"))
    before = victim.state()

    victim.hears(sent_as("orders/create", order, victim.shop, key="w-1"))

    assert victim.state() != before
