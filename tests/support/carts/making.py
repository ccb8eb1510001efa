"""Histories made by chance."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from hypothesis import strategies as st

from tests.support.carts.history import OF_A_BASKET, History, Outage, Step, What

GAPS: Final = (1, 1, 1, 2, 2, 3, 3, 4, 6, 12, 24, 40, 80, 206)  #: ticks between two steps: minutes, hours, and over a day
LAST_TICK: Final = 620  #: nothing happens after it
#: when a webhook arrives, in ticks: mostly at once, late up to a day, twice, or never
ARRIVALS: Final = (
    *[(0,)] * 24, (1,), (1,), (2,), (4,), (9,), (30,), (120,), (200,),
    (0, 0), (0, 1), (0, 5), (0, 60), (3, 1), (), (), (), (),
)  # fmt: skip
NAMES: Final = (
    ("mail",), ("mail",), ("mail",), ("id", "mail"), ("id", "mail"), ("id", "mail2"), ("id", "mail", "mail2"),
    ("phone",), ("mail", "phone"), ("id",), (),
)  # fmt: skip
OWNERS: Final = ((1,), (1,), (1, 1), (1, 1), (1, 2), (1, 1, 2), (1, 1, 1))  #: whose each basket is
WHATS: Final = {
    What.EDITED: 9, What.SHOPPED: 3, What.EMPTIED: 2, What.CLEARED: 1, What.DELETED: 1, What.BOUGHT: 4, What.ORDERED: 2,
    What.PAID: 1, What.RENEWED: 1, What.IMPORTED: 1, What.OFF: 1,
}  # fmt: skip
OUTAGES: Final = (1, 1, 3, 8, 20, 70)  #: how long workers are away, or read nothing, in ticks


def histories() -> st.SearchStrategy[History]:
    """Histories without outages: many share theirs.

    Chance is drawn, and not each of its words: Hypothesis likes to repeat itself, and has nothing to shrink here, where
    hundreds are played at once.
    """
    return st.randoms(use_true_random=True).map(a_history)


def a_history(chance: Random) -> History:
    """The history of this chance."""
    owners, platform = chance.choice(OWNERS), chance.choice(["shopify", "saleor"])
    at, found, is_on = 0, list[Step](), True
    for _ in range(chance.randint(1, 10)):
        at += chance.choice(GAPS)
        step = _step(chance, at, owners, is_first=not found, is_on=is_on)
        if at <= LAST_TICK:
            found.append(step)
            is_on = step.what is What.ON or (is_on and step.what is not What.OFF)
    return History(
        platform=platform,
        steps=tuple(replace(step, device=0) if platform == "saleor" else step for step in found),
        store_answers=chance.random() < 0.7,
        window_hours=chance.choice([3, 24]),
        oldest_hours=chance.choice([6, 12, 72]),
        wait_ticks=chance.choice([2, 3, 3, 9]),
    )


def _step(chance: Random, at: int, owners: Sequence[int], *, is_first: bool, is_on: bool) -> Step:
    what = What.EDITED if is_first else chance.choices([*WHATS], [*WHATS.values()])[0]
    if not is_on and chance.random() < 0.4:
        what = What.ON
    basket = chance.randint(1, len(owners))
    is_change = what in OF_A_BASKET - {What.BOUGHT}
    return Step(
        at=at,
        what=what,
        basket=basket,
        person=owners[basket - 1],
        device=chance.choices([0, 1], [5, 1])[0],
        names=chance.choice(NAMES if is_change else NAMES[:-1]),
        names_cart=chance.random() < 0.7,
        arrivals=_arrivals(chance, what),
    )


def _arrivals(chance: Random, what: What) -> tuple[tuple[int, ...], ...]:
    """When each of its webhooks arrives; of many a purchase no word is heard, or only of its payment."""
    webhooks = 1 if what in OF_A_BASKET - {What.BOUGHT} else 4
    found = [chance.choice(ARRIVALS) for _ in range(webhooks)]
    if what is What.PAID:
        found[0] = ()
    lost = chance.random() if webhooks > 1 else 1
    return tuple(() if lost < 0.15 or (lost < 0.6 and chance.random() < 0.7) else arrivals for arrivals in found)


def outages(seed: int, number: int, *, until: int) -> tuple[Outage, ...]:
    """When the workers of so many histories are away, or read nothing."""
    chance = Random(f"{seed}:{number}")
    found: list[Outage] = []
    at = chance.randint(2, 40)
    while at < until:
        ends = at + chance.choice(OUTAGES)
        found.append(Outage(begins=at, ends=ends, is_backlog=chance.random() < 0.4))
        at = ends + chance.choice([4, 20, 60, 100])
    return tuple(found)
