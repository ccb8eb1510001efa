"""Shops that have everything switched on, each kind of event to an account of its own, and their products looked up."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import update

from bench.day.bodies import LOCALES, PRODUCT, PRODUCTS, VARIANT
from plugin import clock
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.platforms.shopify.lookups import ASKED_AT, EDITIONS
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.support.builders import a_settings_document
from tests.support.many_shops import FASTEST, event_url

HOME: Final = "https://demo.example"
ACCOUNTS_EACH: Final = 20  #: account numbers kept for a shop: more than there are kinds


def open_for_the_day(store: SqlStore, count: int, *, is_warm: bool = True) -> list[Shop]:
    """So many installed shops with a full route table; warm ones have all their products in the cache."""
    shops = [_opened(store, number) for number in range(count)]
    with store.database.write() as connection:
        connection.execute(update(tables.shops).values(settle_at=None))  # they were installed long before
    if is_warm:
        for shop in shops:
            store.catalogue.write(shop.id, _products() | _languages(), now=clock.now())
    return shops


def account(number: int, kind: EventKind) -> int:
    """Where the shop with this number, counted from 0, sends events of this kind."""
    return (number + 1) * ACCOUNTS_EACH + list(EventKind).index(kind)


def played(number: int) -> tuple[Shop, Mapping[str, Any]]:
    """The shop with this number, as its store knows it."""
    return find_testkit("shopify").installation(f"day-{number}.myshopify.com")


def _opened(store: SqlStore, number: int) -> Shop:
    known, access = played(number)
    shop = store.shops.install(known, access, now=clock.now())
    store.shops.write_settings(shop.id, settings_document(number), who="test", now=clock.now())
    return shop


def settings_document(number: int) -> dict[str, Any]:
    """Every kind goes to everyone; only reminders go to those who agreed."""
    events = {kind.value: _route(account(number, kind)) for kind in EventKind}
    events[EventKind.CART_ABANDONED.value] |= {"audience": "subscribers", "wait_minutes": 60}
    flows = [{"locale": locale, "automation_id": 101 + place, "name": locale} for place, locale in enumerate(LOCALES)]
    store = {"name": "Demo", "link": HOME, "timezone": "Europe/Warsaw", "default_locale": "en"}
    return a_settings_document(events=events, flows=flows, store=store, account={"rate_per_second": FASTEST})


def _route(account: int) -> dict[str, Any]:
    return {"enabled": True, "send": "json", "event_url": event_url(account), "shape": "order", "audience": "everyone"}


def _products() -> dict[str, dict[str, str]]:
    return {f"product:{PRODUCT + number}:{VARIANT + number}": page(number) for number in range(1, PRODUCTS + 1)}


def _languages() -> dict[str, dict[str, str]]:
    """What the app remembers of the store's languages: one, and nothing it would need scopes for."""
    roots = [["pl", HOME]]
    told = {"primary": "pl", "published": json.dumps(["pl"]), "roots": json.dumps(roots), "scopes": ""}
    return {EDITIONS: {**told, ASKED_AT: clock.now().isoformat()}}


def page(number: int) -> dict[str, str]:
    """What the store knows of a product."""
    slug = f"kubek-{number}"
    link, image = f"{HOME}/products/{slug}", f"https://cdn.example/files/{slug}.png?width=600"
    return {"name": f"Kubek z żubrem, wzór {number}", "slug": slug, "link": link, "image": image}
