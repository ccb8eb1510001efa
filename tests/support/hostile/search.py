"""The long search: `python -m tests.support.hostile.search COUNT [SEED]` damages bodies and prints what came of them."""

import sys
import traceback
from collections import Counter
from pathlib import Path
from random import Random

from plugin.platforms import discover
from tests.support.hostile.damage import damaged
from tests.support.hostile.following import follow
from tests.support.hostile.seeds import seeds
from tests.support.platforms.fixtures import platform_of

Outcomes = Counter[tuple[str, str, str]]


def search(count: int, seed: int) -> tuple[Outcomes, dict[str, str], float]:
    """Damage so many bodies, each topic as often as the others: the outcomes, one example of each fault, the slowest."""
    outcomes, faults, slowest = Outcomes(), dict[str, str](), 0.0
    topics = [(name, topic) for name in discover() for topic in seeds(name)]
    for number in range(count):
        name, topic = topics[number % len(topics)]
        random = Random(f"{seed}:{number}")
        body = damaged(random.choice(seeds(name)[topic]), random)
        try:
            followed = follow(platform_of(name), topic, body, random)
        except Exception as error:  # noqa: BLE001 what this program is there to find
            fault = _named(error)
            faults.setdefault(fault, f"{name} {topic} {seed}:{number} {str(error)[:200]!r}")
            outcomes[name, topic, "FAULT"] += 1
        else:
            outcomes[name, topic, followed.outcome] += 1
            slowest = max(slowest, followed.seconds)
    return outcomes, faults, slowest


def _named(error: Exception) -> str:
    """Where it happened: faults of one place are one fault."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-3:]]
    return f"{type(error).__name__} at {' > '.join(places)}: {frames[-1].line}"


def _print(outcomes: Outcomes, faults: dict[str, str], slowest: float) -> None:
    topics = Counter((name, topic) for name, topic, _ in outcomes.elements())
    for (name, topic), count in sorted(topics.items()):
        told = {outcome: n for (a, b, outcome), n in outcomes.items() if (a, b) == (name, topic)}
        words = ", ".join(f"{outcome}: {n}" for outcome, n in sorted(told.items(), key=lambda item: -item[1]))
        print(f"{name} {topic} {count}: {words}")
    print(f"{outcomes.total()} bodies, the slowest translation {slowest * 1000:.0f} ms, {len(faults)} faults")
    for fault, example in faults.items():
        print(f"  {fault}\n    {example}")


if __name__ == "__main__":
    _print(*search(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
