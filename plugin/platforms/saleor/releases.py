"""Which Saleor a shop has: what a query may ask for differs from one to the next."""

import re


def release(version: str) -> tuple[int, int]:
    """3.23.28 is (3, 23); what cannot be read is older than everything."""
    match = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    return (int(match[1]), int(match[2])) if match else (0, 0)
