"""What the fault tests share."""

from collections.abc import Iterator

import pytest

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.engine import Database
from tests.builders import NOON
from tests.crowd import settings_document
from tests.faults.plant import Plant
from tests.players import FakeClock, FakePlatform


@pytest.fixture
def plant(store: SqlStore, settings: Settings) -> Iterator[Plant]:
    clock = FakeClock()
    new = Shop(id=0, platform="fake", address="demo", locale="en", timezone="Europe/Warsaw")
    shop = store.shops.install(new, {"token": "t"}, now=NOON)
    store.shops.write_settings(shop.id, settings_document(1), who="test", now=NOON)
    watch = Database(settings)
    yield Plant(store, settings, shop, FakePlatform(), clock, watch)
    watch.engine.dispose()
