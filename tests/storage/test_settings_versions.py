"""Settings are stored version by version, and nobody overwrites what he has not seen."""

import pytest

from plugin.domain.errors import ChangedMeanwhile
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.ports import Guide
from plugin.storage import SqlStore
from tests.support.builders import NOON, a_settings_document


def test_a_version_that_was_not_seen_is_not_overwritten(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON, expected=0)

    with pytest.raises(ChangedMeanwhile):
        store.shops.write_settings(a_shop.id, a_settings_document(flows=[]), who="two", now=NOON, expected=0)

    newest = store.shops.settings_version(a_shop.id)
    assert newest
    assert (newest.number, newest.who, newest.document) == (1, "one", a_settings_document())


def test_an_older_version_is_still_there_to_compare_with(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON)
    store.shops.write_settings(a_shop.id, a_settings_document(flows=[]), who="two", now=NOON, expected=1)

    first = store.shops.settings_version(a_shop.id, 1)

    assert first
    assert first.document == a_settings_document()


def test_a_shop_without_settings_has_no_version(store: SqlStore, a_shop: Shop) -> None:
    assert store.shops.settings_version(a_shop.id) is None


def test_the_guide_remembers_a_test_and_that_it_was_put_away(store: SqlStore, a_shop: Shop) -> None:
    assert store.guides.read(a_shop.id) == Guide()

    store.guides.tested(a_shop.id, now=NOON)
    store.guides.dismissed(a_shop.id, now=NOON)

    assert store.guides.read(a_shop.id) == Guide(is_tested=True, is_dismissed=True)


def test_a_shop_without_events_has_no_past(store: SqlStore, a_shop: Shop) -> None:
    assert store.events.past(a_shop.id, EventKind.ORDER_PAID) == []
