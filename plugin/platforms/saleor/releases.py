"""Which Saleor a shop has: what a query may ask for differs from one to the next."""

import re
from typing import Final

Release = tuple[int, int, int]

UNKNOWN: Final[Release] = (0, 0, 0)


def release(version: str) -> Release:
    """3.23.28 is (3, 23, 28), and 3.23 is its first; what cannot be read is older than everything."""
    match = re.match(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", version)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else UNKNOWN
