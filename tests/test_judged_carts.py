"""How a history of carts is judged: by whichever true reasons fit, and by nothing looser."""

import pytest

from plugin.domain.shop import Shop
from tests.support.carts.history import History, Step, What
from tests.support.carts.judging import faults
from tests.support.carts.model import BOUGHT, EMPTIED, REMINDED, TOO_OLD, Ended, Letter, Model, reckoned
from tests.support.carts.playing import Played, Row
from tests.support.carts.shifts import shifts
from tests.support.carts.telling import told

HISTORY = History(platform="saleor", steps=())
SHOP = Shop(id=1, platform="saleor", address="https://one.example/graphql/")


def ended(*codes: str, at: int = 9, is_sure: bool = True) -> Ended:
    return Ended(basket=1, at=at, codes=frozenset(codes), is_sure=is_sure)


def judged(ends: list[Ended], codes: list[str]) -> list[str]:
    """What is wrong with these rows for these waits."""
    rows = [Row(basket=1, code=code) for code in codes]
    return faults(Played(history=HISTORY, shop=SHOP, tellings=[], models=[Model(history=HISTORY, ended=ends)], rows=rows))


@pytest.mark.parametrize(
    ("ends", "codes"),
    [
        ([ended(EMPTIED, TOO_OLD), ended(EMPTIED, is_sure=False)], [EMPTIED, TOO_OLD]),
        ([ended(BOUGHT, REMINDED), ended(BOUGHT, TOO_OLD)], [BOUGHT, REMINDED]),
        ([ended(BOUGHT, REMINDED), ended(REMINDED, TOO_OLD)], [REMINDED, BOUGHT]),
        ([ended(BOUGHT, REMINDED), ended(REMINDED, TOO_OLD), ended(BOUGHT, TOO_OLD)], [TOO_OLD, REMINDED, BOUGHT]),
    ],
)
def test_a_row_that_fits_two_waits_is_that_of_the_wait_no_other_fits(ends: list[Ended], codes: list[str]) -> None:
    assert judged(ends, codes) == []
    assert judged(ends, codes[::-1]) == []
    assert judged(ends[::-1], codes) == []


def test_a_wait_without_a_row_and_a_row_without_a_wait_are_told() -> None:
    assert judged([ended(BOUGHT)], []) == ["basket 1: no row of the wait that ended at 00:00:09, bought"]
    assert judged([ended(BOUGHT)], [BOUGHT, BOUGHT]) == ["basket 1: 1 rows bought of no wait"]
    assert judged([ended(BOUGHT, REMINDED), ended(BOUGHT, is_sure=False)], [BOUGHT, TOO_OLD]) == [
        "basket 1: 1 rows too_old of no wait"
    ]
    assert judged([ended(BOUGHT, is_sure=False)], []) == []


def test_one_nobody_may_have_seen_takes_the_row_of_none() -> None:
    assert judged([ended(BOUGHT, is_sure=False), ended(BOUGHT, REMINDED)], [BOUGHT]) == []


def letters(*steps: Step, forgets: bool) -> list[Letter]:
    history = History(platform="shopify", steps=steps)
    turns = list(shifts((), range(0, 40_000, 60)))
    return reckoned(history, told(history), turns, forgets=forgets).letters


def a_step(at: int, what: What, *, device: int = 0, arrives: int = 0) -> Step:
    return Step(at=at, what=what, basket=1, person=1, device=device, names=("mail",), arrivals=((arrives,),))


def test_what_no_rule_speaks_of_may_come_out_as_either() -> None:
    steps = (
        a_step(13, What.OFF),
        a_step(17, What.EDITED, device=1, arrives=9),
        a_step(18, What.EDITED),
        a_step(25, What.ON),
    )

    assert [len(letters(*steps, forgets=forgets)) for forgets in (False, True)] == [0, 1]


@pytest.mark.parametrize(
    "steps",
    [
        (a_step(17, What.EDITED, arrives=9), a_step(18, What.EDITED)),
        (a_step(17, What.EDITED, device=1, arrives=9), a_step(18, What.EDITED), a_step(19, What.EMPTIED)),
        (a_step(17, What.EDITED, device=1, arrives=9), a_step(18, What.EDITED), a_step(19, What.BOUGHT)),
    ],
    ids=["the same checkout", "it was emptied", "it was bought"],
)
def test_there_is_one_answer_to_all_else_that_is_told_while_reminders_are_off(steps: tuple[Step, ...]) -> None:
    switched = (a_step(13, What.OFF), *steps, a_step(25, What.ON))

    assert [letters(*switched, forgets=forgets) for forgets in (False, True)] == [[], []]
