"""What the fault tests share."""

from collections.abc import Iterator

import pytest

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db.engine import Database
from tests.support.builders import NOON
from tests.support.fake_platform import FakeClock, FakePlatform
from tests.support.faults.harness import Harness
from tests.support.many_shops import settings_document


@pytest.fixture
def harness(store: SqlStore, settings: Settings) -> Iterator[Harness]:
    clock = FakeClock()
    new = Shop(id=0, platform="fake", address="demo", locale="en", timezone="Europe/Warsaw")
    shop = store.shops.install(new, {"token": "t"}, now=NOON)
    store.shops.write_settings(shop.id, settings_document(1), who="test", now=NOON)
    watch = Database(settings)
    yield Harness(store, settings, shop, FakePlatform(), clock, watch)
    watch.close()
