"""`python -m tests.fuzz --inputs 1000000 --seed 1`: prints what was tried, and fails when anything was not answered."""

import argparse
import logging
import sys
import time
from typing import Final

import structlog

from tests.fuzz.searching import Found, search
from tests.fuzz.surface import ask_everything
from tests.fuzz.targets import TARGETS

REQUESTS: Final = 0.01  #: the share of the HTTP surface, which is a hundred times as slow


def report(found: Found, seconds: float) -> str:
    """A line for each target, the total, and the faults."""
    lines = []
    for target in dict.fromkeys(name for name, _ in found.outcomes):
        told = sorted(((n, outcome) for (name, outcome), n in found.outcomes.items() if name == target), reverse=True)
        words = ", ".join(f"{outcome}: {n:,}" for n, outcome in told)
        lines.append(
            f"{target}: {found.inputs(target):,} inputs, slowest {found.slowest.get(target, 0) * 1000:.0f} ms ({words})"
        )
    lines.append(f"{found.outcomes.total():,} inputs in {seconds:.0f} s, {len(found.faults)} kinds of fault")
    return "\n".join([*lines, *(f"  {fault}\n    {example}" for fault, example in found.faults.items())])


def main(arguments: list[str]) -> int:
    """Search, print, and say with the exit status whether anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="A search for inputs that nobody answers.")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))  # a million refusals tell nothing
    began, found = time.monotonic(), Found()
    ask_everything(found, round(given.inputs * REQUESTS), given.seed)
    search(TARGETS, given.inputs - found.outcomes.total(), given.seed, found)
    print(f"seed {given.seed}")
    print(report(found, time.monotonic() - began))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
