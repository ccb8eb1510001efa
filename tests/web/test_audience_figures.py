"""The Events page says what each audience would have kept back, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import insert

from plugin.config import Settings
from plugin.domain.contact import Consent
from plugin.domain.kinds import EventKind
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.log.consent_count import MOST_EVENTS
from tests.conftest import database_url as database_url
from tests.support.builders import NOON, a_contact, an_event
from tests.support.storage import old_rows
from tests.support.storage.situations import tell
from tests.support.web.merchant import Merchant, a_merchant

DAY = timedelta(days=1)
SAID: Sequence[Consent] = [Consent.SUBSCRIBED] * 2 + [Consent.NOT_SUBSCRIBED] * 3 + [Consent.UNKNOWN]


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    found = a_merchant(store, settings)
    found.client.application.extensions["plugin"] = replace(found.services, now=lambda: NOON + DAY)
    return found


def test_each_audience_says_what_it_would_have_kept_back(merchant: Merchant, store: SqlStore) -> None:
    for number, consent in enumerate(SAID):
        tell(store, merchant.shop, an_event(object_id=str(number), contact=a_contact(consent=consent)), key=f"k{number}")
    tell(store, merchant.shop, an_event(object_id="nobody", contact=None), key="nobody")
    tell(store, merchant.shop, an_event(kind=EventKind.ORDER_CREATED), key="another kind")

    page = unescape(merchant.get("/events/order_paid").text)

    assert "With this choice, all 6 events of the last 30 days would have been sent." in page
    assert "4 of 6 events of the last 30 days would have been skipped: 3 without consent, 1 with unknown consent." in page


def test_where_all_agreed_nothing_is_kept_back(merchant: Merchant, store: SqlStore) -> None:
    tell(store, merchant.shop, an_event())

    assert merchant.get("/events/order_paid").text.count("1 event of the last 30 days would have been sent.") == 2


def test_one_event_is_not_counted_as_several(merchant: Merchant, store: SqlStore) -> None:
    tell(store, merchant.shop, an_event(contact=a_contact(consent=Consent.UNKNOWN)))

    page = unescape(merchant.get("/events/order_paid").text)

    assert "1 events" not in page
    assert "1 of 1 event of the last 30 days would have been skipped" in page


def test_without_events_there_is_nothing_to_count(merchant: Merchant) -> None:
    assert "There are no events of the last 30 days to count." in merchant.get("/events/order_paid").text


def test_only_the_newest_ten_thousand_are_counted(merchant: Merchant, store: SqlStore) -> None:
    event = {
        "shop_id": merchant.shop.id,
        "kind": "order_paid",
        "state": "planned",
        "happened_at": NOON,
        "body": b"",
        "emptied_at": NOON,
    }
    old = [event | {"key": f"old {n}", "created_at": NOON - DAY, "consent": "not_subscribed"} for n in range(99)]
    new = [event | {"key": f"new {n}", "created_at": NOON, "consent": "unknown"} for n in range(MOST_EVENTS)]
    with store.database.write() as connection:
        connection.execute(insert(tables.events), old + new)

    page = unescape(merchant.get("/events/order_paid").text)

    assert "all of the newest 10,000 events of the last 30 days would have been sent" in page
    assert (
        "10,000 of the newest 10,000 events of the last 30 days would have been skipped: 0 without consent, 10,000 with" in page
    )


def test_events_of_before_this_was_noted_and_older_ones_are_left_out(merchant: Merchant, store: SqlStore) -> None:
    old_rows.events(store, merchant.shop, 1.0, consent=None, emptied_at=NOON)
    old_rows.events(store, merchant.shop, 29.5, consent="not_subscribed", emptied_at=NOON)
    old_rows.events(store, merchant.shop, 2.0, consent="subscribed", emptied_at=NOON)

    assert "1 event of the last 30 days would have been sent" in merchant.get("/events/order_paid").text
