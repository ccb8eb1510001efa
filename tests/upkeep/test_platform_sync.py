"""Telling a platform what changed here, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.errors import GiveUp, Misconfigured, StoreRefuses, TryAgain
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import AttemptResult
from plugin.storage import SqlStore
from plugin.storage.shops.platform_sync import request_sync_of_all
from plugin.upkeep.doctor import findings
from plugin.upkeep.install import import_settings
from plugin.upkeep.platform_sync import LATER, PlatformSyncs, sync_due
from plugin.upkeep.watch import TroubleKind, troubles
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakePlatform
from tests.support.storage.situations import a_delivery
from tests.support.uninstalling import uninstall

MINUTE = timedelta(minutes=1)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform(name="shopify")


@pytest.fixture
def told(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> Iterator[FakePlatform]:
    """The platform that knows already of the installation."""
    assert sync_due(store, {"shopify": platform}, now=NOON) == 1
    platform.settled.clear()
    yield platform


def sync(store: SqlStore, platform: FakePlatform, *, after: timedelta = MINUTE) -> int:
    return sync_due(store, {"shopify": platform}, now=NOON + after)


def test_a_platform_is_told_of_an_installation(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    sync(store, platform)

    assert platform.settled == [(a_shop.address, "")]


def test_a_platform_is_told_of_changed_settings_once(store: SqlStore, told: FakePlatform, a_shop: Shop) -> None:
    import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON)

    assert [sync(store, told), sync(store, told)] == [1, 0]
    assert len(told.settled) == 1


def test_what_the_platform_said_is_kept_with_the_access(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    platform.answers_to_settling.append({"version": "3.23.28"})

    sync(store, platform)

    assert store.shops.access(a_shop.id) == {"token": "planted-access-token", "version": "3.23.28"}


@pytest.mark.parametrize("error", [TryAgain("away"), GiveUp("refused"), Misconfigured("not allowed")])
def test_a_platform_that_cannot_be_told_now_is_told_later(
    store: SqlStore, platform: FakePlatform, a_shop: Shop, error: Exception
) -> None:
    platform.answers_to_settling.append(error)

    assert [sync(store, platform), sync(store, platform)] == [1, 0]
    assert sync(store, platform, after=MINUTE + LATER) == 1
    assert len(platform.settled) == 2
    assert sync(store, platform, after=timedelta(days=1)) == 0


NO = StoreRefuses(worded("The store said no."), fix=worded("Ask again."))


def what_is_wrong(store: SqlStore, shop: Shop, *, after: timedelta) -> list[tuple[str, str]]:
    found = troubles(store, shop.id, now=NOON + after)
    return [(trouble.reason, trouble.fix) for trouble in found if trouble.what is TroubleKind.STORE_REFUSES]


def test_a_refusal_is_a_trouble_until_the_platform_was_told(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    platform.answers_to_settling.append(NO)

    sync(store, platform)
    [refused] = troubles(store, a_shop.id, now=NOON + MINUTE)
    sync(store, platform, after=MINUTE + LATER)

    assert (refused.what, refused.reason, refused.fix) == (TroubleKind.STORE_REFUSES, "The store said no.", "Ask again.")
    assert refused.since == NOON + MINUTE
    assert troubles(store, a_shop.id, now=NOON + 2 * LATER) == []


@pytest.mark.parametrize("error", [TryAgain("away"), Misconfigured("no such name")])
def test_an_outage_is_a_trouble_when_it_lasts_for_an_hour(
    store: SqlStore, platform: FakePlatform, a_shop: Shop, error: Exception
) -> None:
    hour = timedelta(hours=1)
    platform.answers_to_settling += [error] * 14

    for step in range(13):
        sync(store, platform, after=MINUTE + step * LATER)
        assert what_is_wrong(store, a_shop, after=MINUTE + step * LATER) == []
    sync(store, platform, after=MINUTE + hour + LATER)

    [(reason, fix)] = what_is_wrong(store, a_shop, after=MINUTE + hour + LATER)
    assert "could not update" in reason
    assert fix
    sync(store, platform, after=MINUTE + hour + 2 * LATER)
    assert what_is_wrong(store, a_shop, after=MINUTE + hour + 2 * LATER) == []


def test_a_refusal_without_words_for_the_merchant_is_said_in_some(
    store: SqlStore, platform: FakePlatform, a_shop: Shop
) -> None:
    platform.answers_to_settling.append(GiveUp("token planted-access-token is dead"))

    sync(store, platform)

    [(reason, fix)] = what_is_wrong(store, a_shop, after=MINUTE)
    assert "planted" not in reason + fix
    assert reason


def test_the_operator_hears_of_a_refusal_too(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON)
    platform.answers_to_settling.append(NO)
    sync(store, platform)

    found = list(findings(store, public_url="https://app.example", is_sandbox=False, now=NOON + MINUTE))

    assert found == [
        "shopify:demo.myshopify.com has been refused since 2026-11-23 12:01 UTC: The store said no. Ask again.",
    ]


def test_a_save_never_waits_for_the_platform(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    platform.answers_to_settling.append(TryAgain("away"))

    import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON)

    assert platform.settled == []
    assert store.shops.settings(a_shop.id).table.routes


def test_what_changes_while_it_is_told_is_told_too(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    class Busy(FakePlatform):
        def sync(self, *given: object) -> dict[str, object]:
            import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON + MINUTE)
            return {}

    sync_due(store, {"shopify": Busy(name="shopify")}, now=NOON)

    assert sync(store, platform) == 1


def test_while_somebody_has_the_access_in_hand_the_platform_is_not_told(
    store: SqlStore, platform: FakePlatform, a_shop: Shop
) -> None:
    store.shops.lease_access(a_shop.id, now=NOON, lease=MINUTE * 2)

    assert sync(store, platform) == 0
    assert sync(store, platform, after=MINUTE * 2) == 1
    assert len(platform.settled) == 1


def test_whoever_loses_the_access_to_another_process_leaves_the_platform_to_it(
    store: SqlStore, platform: FakePlatform, a_shop: Shop
) -> None:
    slow = PlatformSyncs(store, {"shopify": platform})
    [claimed] = slow.claim(1, now=NOON)
    lease = store.shops.lease_access(a_shop.id, now=NOON, lease=MINUTE)
    assert lease

    slow.tell(claimed, now=NOON)

    assert platform.settled == []
    store.shops.end_lease(lease, {})
    assert sync(store, platform, after=MINUTE / 2) == 1


def test_after_a_mistake_of_ours_the_platform_is_told_later(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    platform.answers_to_settling.append(RuntimeError("a bug"))

    with pytest.raises(RuntimeError):
        sync(store, platform)

    assert sync(store, platform, after=MINUTE + LATER / 2) == 0
    assert sync(store, platform, after=MINUTE + LATER) == 1
    assert len(platform.settled) == 2


def test_a_shop_that_left_is_not_spoken_of(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    uninstall(store.shops, a_shop.id)

    assert sync(store, platform) == 0


def test_a_shop_of_a_platform_that_is_gone_holds_nobody_up(store: SqlStore, a_shop: Shop) -> None:
    assert sync_due(store, {}, now=NOON) == 1
    assert sync_due(store, {}, now=NOON) == 0


def test_the_platform_hears_when_events_cannot_leave_and_when_they_can_again(
    store: SqlStore, told: FakePlatform, a_shop: Shop
) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)
    sync(store, told)
    a_delivery(store, a_shop)
    [claimed] = store.deliveries.claim(limit=1, now=NOON, lease=MINUTE)
    refused = Outcome(
        verdict=Verdict.TRY_AGAIN,
        code=ReasonCode.SERVER_FAULT,
        reason=worded("SendPulse does not know this URL."),
        fix=worded("Copy it anew."),
        needs_merchant=True,
    )

    store.deliveries.finish(
        AttemptResult(claimed=claimed, outcome=refused, sent_at=NOON, next_at=NOON + timedelta(hours=1)), now=NOON + 2 * MINUTE
    )
    sync(store, told, after=3 * MINUTE)
    store.deliveries.reopen(a_shop.id, now=NOON + 4 * MINUTE)
    sync(store, told, after=5 * MINUTE)

    troubles = [trouble for _, trouble in told.settled]
    assert troubles == ["", "SendPulse does not know this URL. Copy it anew.", ""]


def test_after_a_release_every_platform_is_compared_with_what_it_wants(
    store: SqlStore, told: FakePlatform, a_shop: Shop
) -> None:
    request_sync_of_all(store.database, at=NOON + MINUTE)

    assert [sync(store, told, after=after) for after in (MINUTE / 2, MINUTE, MINUTE)] == [0, 1, 0]
    assert told.settled == [(a_shop.address, "")]


def test_after_a_release_a_shop_that_left_is_left_alone(store: SqlStore, told: FakePlatform, a_shop: Shop) -> None:
    uninstall(store.shops, a_shop.id)

    request_sync_of_all(store.database, at=NOON)

    assert sync(store, told) == 0
