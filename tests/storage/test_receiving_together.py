"""Webhooks that arrive together: one commit, on both databases, under threads and under gevent."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.domain.states import WebhookState
from plugin.ports import Backlog
from plugin.storage import SqlStore, open_store
from tests.support.builders import NOON
from tests.support.databases import empty, settings_for
from tests.support.storage.situations import a_webhook

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0  #: far more than any of these takes


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as running:
        yield running


def answers(asked: Sequence[Future[bool]]) -> list[bool | str]:
    """What each heard: its answer, or the error it raised."""
    heard: list[bool | str] = []
    for future in asked:
        error = future.exception(SECONDS)
        heard.append(type(error).__name__ if error else future.result())
    return heard


def test_a_hundred_of_the_same_are_one(store: SqlStore, a_shop: Shop, pool: ThreadPoolExecutor) -> None:
    heard = list(pool.map(lambda _: store.inbox.receive(a_webhook(a_shop), now=NOON), range(100)))

    assert heard.count(True) == 1
    assert store.backlog() == Backlog(webhooks={WebhookState.WAITING: 1})


def test_two_of_the_same_in_one_commit_are_one(store: SqlStore, a_shop: Shop) -> None:
    inbox: Any = store.inbox
    kept: list[dict[str, Any]] = []

    def commit(row: dict[str, Any]) -> bool:
        kept.append(row)
        return True

    inbox._commit = commit
    for key in ("a", "b", "a"):
        inbox.receive(a_webhook(a_shop, key=key), now=NOON)

    assert inbox._keep(kept) == [True, True, False]
    assert inbox._keep(kept) == [False, False, False]


def test_each_hears_of_its_own_whatever_the_order(store: SqlStore, a_shop: Shop, pool: ThreadPoolExecutor) -> None:
    keys = [f"{number:03}" for number in range(120)]
    for key in keys[::2]:
        store.inbox.receive(a_webhook(a_shop, key=key), now=NOON)
    random.Random(7).shuffle(keys)

    heard = pool.map(lambda key: store.inbox.receive(a_webhook(a_shop, key=key), now=NOON), keys)

    assert dict(zip(keys, heard, strict=True)) == {key: bool(int(key) % 2) for key in keys}
    assert store.backlog() == Backlog(webhooks={WebhookState.WAITING: 120})


def test_a_webhook_of_a_shop_that_is_gone_stops_no_other(store: SqlStore, a_shop: Shop, pool: ThreadPoolExecutor) -> None:
    gone = Shop(id=123456, platform="shopify", address="gone.myshopify.com")
    shops = [gone if number % 10 == 0 else a_shop for number in range(60)]

    asked = [pool.submit(store.inbox.receive, a_webhook(shop, key=str(n)), now=NOON) for n, shop in enumerate(shops)]

    assert answers(asked) == ["ShopGone" if shop is gone else True for shop in shops]
    assert store.backlog() == Backlog(webhooks={WebhookState.WAITING: 54})


def test_nothing_is_acknowledged_when_the_database_is_away(pool: ThreadPoolExecutor) -> None:
    shop = Shop(id=1, platform="shopify", address="demo.myshopify.com")
    with closing(open_store(settings_for("postgresql://nobody@127.0.0.1:9/plugin"))) as store:
        asked = [pool.submit(store.inbox.receive, a_webhook(shop, key=str(number)), now=NOON) for number in range(20)]

        assert answers(asked) == ["StorageDown"] * 20


def test_a_database_server_that_was_restarted_costs_no_webhook(migrated_postgresql: str) -> None:
    empty(migrated_postgresql)
    shop = Shop(id=0, platform="shopify", address="demo.myshopify.com")
    with closing(open_store(settings_for(migrated_postgresql))) as store:
        shop = store.shops.install(shop, {}, now=NOON)
        store.inbox.receive(a_webhook(shop, key="before"), now=NOON)

        with store.database.read() as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))

        assert store.inbox.receive(a_webhook(shop, key="after"), now=NOON) is True


# ------------------------------------------------------------------ under gevent, as gunicorn runs it

UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import random, sys
import gevent
from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.storage import open_store
from tests.support.builders import NOON
from tests.support.storage.situations import a_webhook

store = open_store(Settings.from_environ())
shop = Shop(id=int(sys.argv[1]), platform="shopify", address="demo.myshopify.com")
groups, keep = [], store.inbox._commit._keep
store.inbox._commit._keep = lambda rows: groups.append(len(rows)) or keep(rows)

def receive(key):
    return store.inbox.receive(a_webhook(shop, key=key), now=NOON)

with gevent.Timeout(30):
    same = [gevent.spawn(receive, "same") for _ in range(100)]
    gevent.joinall(same, raise_error=True)
    assert [one.value for one in same].count(True) == 1

    chance, others = random.Random(3), []
    for number in range(300):
        others.append(gevent.spawn(receive, f"k{number}"))
        if number % 7 == 0:
            gevent.sleep(0)
            chance.choice(others).kill(block=False)
    gevent.joinall(others)
    killed = [isinstance(one.value, gevent.GreenletExit) for one in others]
    assert 0 < sum(killed) < 50, sum(killed)
    assert all(was_killed or one.value is True for one, was_killed in zip(others, killed))
    assert receive("k-last") is True
assert len(groups) < 200, groups
print(sum(one.value is True for one in others))
store.close()
"""


def test_greenlets_share_commits_and_a_killed_one_holds_up_nobody(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    environ = os.environ | {
        "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
        "ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
    }  # fmt: skip

    command = [sys.executable, "-c", UNDER_GEVENT, str(a_shop.id)]
    found = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=90)

    assert found.returncode == 0, found.stderr
    answered = int(found.stdout.split()[-1])
    assert 302 >= store.backlog().webhooks[WebhookState.WAITING] >= answered + 2
