"""Orders made by chance, each with a life of its own, against a reckoning that knows the rules and not the app.

`ORDERS` says how many a platform and `SEED` which ones; `ORDER` plays a single one of them again. `make fuzz` plays many.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.orders import saleor, shopify
from tests.support.orders.life import Origin
from tests.support.orders.making import Habits, a_life
from tests.support.orders.playing import Company, play
from tests.support.orders.reckoning import CANCELLED, CREATED, PAID, PART, REFUNDED, WHOLE, Rules
from tests.support.orders.shopify_orders import OLD_DAYS, Answers
from tests.support.orders.shrinking import shrunk

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORDERS = int(os.environ.get("ORDERS") or 24)
SEED = int(os.environ.get("SEED") or 1)
ORDER = int(os.environ.get("ORDER") or 0)

SALEOR = Company(
    platform="saleor",
    habits=Habits(
        origins=(Origin.IMPORT, Origin.REPLACEMENT, Origin.DRAFT), edits_late=False, joins_parcels=True, refunds_pieces=False
    ),
    rules=Rules(
        kinds={
            "order_created": CREATED, "order_fully_paid": PAID, "fulfillment_created": PART, "order_fulfilled": WHOLE,
            "order_cancelled": CANCELLED, "order_refunded": REFUNDED, "order_fully_refunded": REFUNDED,
        },
        has_single_refunds=False, tells_last_parcel=True, knows_when=frozenset({CREATED, PAID, PART, WHOLE}),
    ),
    tellings=saleor.tellings,
)  # fmt: skip
SHOPIFY = Company(
    platform="shopify",
    habits=Habits(origins=(Origin.IMPORT,), edits_late=True, joins_parcels=False, refunds_pieces=True),
    rules=Rules(
        kinds={
            "orders/create": CREATED, "orders/paid": PAID, "orders/partially_fulfilled": PART, "orders/fulfilled": WHOLE,
            "orders/cancelled": CANCELLED, "refunds/create": REFUNDED,
        },
        has_single_refunds=True, tells_last_parcel=False,
        knows_when=frozenset({CREATED, PART, WHOLE, CANCELLED, REFUNDED}),
        names_nobody=frozenset({"refunds/create"}), tells_seconds=True, old_seconds=OLD_DAYS * 86400,
    ),
    tellings=shopify.tellings,
    answers=Answers,
)  # fmt: skip


@pytest.fixture
def new_database(migrated_sqlite: Path, tmp_path: Path) -> Callable[[], str]:
    """Copies of the migrated one: looking for the smallest failing story takes several."""

    def copied() -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        path.write_bytes(migrated_sqlite.read_bytes())
        return f"sqlite:///{path}"

    return copied


@pytest.mark.parametrize("company", [SALEOR, SHOPIFY], ids=lambda company: company.platform)
def test_every_letter_of_an_order_is_as_reckoned(
    company: Company, new_database: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    lives = [a_life(SEED, number, company.habits) for number in ([ORDER] if ORDER else range(1, ORDERS + 1))]
    told = [telling for life in lives for telling in company.told(life, SEED, BEGAN)]

    played = play(company, told, new_database(), BEGAN)

    with capsys.disabled():
        print(f"\n{company.platform}, seed {SEED}: {played.counts()}")
    if faults := played.faults(company.rules, BEGAN):
        smallest = shrunk(company, faults[0].told, new_database, BEGAN)
        said = f"{company.platform}, seed {SEED}, {len(faults)} orders; of the first is enough:\n{smallest}"
        pytest.fail(said, pytrace=False)
