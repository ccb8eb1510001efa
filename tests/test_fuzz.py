"""A share of `make fuzz`: whatever is sent is answered, within a second, and never by an error of ours."""

from random import Random

import pytest

from tests.fuzz.__main__ import report
from tests.fuzz.searching import Found, search
from tests.fuzz.surface import ask_everything
from tests.fuzz.targets import TARGETS, Target

INPUTS, REQUESTS, SEED = 2000, 130, 7


def _breaks_now_and_then(random: Random) -> str:
    if random.randrange(10) == 0:
        raise ZeroDivisionError("planted")
    return "answered"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_input_is_answered(target: Target) -> None:
    found = Found()

    search([target], INPUTS, SEED, found)

    assert found.faults == {}, report(found, 0.0)
    assert found.inputs(target.name) >= target.share * INPUTS


def test_every_address_answers_what_is_made_of_its_description() -> None:
    found = Found()

    ask_everything(found, REQUESTS, SEED)

    assert found.faults == {}, report(found, 0.0)
    assert found.outcomes["HTTP surface", "2xx"] and found.outcomes["HTTP surface", "4xx"]


def test_a_fault_is_found_once_with_an_input_that_shows_it() -> None:
    found = Found()

    search([Target(name="planted", share=1.0, attempt=_breaks_now_and_then)], 200, SEED, found)

    assert found.inputs("planted") == 200
    ((fault, example),) = found.faults.items()
    assert fault.startswith("planted: ZeroDivisionError at") and "test_fuzz.py" in fault
    assert example.startswith(f"{SEED}:")
