"""Histories of carts made by chance, against a model that knows the rules and not the app.

`CARTS` says how many and `SEED` which ones. `make fuzz` plays many.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from plugin.storage import open_store
from tests.support.builders import NOON
from tests.support.carts.history import History, Outage, Step, What
from tests.support.carts.judging import counted, faults
from tests.support.carts.making import LAST_TICK, histories, outages
from tests.support.carts.playing import Player
from tests.support.carts.shrinking import shrunk, told
from tests.support.databases import settings_for

CARTS = int(os.environ.get("CARTS") or 80)
SEED = int(os.environ.get("SEED") or 1)
LOT = 400  #: histories that are played at once
PLAYED: Counter[str] = Counter()
MOST_SHOWN = int(os.environ.get("SHOWN") or 1)  #: stories of what went wrong


def _step(at: int, what: What, *, device: int = 0, arrives: int = 0) -> Step:
    return Step(at=at, what=what, basket=1, person=1, device=device, names=("mail",), arrivals=((arrives,),))


WENT_WRONG: Final = {
    "emptied, then changed in the storefront, and read late": History(
        platform="shopify", wait_ticks=9,
        steps=(_step(206, What.EDITED), _step(214, What.EMPTIED), _step(218, What.SHOPPED)),
        outages=(Outage(begins=150, ends=222, is_backlog=True),),
    ),
    "emptied and filled again in the storefront while nobody was there": History(
        platform="shopify", wait_ticks=2, store_answers=False,
        steps=(_step(80, What.EDITED), _step(90, What.CLEARED), _step(95, What.SHOPPED)),
        outages=(Outage(begins=79, ends=149, is_backlog=False),),
    ),
    "another checkout of the cart was told while reminders were off": History(
        platform="shopify",
        steps=(_step(13, What.OFF), _step(17, What.EDITED, device=1, arrives=9), _step(18, What.EDITED), _step(25, What.ON)),
    ),
    "emptied and filled again, and read at once in another order": History(
        platform="shopify", wait_ticks=9,
        steps=(_step(39, What.EDITED), _step(40, What.EMPTIED, arrives=9), _step(42, What.EDITED)),
        outages=(Outage(begins=36, ends=58, is_backlog=False),),
    ),
}  # fmt: skip
LEAVE_ONE: Final = list(WENT_WRONG)[2:]


@pytest.fixture
def player(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Player]:
    path = tmp_path / "carts.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{path}"
    with closing(open_store(settings_for(url))) as store:
        yield Player(store, url, NOON)


@pytest.mark.parametrize("lot", range((CARTS + LOT - 1) // LOT))
def test_a_cart_is_reminded_of_once_where_it_was_left_and_never_after_its_purchase(
    player: Player, capsys: pytest.CaptureFixture[str], lot: int
) -> None:
    played = player.play(_lot(lot, min(LOT, CARTS - lot * LOT)))
    wrong = [one for one in played if faults(one)]
    PLAYED.update(counted(played))

    with capsys.disabled():
        print(f"\nseed {SEED}, so far: {', '.join(f'{name} {count}' for name, count in PLAYED.items())}")
    if wrong:
        stories = [shrunk(player, one.history) for one in wrong[:MOST_SHOWN]]
        said = f"seed {SEED}, {len(wrong)} of {len(played)} histories; of the first is enough:\n" + "\n\n".join(stories)
        pytest.fail(said, pytrace=False)


@pytest.mark.parametrize("history", WENT_WRONG.values(), ids=WENT_WRONG)
def test_a_history_that_went_wrong_once_goes_well(player: Player, history: History) -> None:
    [played] = player.play([history])

    assert faults(played) == [], told(played)
    assert len(played.letters) == sum(history is WENT_WRONG[name] for name in LEAVE_ONE)


def _lot(number: int, size: int) -> list[History]:
    """So many histories, whose workers are away at the same times."""
    found: list[History] = []

    @seed(f"{SEED}:{number}")
    @settings(
        max_examples=size, database=None, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
    )
    @given(histories())
    def collect(history: History) -> None:
        found.append(history)

    collect()
    away = outages(SEED, number, until=LAST_TICK)
    return [replace(history, outages=away) for history in found]
