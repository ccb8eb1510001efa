"""A machine whose clock is five minutes ahead of the database's: what people send again leaves at once all the same.

Only PostgreSQL is shared by machines; on SQLite everybody has the one clock of the one machine.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from plugin import clock
from plugin.commands import main
from plugin.domain.shop import Shop
from plugin.storage import SqlStore, open_store
from plugin.upkeep.shared_clock import SharedClock
from plugin.web import create_app
from plugin.wiring import assemble
from plugin.worker import SENDING_LEASE
from tests.support.builders import NOON
from tests.support.databases import empty, settings_for
from tests.support.storage.situations import REFUSED, a_claimed_delivery, attempted
from tests.support.web.merchant import a_merchant

AHEAD = timedelta(minutes=5)

Work = Callable[[], int]


@pytest.fixture
def store(migrated_postgresql: str) -> SqlStore:
    empty(migrated_postgresql)
    return open_store(settings_for(migrated_postgresql))


@pytest.fixture
def claim(monkeypatch: pytest.MonkeyPatch, store: SqlStore) -> Work:
    """A worker on a machine whose clock is right claims what is due; this machine's clock is wrong from now on."""
    right = clock.now
    monkeypatch.setattr(clock, "now", lambda: right() + AHEAD)
    return lambda: len(store.deliveries.claim(limit=8, now=right(), lease=SENDING_LEASE))


def _failed(store: SqlStore, shop: Shop) -> int:
    claimed = a_claimed_delivery(store, shop)
    attempted(store, claimed, REFUSED)
    return claimed.delivery.id


def test_sending_again_from_the_page_is_due_at_once(store: SqlStore, migrated_postgresql: str, claim: Work) -> None:
    with closing(store):
        merchant = a_merchant(store, settings_for(migrated_postgresql))
        services = replace(merchant.services, now=SharedClock(store.ahead))
        merchant = replace(merchant, client=create_app(services).test_client(), services=services)
        failed = _failed(store, merchant.shop)

        merchant.post(f"/deliveries/{failed}/again", {})

        assert claim() == 1


def test_sending_again_by_the_command_is_due_at_once(
    store: SqlStore, migrated_postgresql: str, claim: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = assemble(settings_for(migrated_postgresql), {})
    monkeypatch.setattr("plugin.commands.deliveries.services", lambda: opened)
    with closing(store), closing(opened.store):
        shop = Shop(id=0, platform="shopify", address="demo.myshopify.com", locale="en", timezone="Europe/Warsaw")
        shop = store.shops.install(shop, {}, now=NOON)
        failed = _failed(store, shop)

        answer = CliRunner().invoke(main, ["deliveries", "replay", "--shop", shop.key, "--id", str(failed)])

        assert answer.output.endswith("1 will be sent again.\n")
        assert claim() == 1
