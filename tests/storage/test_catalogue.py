"""Products looked up before, short links and SendPulse's tokens, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from plugin.domain.shop import Shop
from plugin.ports import AccessToken
from plugin.storage import SqlStore
from plugin.storage.shops import catalogue
from tests.support.builders import NOON

LEASE = timedelta(seconds=10)


def test_a_product_is_remembered_for_its_shop(store: SqlStore, a_shop: Shop) -> None:
    store.catalogue.write(a_shop.id, {"product:1": {"name": "Kubek ☕"}, "k" * 3000: {"name": "long"}}, now=NOON)
    store.catalogue.write(a_shop.id, {}, now=NOON)

    assert store.catalogue.read(a_shop.id, ["product:1", "product:2"]) == {"product:1": {"name": "Kubek ☕"}}
    assert store.catalogue.read(a_shop.id, ["k" * 3000]) == {"k" * 3000: {"name": "long"}}
    assert store.catalogue.read(a_shop.id + 1, ["product:1"]) == {}
    assert store.catalogue.read(a_shop.id, []) == {}


def test_a_product_looked_up_again_replaces_what_was_known(store: SqlStore, a_shop: Shop) -> None:
    store.catalogue.write(a_shop.id, {"product:1": {"name": "old"}}, now=NOON)
    store.catalogue.write(a_shop.id, {"product:1": {"name": "new"}}, now=NOON)

    assert store.catalogue.read(a_shop.id, ["product:1"]) == {"product:1": {"name": "new"}}


def test_the_products_longest_known_are_forgotten_first(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MOST_PRODUCTS", 50)
    monkeypatch.setattr(catalogue, "SLACK", 10)
    many = {f"product:{number}": {"name": ""} for number in range(50)}
    store.catalogue.write(a_shop.id, {"oldest": {}}, now=NOON - timedelta(days=1))
    store.catalogue.write(a_shop.id, many, now=NOON)

    store.catalogue.write(a_shop.id, {"newest": {}}, now=NOON + timedelta(days=1))

    known = store.catalogue.read(a_shop.id, [*many, "oldest", "newest"])
    assert len(known) == 51
    assert "newest" in known
    assert "oldest" not in known


def test_old_products_are_looked_for_once_in_a_while(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MOST_PRODUCTS", 5)
    monkeypatch.setattr(catalogue, "SLACK", 10)
    keys, sizes = [f"product:{number}" for number in range(40)], list[int]()

    for number, key in enumerate(keys):
        store.catalogue.write(a_shop.id, {key: {}}, now=NOON + timedelta(seconds=number))
        sizes.append(len(store.catalogue.read(a_shop.id, keys)))

    assert max(sizes) == 5 + 10
    assert sizes.count(5) >= 3


# ------------------------------------------------------------------ links


def test_a_short_link_is_the_same_each_time(store: SqlStore, a_shop: Shop) -> None:
    address = "https://demo.example/" + "x" * 3000

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: store.links.shorten(a_shop.id, address), range(16)))

    [token] = tokens
    assert len(token) >= 22
    assert store.links.resolve(token) == address


def test_short_links_cannot_be_told_from_one_another(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    here, there = (store.links.shorten(shop.id, "https://demo.example/") for shop in (a_shop, other))

    assert here != there
    assert store.links.resolve("A" * 22) is None


# ------------------------------------------------------------------ tokens

TOKEN = AccessToken(text="planted-sendpulse-token", expires_at=NOON + timedelta(hours=1))


def test_a_token_is_shared_between_processes(store: SqlStore) -> None:
    assert store.tokens.read("account") is None

    store.tokens.write("account", TOKEN)

    assert store.tokens.read("account") == TOKEN
    assert store.tokens.read("another") is None


def test_only_the_token_that_was_refused_is_dropped(store: SqlStore) -> None:
    store.tokens.write("account", TOKEN)

    store.tokens.drop("account", "an older one")
    assert store.tokens.read("account") == TOKEN
    store.tokens.drop("account", TOKEN.text)

    assert store.tokens.read("account") is None


def test_one_process_of_many_fetches_a_token(store: SqlStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: store.tokens.try_lock("account", now=NOON, lease=LEASE), range(16)))

    assert sum(answers) == 1


@pytest.mark.parametrize("how", ["unlocked", "written", "run out"])
def test_a_lock_ends(store: SqlStore, how: str) -> None:
    assert store.tokens.try_lock("account", now=NOON, lease=LEASE)
    assert store.tokens.read("account") is None

    if how == "unlocked":
        store.tokens.unlock("account")
    elif how == "written":
        store.tokens.write("account", TOKEN)
    now = NOON + LEASE if how == "run out" else NOON

    assert store.tokens.try_lock("account", now=now, lease=LEASE)
    assert not store.tokens.try_lock("account", now=now, lease=LEASE)
