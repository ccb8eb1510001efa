"""Orders made by chance, each with a life of its own, against a reckoning that knows the rules and not the app.

`ORDERS` says how many a platform, `SEED` which ones; `ORDER` plays a single one of them again.
"""

import os
from datetime import UTC, datetime
from random import Random

import pytest

from plugin.config import Settings
from plugin.storage import SqlStore
from tests.support.orders import saleor
from tests.support.orders.life import Life, Origin
from tests.support.orders.making import a_life
from tests.support.orders.playing import play, shop
from tests.support.orders.reckoning import CANCELLED, CREATED, PAID, PART, REFUNDED, WHOLE, Rules

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORDERS = int(os.environ.get("ORDERS") or 40)
SEED = int(os.environ.get("SEED") or 1)
ONLY = os.environ.get("ORDER")

SALEOR = Rules(
    kinds={
        "order_created": CREATED, "order_fully_paid": PAID, "fulfillment_created": PART, "order_fulfilled": WHOLE,
        "order_cancelled": CANCELLED, "order_refunded": REFUNDED, "order_fully_refunded": REFUNDED,
    },
    has_single_refunds=False, tells_last_parcel=True, knows_when=frozenset({CREATED, PAID, PART, WHOLE}),
)  # fmt: skip

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def numbers() -> list[int]:
    return [int(ONLY)] if ONLY else list(range(1, ORDERS + 1))


@on_sqlite
def test_every_letter_of_saleors_orders_is_as_reckoned(
    store: SqlStore, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    origins = (Origin.IMPORT, Origin.REPLACEMENT, Origin.DRAFT)
    lives: list[Life] = [a_life(SEED, number, edits_late=False, origins=origins) for number in numbers()]
    told = [one for life in lives for one in saleor.tellings(life, BEGAN, Random(f"{SEED}:{life.number}:told"))]

    with shop(store, settings, "saleor", BEGAN) as stage:
        played = play(stage, lives, told, "saleor", BEGAN)
        faults = list(played.faults(SALEOR, BEGAN))

    with capsys.disabled():
        print(f"\nSaleor, seed {SEED}: {played.counts()}")
    assert faults == [], f"seed {SEED}, {len(faults)} orders:\n" + "\n".join(faults)
