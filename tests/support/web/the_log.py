"""The log as a merchant has it before them: a failed delivery, and what a page of it says."""

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from plugin.config import Settings
from plugin.domain.delivery import Outcome
from plugin.domain.shop import Shop
from plugin.ports import DeliveryFilter
from plugin.storage import SqlStore
from tests.conftest import database_url as database_url
from tests.support.builders import NOON
from tests.support.storage.situations import (
    REFUSED,
    a_claimed_delivery,
    attempted,
)
from tests.support.web.merchant import Merchant, a_merchant

# Where a page answers before it asks the log, or only tells what it found, the second database adds nothing.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def merchant(store: SqlStore, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Merchant:
    monkeypatch.setattr("plugin.storage.log.search.PATIENCE_SECONDS", 60.0)  # a slow machine finds as much as a fast one
    monkeypatch.setattr("plugin.web.pages.deliveries.listing.COUNTING_SECONDS", 60.0)
    monkeypatch.setattr("plugin.web.pages.deliveries.sending.OLD", timedelta(days=36_500))
    return a_merchant(store, settings)


@pytest.fixture
def failed(store: SqlStore, merchant: Merchant) -> int:
    """A delivery SendPulse refused."""
    claimed = a_claimed_delivery(store, merchant.shop)
    attempted(store, claimed, REFUSED)
    return claimed.delivery.id


def ended(store: SqlStore, shop: Shop, number: int, outcome: Outcome) -> None:
    """One more delivery, a minute later each, with what came of it."""
    now = NOON + timedelta(minutes=number)
    attempted(store, a_claimed_delivery(store, shop, key=f"k{number}", object_id=str(number), now=now), outcome, now=now)


def ids_in(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/fake/deliveries/(\d+)["?]', html)]


def states(store: SqlStore, shop: Shop) -> Mapping[int, str]:
    return {row.id: row.state for row in store.log.list(DeliveryFilter(shop_id=shop.id))}
