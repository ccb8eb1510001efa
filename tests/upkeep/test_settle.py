"""Telling a platform what changed here, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.errors import GiveUp, Misconfigured, StoreRefuses, TryAgain
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import Finished
from plugin.storage import SqlStore
from plugin.storage.settling import unsettle_everybody
from plugin.upkeep.examine import findings
from plugin.upkeep.install import import_settings
from plugin.upkeep.settle import LATER, SOON, settle_due
from plugin.upkeep.watch import What, troubles
from tests.builders import NOON, a_settings_document
from tests.databases import settings_for
from tests.players import FakePlatform
from tests.storage.scenes import a_delivery

MINUTE = timedelta(minutes=1)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform(name="shopify")


@pytest.fixture
def told(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> Iterator[FakePlatform]:
    """The platform that knows already of the installation."""
    assert settle_due(store, {"shopify": platform}, now=NOON) == 1
    platform.settled.clear()
    yield platform


def settle(store: SqlStore, platform: FakePlatform, *, after: timedelta = MINUTE) -> int:
    return settle_due(store, {"shopify": platform}, now=NOON + after)


def test_a_platform_is_told_of_an_installation(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    settle(store, platform)

    assert platform.settled == [(a_shop.address, "")]


def test_a_platform_is_told_of_changed_settings_once(store: SqlStore, told: FakePlatform, a_shop: Shop) -> None:
    import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON)

    assert [settle(store, told), settle(store, told)] == [1, 0]
    assert len(told.settled) == 1


def test_what_the_platform_said_is_kept_with_the_access(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    platform.answers_to_settling.append({"version": "3.23.28"})

    settle(store, platform)

    assert store.shops.access(a_shop.id) == {"token": "planted-access-token", "version": "3.23.28"}


@pytest.mark.parametrize("error", [TryAgain("away"), GiveUp("refused"), Misconfigured("not allowed")])
def test_a_platform_that_cannot_be_told_now_is_told_later(
    store: SqlStore, platform: FakePlatform, a_shop: Shop, error: Exception
) -> None:
    platform.answers_to_settling.append(error)

    assert [settle(store, platform), settle(store, platform)] == [1, 0]
    assert settle(store, platform, after=MINUTE + LATER) == 1
    assert len(platform.settled) == 2
    assert settle(store, platform, after=timedelta(days=1)) == 0


NO = StoreRefuses(worded("The store said no."), fix=worded("Ask again."))


def what_is_wrong(store: SqlStore, shop: Shop, *, after: timedelta) -> list[tuple[str, str]]:
    found = troubles(store, shop.id, now=NOON + after)
    return [(trouble.reason, trouble.fix) for trouble in found if trouble.what is What.STORE_REFUSES]


def test_a_refusal_is_a_trouble_until_the_platform_was_told(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    platform.answers_to_settling.append(NO)

    settle(store, platform)
    [refused] = troubles(store, a_shop.id, now=NOON + MINUTE)
    settle(store, platform, after=MINUTE + LATER)

    assert (refused.what, refused.reason, refused.fix) == (What.STORE_REFUSES, "The store said no.", "Ask again.")
    assert refused.since == NOON + MINUTE
    assert troubles(store, a_shop.id, now=NOON + 2 * LATER) == []


@pytest.mark.parametrize("error", [TryAgain("away"), Misconfigured("no such name")])
def test_an_outage_is_a_trouble_when_it_lasts_for_an_hour(
    store: SqlStore, platform: FakePlatform, a_shop: Shop, error: Exception
) -> None:
    hour = timedelta(hours=1)
    platform.answers_to_settling += [error] * 14

    for step in range(13):
        settle(store, platform, after=MINUTE + step * LATER)
        assert what_is_wrong(store, a_shop, after=MINUTE + step * LATER) == []
    settle(store, platform, after=MINUTE + hour + LATER)

    [(reason, fix)] = what_is_wrong(store, a_shop, after=MINUTE + hour + LATER)
    assert "cannot tell" in reason
    assert fix
    settle(store, platform, after=MINUTE + hour + 2 * LATER)
    assert what_is_wrong(store, a_shop, after=MINUTE + hour + 2 * LATER) == []


def test_a_refusal_without_words_for_the_merchant_is_said_in_some(
    store: SqlStore, platform: FakePlatform, a_shop: Shop
) -> None:
    platform.answers_to_settling.append(GiveUp("token planted-access-token is dead"))

    settle(store, platform)

    [(reason, fix)] = what_is_wrong(store, a_shop, after=MINUTE)
    assert "planted" not in reason + fix
    assert reason


def test_the_operator_hears_of_a_refusal_too(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON)
    platform.answers_to_settling.append(NO)
    settle(store, platform)

    found = list(findings(store, public_url="https://app.example", is_sandbox=False, now=NOON + MINUTE))

    assert found == [
        "shopify:demo.myshopify.com is refused since 2026-11-23 12:01 UTC: The store said no. Ask again.",
    ]


def test_a_save_never_waits_for_the_platform(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    platform.answers_to_settling.append(TryAgain("away"))

    import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON)

    assert platform.settled == []
    assert store.shops.settings(a_shop.id).table.routes


def test_what_changes_while_it_is_told_is_told_too(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    class Busy(FakePlatform):
        def settle(self, *given: object) -> dict[str, object]:
            import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON + MINUTE)
            return {}

    settle_due(store, {"shopify": Busy(name="shopify")}, now=NOON)

    assert settle(store, platform) == 1


def test_while_somebody_has_the_access_in_hand_the_platform_is_told_a_moment_later(
    store: SqlStore, platform: FakePlatform, a_shop: Shop
) -> None:
    store.shops.lease_access(a_shop.id, now=NOON, lease=MINUTE + SOON)

    assert settle(store, platform) == 1
    assert platform.settled == []
    assert settle(store, platform, after=MINUTE + SOON) == 1
    assert len(platform.settled) == 1


def test_a_shop_that_left_is_not_spoken_of(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    store.shops.leave(a_shop.id, now=NOON)

    assert settle(store, platform) == 0


def test_a_shop_of_a_platform_that_is_gone_holds_nobody_up(store: SqlStore, a_shop: Shop) -> None:
    assert settle_due(store, {}, now=NOON) == 1
    assert settle_due(store, {}, now=NOON) == 0


def test_the_platform_hears_when_events_cannot_leave_and_when_they_can_again(
    store: SqlStore, told: FakePlatform, a_shop: Shop
) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)
    settle(store, told)
    a_delivery(store, a_shop)
    [parcel] = store.deliveries.claim(limit=1, now=NOON, lease=MINUTE)
    refused = Outcome(
        verdict=Verdict.TRY_AGAIN,
        reason=worded("SendPulse does not know this URL."),
        fix=worded("Copy it anew."),
        needs_merchant=True,
    )

    store.deliveries.finish(
        Finished(parcel=parcel, outcome=refused, sent_at=NOON, next_at=NOON + timedelta(hours=1)), now=NOON + 2 * MINUTE
    )
    settle(store, told, after=3 * MINUTE)
    store.deliveries.reopen(a_shop.id, now=NOON + 4 * MINUTE)
    settle(store, told, after=5 * MINUTE)

    troubles = [trouble for _, trouble in told.settled]
    assert troubles == ["", "SendPulse does not know this URL. Copy it anew.", ""]


def test_after_a_release_every_platform_is_compared_with_what_it_wants(
    store: SqlStore, told: FakePlatform, a_shop: Shop, database_url: str
) -> None:
    unsettle_everybody(settings_for(database_url), at=NOON + MINUTE)

    assert [settle(store, told, after=after) for after in (MINUTE / 2, MINUTE, MINUTE)] == [0, 1, 0]
    assert told.settled == [(a_shop.address, "")]


def test_after_a_release_a_shop_that_left_is_left_alone(
    store: SqlStore, told: FakePlatform, a_shop: Shop, database_url: str
) -> None:
    store.shops.leave(a_shop.id, now=NOON)

    unsettle_everybody(settings_for(database_url), at=NOON)

    assert settle(store, told) == 0
