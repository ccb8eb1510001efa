"""Trying one input after another, timing each, and remembering one example of each fault."""

import math
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from tests.fuzz.targets import Target
from tests.support.own_time import own_time

SLOWEST: Final = 1.0  #: seconds of the processor for one input; a longer one counts as a hang


@dataclass(slots=True)
class Found:
    """What came of all inputs so far."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  #: by target and outcome
    faults: dict[str, str] = field(default_factory=dict)  #: one example of each
    slowest: dict[str, float] = field(default_factory=dict)  #: seconds, by target

    def note(self, target: str, outcome: str, seconds: float) -> None:
        """Count an input that was answered."""
        self.outcomes[target, outcome] += 1
        self.slowest[target] = max(seconds, self.slowest.get(target, 0.0))

    def blame(self, target: str, fault: str, example: str) -> None:
        """Count an input that was not, and keep the first of its kind."""
        self.outcomes[target, "FAULT"] += 1
        self.faults.setdefault(f"{target}: {fault}", example)

    def inputs(self, target: str) -> int:
        """How many were tried."""
        return sum(count for (name, _), count in self.outcomes.items() if name == target)


def search(targets: Sequence[Target], inputs: int, seed: int, found: Found) -> None:
    """Give each target its share of so many inputs; number and seed make an input again."""
    for target in targets:
        for number in range(math.ceil(target.share * inputs)):
            try_one(found, target, f"{seed}:{number}")


def try_one(found: Found, target: Target, named: str) -> None:
    """Try the input of this name."""
    try:
        with own_time() as spent:
            outcome = target.attempt(Random(f"{target.name}:{named}"))
    except Exception as error:  # noqa: BLE001 what this program is there to find
        found.blame(target.name, where(error), f"{named} {str(error)[:200]!r}")
        return
    seconds = spent.seconds
    found.note(target.name, outcome, seconds)
    if seconds > SLOWEST:
        found.blame(target.name, "took too long", f"{named} {seconds:.1f} s")


def where(error: BaseException) -> str:
    """What happened, and where: faults of one place are one fault."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-3:]]
    return f"{type(error).__name__} at {' > '.join(places)}"
