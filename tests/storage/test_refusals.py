"""What a shop's platform refuses is kept until it was done, on both databases."""

from datetime import timedelta

from plugin.domain.refusal import Duty
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.storage import SqlStore
from tests.support.builders import NOON
from tests.support.storage.situations import a_refusal
from tests.support.uninstalling import uninstall

HOUR = timedelta(hours=1)


def test_a_refusal_is_kept_until_it_was_done(store: SqlStore, a_shop: Shop) -> None:
    store.shops.refused(a_shop.id, a_refusal())
    kept = store.shops.refusals(a_shop.id)

    store.shops.accepted(a_shop.id, Duty.SETTLE)

    assert kept == [a_refusal()]
    assert store.shops.refusals(a_shop.id) == []


def test_the_newest_reason_is_kept_and_since_when_it_has_not_been_done(store: SqlStore, a_shop: Shop) -> None:
    store.shops.refused(a_shop.id, a_refusal(is_final=False, reason=worded("No answer.")))

    for hours in (1, 2):
        store.shops.refused(a_shop.id, a_refusal(since=NOON + hours * HOUR))

    assert store.shops.refusals(a_shop.id) == [a_refusal()]


def test_each_duty_stands_by_itself(store: SqlStore, a_shop: Shop) -> None:
    store.shops.refused(a_shop.id, a_refusal(duty=Duty.ACCESS, since=NOON + HOUR))
    store.shops.refused(a_shop.id, a_refusal())

    store.shops.accepted(a_shop.id, Duty.SETTLE)

    assert [refusal.duty for refusal in store.shops.refusals(a_shop.id)] == [Duty.ACCESS]


def test_another_shop_s_refusals_are_its_own(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    store.shops.refused(other.id, a_refusal())

    store.shops.accepted(a_shop.id, Duty.SETTLE)

    assert store.shops.refusals(a_shop.id) == []
    assert store.shops.refusals(other.id) == [a_refusal()]


def test_a_new_installation_begins_without(store: SqlStore, a_shop: Shop) -> None:
    store.shops.refused(a_shop.id, a_refusal())

    store.shops.install(a_shop, {"token": "another"}, now=NOON)

    assert store.shops.refusals(a_shop.id) == []


def test_nothing_is_kept_of_a_shop_that_left_or_is_gone(store: SqlStore, a_shop: Shop) -> None:
    uninstall(store.shops, a_shop.id)

    store.shops.refused(a_shop.id, a_refusal())
    store.shops.refused(a_shop.id + 99, a_refusal())

    assert store.shops.refusals(a_shop.id) == store.shops.refusals(a_shop.id + 99) == []
