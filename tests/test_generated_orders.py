"""Orders made by chance, each with a life of its own, against a reckoning that knows the rules and not the app.

`ORDERS` says how many a platform, `SEED` which ones; `ORDER` plays a single one of them again.
"""

import os
from datetime import UTC, datetime
from random import Random

import pytest

from plugin.config import Settings
from plugin.storage import SqlStore
from tests.support.orders import saleor, shopify
from tests.support.orders.life import Life, Origin
from tests.support.orders.making import Habits, a_life
from tests.support.orders.playing import Played, play, shop
from tests.support.orders.reckoning import CANCELLED, CREATED, PAID, PART, REFUNDED, WHOLE, Rules
from tests.support.orders.shopify_orders import OLD_DAYS, Answers

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORDERS = int(os.environ.get("ORDERS") or 40)
SEED = int(os.environ.get("SEED") or 1)
ONLY = os.environ.get("ORDER")

IN_SALEOR = Habits(
    origins=(Origin.IMPORT, Origin.REPLACEMENT, Origin.DRAFT), edits_late=False, joins_parcels=True, refunds_pieces=False
)
SALEOR = Rules(
    kinds={
        "order_created": CREATED, "order_fully_paid": PAID, "fulfillment_created": PART, "order_fulfilled": WHOLE,
        "order_cancelled": CANCELLED, "order_refunded": REFUNDED, "order_fully_refunded": REFUNDED,
    },
    has_single_refunds=False, tells_last_parcel=True, knows_when=frozenset({CREATED, PAID, PART, WHOLE}),
)  # fmt: skip

IN_SHOPIFY = Habits(origins=(Origin.IMPORT,), edits_late=True, joins_parcels=False, refunds_pieces=True)
SHOPIFY = Rules(
    kinds={
        "orders/create": CREATED, "orders/paid": PAID, "orders/partially_fulfilled": PART, "orders/fulfilled": WHOLE,
        "orders/cancelled": CANCELLED, "refunds/create": REFUNDED,
    },
    has_single_refunds=True, tells_last_parcel=False, knows_when=frozenset({CREATED, PART, WHOLE, CANCELLED, REFUNDED}),
    names_nobody=frozenset({"refunds/create"}), tells_seconds=True, old_seconds=OLD_DAYS * 86400,
)  # fmt: skip

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def lives(habits: Habits) -> list[Life]:
    numbers = [int(ONLY)] if ONLY else range(1, ORDERS + 1)
    return [a_life(SEED, number, habits) for number in numbers]


def chance(life: Life) -> Random:
    return Random(f"{SEED}:{life.number}:told")


def judge(played: Played, rules: Rules, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    faults = list(played.faults(rules, BEGAN))
    with capsys.disabled():
        print(f"\n{name}, seed {SEED}: {played.counts()}")
    assert not faults, f"{name}, seed {SEED}, {len(faults)} orders:\n" + "\n".join(faults)


@on_sqlite
def test_every_letter_of_saleors_orders_is_as_reckoned(
    store: SqlStore, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = lives(IN_SALEOR)
    told = [one for life in orders for one in saleor.tellings(life, BEGAN, chance(life))]

    with shop(store, settings, "saleor", BEGAN, {}) as stage:
        played = play(stage, orders, told, "saleor", BEGAN)

    judge(played, SALEOR, "Saleor", capsys)


@on_sqlite
def test_every_letter_of_shopifys_orders_is_as_reckoned(
    store: SqlStore, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = lives(IN_SHOPIFY)
    told = [one for life in orders for one in shopify.tellings(life, BEGAN, chance(life))]
    answers = Answers(orders, BEGAN)

    with shop(store, settings, "shopify", BEGAN, answers) as stage:
        answers.now = stage.clock
        played = play(stage, orders, told, "shopify", BEGAN)

    judge(played, SHOPIFY, "Shopify", capsys)
