"""Deliveries under headers that lie: who signs with a shop's key speaks for that shop alone, and only what the body says."""

import json
from typing import Any

import pytest

from plugin import clock
from plugin.config import Settings
from plugin.platforms import discover
from plugin.platforms.saleor.testing import APP_ID, TESTKIT
from plugin.ports import RawWebhook
from plugin.storage import SqlStore
from tests.support.builders import NOON
from tests.support.platforms.forging import Victim, a_victim, sample_body, sent_as
from tests.support.platforms.saleor.fixtures import another_key, detached, key_set

OTHER = "https://attacker.saleor.example/graphql/"


@pytest.fixture
def victim(store: SqlStore, settings: Settings) -> Victim:
    shop, access = TESTKIT.installation()
    other, others = TESTKIT.installation(OTHER)
    keys = {"jwks": key_set(another_key()), "jwks_at": access["jwks_at"]}
    installed = store.shops.install(shop, access, now=NOON)
    attacker = store.shops.install(other, {**others, **keys}, now=NOON)
    platform = discover()["saleor"].open(settings, TESTKIT.environ)
    return a_victim(platform, store, settings, installed, attacker)


def changed(name: str, **changes: Any) -> bytes:
    document = {**json.loads(sample_body("saleor", name)), **changes}
    return json.dumps({key: value for key, value in document.items() if value is not None}).encode()


# Bodies the victim's own Saleor signed once, for this app or for another, sent again.
SIGNED_BY_THE_SHOP: dict[str, tuple[str, bytes]] = {
    "an order as the app's removal": ("app_deleted", changed("order_created")),
    "nothing as the app's removal": ("app_deleted", b"{}"),
    "a list as the app's removal": ("app_deleted", b'[{"type": "App", "id": "QXBwOjc="}]'),
    "a body made by hand as the app's removal": ("app_deleted", b'{"app": {"id": "QXBwOjc="}}'),
    "the removal of an app that was here before": (
        "app_deleted",
        changed("app_deleted", app={"id": "QXBwOjE="}, recipient={"id": "QXBwOjE="}),
    ),
    "the removal of an app beside this one": ("app_deleted", changed("app_deleted", app={"id": "QXBwOjE="})),
    "a removal for nobody": ("app_deleted", changed("app_deleted", recipient=None)),
    "an order as a customer's removal": ("customer_deleted", changed("order_created")),
    "a body made by hand as a customer's removal": ("customer_deleted", b'{"user": {"id": "VXNlcjox"}}'),
    "a customer as an order": ("order_created", changed("customer_created")),
    "an order placed as an order paid": ("order_fully_paid", changed("order_created")),
    "an order for another app": ("order_created", changed("order_created", recipient={"id": "QXBwOjE="})),
    "nothing as an order": ("order_created", b"{}"),
}


def test_no_body_that_is_something_else_changes_anything(victim: Victim) -> None:
    before, harmful = victim.state(), []

    for name, (topic, body) in SIGNED_BY_THE_SHOP.items():
        answer = victim.hears(sent_as(topic, body, victim.shop))
        if answer not in (200, 401) or victim.state() != before:
            harmful.append(name)

    assert harmful == []


SIGNED_BY_ANOTHER: dict[str, tuple[str, str]] = {
    "an order": ("order_created", "order_created"),
    "the app's removal": ("app_deleted", "app_deleted"),
    "a customer": ("customer_updated", "customer_updated"),
}


def by_another(topic: str, body: bytes, victim: Victim, **headers: str) -> RawWebhook:
    """Signed by the other shop, and announced as the victim's."""
    genuine = sent_as(topic, body, victim.shop)
    signature = detached(body, another_key())
    return RawWebhook(
        headers={**genuine.headers, "saleor-signature": signature, "x-saleor-signature": signature, **headers}, body=body
    )


def test_another_shop_cannot_speak_for_this_one(victim: Victim) -> None:
    before, harmful = victim.state(), []

    for name, (topic, sample) in SIGNED_BY_ANOTHER.items():
        answer = victim.hears(by_another(topic, sample_body("saleor", sample), victim))
        if answer not in (401, 503) or victim.state() != before:  # 503: it may be this shop's new key, and nobody could ask
            harmful.append(name)

    assert harmful == []


def test_a_domain_header_decides_nothing(victim: Victim) -> None:
    body = changed("app_deleted", issuedAt=clock.now().isoformat())
    before = victim.state()
    domain = {"saleor-domain": "demo.saleor.example", "x-saleor-domain": "demo.saleor.example"}

    victim.hears(by_another("app_deleted", body, victim, **domain, **{"saleor-api-url": OTHER}))

    assert victim.state() == before  # it was the other shop's own removal
    assert not next(found for found in victim.store.shops.list() if found.shop.address == OTHER).is_active


def test_the_app_s_own_removal_is_obeyed(victim: Victim) -> None:
    assert json.loads(sample_body("saleor", "app_deleted"))["recipient"]["id"] == APP_ID
    removal = changed("app_deleted", issuedAt=clock.now().isoformat())

    assert victim.hears(sent_as("app_deleted", removal, victim.shop)) == 200

    assert not next(found for found in victim.store.shops.list() if found.shop.id == victim.shop.id).is_active
