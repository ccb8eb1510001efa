"""What would end a shop here is asked of its platform first."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.notice import Notice, ShopChanged, ShopLeft, ShopToForget, Translation
from plugin.domain.shop import Shop
from plugin.ports import Installation
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.pipeline.conftest import Harness
from tests.support.builders import NOON, an_event
from tests.support.working import drain

ENDINGS: tuple[Notice, ...] = (ShopLeft(), ShopToForget())


def told(harness: Harness, notice: Notice, *, key: str = "k1") -> None:
    harness.platform.meanings["end"] = Translation(notices=(notice,))
    harness.tell("end", key=key)
    drain(harness.worker)


def standing(harness: Harness) -> Installation | None:
    found = harness.store.shops.find(harness.shop.platform, harness.shop.address)
    return found if found and found.is_active else None


@pytest.mark.parametrize("notice", ENDINGS, ids=lambda notice: type(notice).__name__)
def test_a_shop_that_still_has_the_app_keeps_everything(harness: Harness, notice: Notice) -> None:
    harness.platform.presence = [True]

    told(harness, notice)

    found = standing(harness)
    assert found is not None
    assert found.access


@pytest.mark.parametrize("answer", [False, None], ids=["it is gone", "no question is needed"])
@pytest.mark.parametrize("notice", ENDINGS, ids=lambda notice: type(notice).__name__)
def test_a_shop_that_is_gone_ends(harness: Harness, notice: Notice, answer: bool | None) -> None:
    harness.platform.presence = [answer]

    told(harness, notice)

    assert standing(harness) is None


@pytest.mark.parametrize("notice", ENDINGS, ids=lambda notice: type(notice).__name__)
def test_while_the_platform_says_nothing_the_shop_stands(harness: Harness, notice: Notice) -> None:
    harness.platform.presence = [TryAgain("no answer")] * 20 + [False]

    told(harness, notice)
    for _ in range(20):
        assert standing(harness)
        harness.clock.move(hours=1)
        drain(harness.worker)

    assert standing(harness) is None


def test_what_is_never_confirmed_is_given_up_with_everything_kept(harness: Harness) -> None:
    harness.platform.presence = [TryAgain("no answer")] * 1000

    told(harness, ShopToForget())
    before = len(harness.platform.presence)
    for _ in range(30):
        harness.clock.move(hours=12)
        drain(harness.worker)

    assert standing(harness)
    assert before - len(harness.platform.presence) < timedelta(days=7) / timedelta(hours=12) + 2
    assert harness.store.statistics.failing_webhooks(harness.shop.id) == 1


@pytest.mark.parametrize("notice", ENDINGS, ids=lambda notice: type(notice).__name__)
def test_what_cannot_be_asked_ends_no_shop_and_says_what_the_operator_can_do(harness: Harness, notice: Notice) -> None:
    harness.platform.presence = [GiveUp("the operator can delete it with `shops remove`")]

    told(harness, notice)

    assert standing(harness)
    assert isinstance(harness.store, SqlStore)
    with harness.store.database.read() as connection:
        columns = tables.webhooks.c
        [row] = connection.execute(select(columns.state, columns.reason_code, columns.reason)).all()
    assert tuple(row) == ("failed", "unconfirmed", "the operator can delete it with `shops remove`")


def test_a_shop_without_an_end_is_not_asked_about(harness: Harness) -> None:
    harness.platform.presence = [True]

    harness.happen()
    drain(harness.worker)

    assert harness.platform.presence == [True]


def numbered(harness: Harness, number: str) -> None:
    """The shop, with the number its platform gave it."""
    harness.shop = harness.store.shops.install(replace(harness.shop, number=number), {"token": "t"}, now=NOON)


@pytest.mark.parametrize(
    ("own", "named", "is_kept"),
    [("1", "2", False), ("1", "1", True), ("1", "3", False), ("", "2", False), ("", "3", True)],
    ids=["another's here", "its own", "another's", "another's here, its own not known", "its own not known"],
)
def test_what_is_of_another_shop_is_not_believed(harness: Harness, own: str, named: str, is_kept: bool) -> None:
    harness.store.shops.install(Shop(id=0, platform="fake", address="other", number="2"), {}, now=NOON)
    numbered(harness, own)
    harness.platform.meanings["order"] = Translation(events=(an_event(),))

    harness.tell("order", body=f'{{"shop_number": "{named}"}}'.encode())
    drain(harness.worker)

    assert bool(harness.log()) is is_kept


def test_a_shop_keeps_its_number_until_it_is_told_another(harness: Harness) -> None:
    numbered(harness, "1")
    assert [found.shop.number for found in harness.store.shops.list()] == ["1"]

    told(harness, ShopChanged(name="New"))
    assert [found.shop.number for found in harness.store.shops.list()] == ["1"]

    told(harness, ShopChanged(number="2"), key="k2")
    assert [found.shop.number for found in harness.store.shops.list()] == ["2"]
