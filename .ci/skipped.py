"""Says which tests were skipped and why; with CI=true a skip is a failure. Reads pytest's JUnit file."""

import os
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"


def reasons(path: str) -> Counter[str]:
    """Each reason and how many tests gave it."""
    return Counter(_reason(skip) for skip in ElementTree.parse(path).getroot().iter("skipped"))


def _reason(skip: ElementTree.Element) -> str:
    message = skip.get("message") or ""
    # A whole module was skipped: pytest writes the reason beneath.
    return (skip.text if message == "collection skipped" else message) or "no reason given"


def is_excused(reason: str) -> bool:
    """The corpus is not part of the repository: without it beside the checkout its tests cannot run anywhere."""
    return "../shared" in reason and not SHARED.is_dir()


def main(path: str, *, in_ci: bool) -> int:
    found = reasons(path)
    for reason, count in found.most_common():
        print(f"skipped {count}: {reason}")
    unexcused = sum(count for reason, count in found.items() if not is_excused(reason))
    if in_ci and unexcused:
        print(f"{unexcused} tests were skipped; CI runs them all")
        return 1
    if not found:
        print("no test was skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], in_ci=os.environ.get("CI") == "true"))
