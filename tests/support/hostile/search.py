"""The long search: `python -m tests.support.hostile.search COUNT SEED [WAY…]` damages bodies and prints outcomes."""

import sys
import traceback
from collections import Counter
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from plugin.platforms import discover
from tests.support.hostile.answering import follow_answers
from tests.support.hostile.damage import damaged
from tests.support.hostile.following import Followed, follow
from tests.support.hostile.seeds import seeds
from tests.support.platforms.fixtures import platform_of

Outcomes = Counter[tuple[str, str, str]]
Follow = Callable[[str, bytes, Random], Followed]

#: What is searched: every platform's bodies, and Shopify's answers about the events of its bodies.
WAYS: Final[dict[str, tuple[str, Follow]]] = {
    **{name: (name, partial(follow, platform_of(name))) for name in discover()},
    "shopify's answers": ("shopify", follow_answers),
}


def search(ways: Collection[str], count: int, seed: int) -> tuple[Outcomes, dict[str, str], float]:
    """Damage so many bodies, each topic as often as the others: the outcomes, one example of each fault, the slowest."""
    outcomes, faults, slowest = Outcomes(), dict[str, str](), 0.0
    topics = [(way, topic) for way in ways for topic in seeds(WAYS[way][0])]
    for number in range(count):
        way, topic = topics[number % len(topics)]
        platform, followed_by = WAYS[way]
        random = Random(f"{seed}:{number}")
        body = damaged(random.choice(seeds(platform)[topic]), random)
        try:
            followed = followed_by(topic, body, random)
        except Exception as error:  # noqa: BLE001 what this program is there to find
            fault = _named(error)
            faults.setdefault(fault, f"{way} {topic} {seed}:{number} {str(error)[:200]!r}")
            outcomes[way, topic, "FAULT"] += 1
        else:
            outcomes[way, topic, followed.outcome] += 1
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
    count, seed, *ways = sys.argv[1:]
    _print(*search(ways or WAYS, int(count), int(seed)))
