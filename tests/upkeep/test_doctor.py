"""What an operator hears of stores that nobody here knows."""

from datetime import timedelta

import pytest

from plugin.domain.delivery import Skip
from plugin.domain.errors import NotInstalled
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.reasons import OTHER_SHOP
from plugin.domain.shop import Shop
from plugin.pipeline.receive import receive
from plugin.ports import RawWebhook, Shops, VerifiedWebhook
from plugin.storage import SqlStore
from plugin.storage.shops.knocks import MOST
from plugin.upkeep.doctor import findings
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakePlatform
from tests.support.storage.situations import claimed_webhook

MOVED = "https://moved.example.com/graphql/"
SECOND = timedelta(seconds=1)


class Unknowing(FakePlatform):
    """Knows nobody; the webhook says where it is from."""

    def verify(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        raise NotInstalled("unknown", answer=401, advice="Install the app again.", address=webhook.headers["shop"])


def knock(store: SqlStore, address: str = MOVED, *, after: timedelta = timedelta(0)) -> None:
    with pytest.raises(NotInstalled):
        receive(RawWebhook(headers={"shop": address}, body=b"{}"), Unknowing(), store, now=NOON + after)


def said(store: SqlStore) -> list[str]:
    found = findings(store, public_url="https://app.example", is_sandbox=False, now=NOON + timedelta(hours=1))
    return [sentence for sentence in found if "webhooks from" in sentence]


def test_the_operator_hears_of_an_address_that_is_refused(store: SqlStore) -> None:
    knock(store)

    assert said(store) == [
        f"fake: webhooks from {MOVED}, last at 2026-11-23 12:00 UTC, are refused because no shop here has that address. "
        "Install the app again. If you do not know it, ignore this."
    ]


def test_an_address_that_has_installed_since_is_not_named(store: SqlStore) -> None:
    knock(store)

    store.shops.install(Shop(id=0, platform="fake", address=MOVED), {}, now=NOON)

    assert said(store) == []


def test_a_refusal_that_names_no_address_is_not_kept(store: SqlStore) -> None:
    knock(store, "")

    assert said(store) == []


def test_a_stranger_with_many_addresses_fills_no_screen(store: SqlStore) -> None:
    for number in range(2 * MOST):
        knock(store, f"https://{number}.example.com/graphql/", after=number * SECOND)

    assert len(said(store)) == MOST


@pytest.mark.parametrize(
    ("says", "link", "is_told"),
    [({"cart_link"}, "", True), ({"cart_link"}, "https://demo.example/{checkout}", False), (set(), "", False)],
    ids=["nobody said it", "said", "the platform says it"],
)
def test_the_operator_hears_of_reminders_without_a_way_back(store: SqlStore, says: set[str], link: str, is_told: bool) -> None:
    shop = store.shops.install(Shop(id=0, platform="fake", address="demo"), {}, now=NOON)
    given = {"cart_link": link} if link else {}
    store.shops.write_settings(shop.id, a_settings_document(store=given), who="test", now=NOON)
    platforms = {"fake": FakePlatform(merchant_says=frozenset(says))}

    told = findings(store, public_url="https://app.example", is_sandbox=False, now=NOON, platforms=platforms)

    assert any("without a link back to the cart" in sentence for sentence in told) is is_told


def test_the_operator_hears_of_signed_webhooks_that_are_not_what_they_say(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="fake", address="quiet"), {}, now=NOON)
    skip = Skip(code=ReasonCode.CONTRADICTED, reason=OTHER_SHOP)
    store.inbox.translated(claimed_webhook(store, a_shop), Translation(skip=skip), now=NOON)

    found = [each for each in findings(store, public_url="https://app.example", is_sandbox=False, now=NOON) if "signed" in each]

    assert store.statistics.doubted_webhooks() == {(a_shop.id, ReasonCode.CONTRADICTED): 1}
    assert [a_shop.key in each and other.key not in each for each in found] == [True]


def test_the_operator_hears_of_an_end_that_nobody_could_confirm(store: SqlStore, a_shop: Shop) -> None:
    store.inbox.failed(claimed_webhook(store, a_shop), "no token", code=ReasonCode.UNCONFIRMED, now=NOON)

    found = findings(store, public_url="https://app.example", is_sandbox=False, now=NOON)

    assert any(f"`shops remove {a_shop.key}`" in sentence for sentence in found)
