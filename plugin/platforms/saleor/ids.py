"""Saleor's global ids, and the primary keys inside them."""

import re
from base64 import b64decode

_INSIDE = re.compile(r"[A-Za-z]+:([0-9A-Za-z-]+)", re.ASCII)


def primary_key(global_id: str) -> str:
    """What stands behind the colon: `UHJvZHVjdDoxNDM=` is `Product:143` is `143`; other text stays as it is."""
    try:
        decoded = b64decode(global_id, validate=True).decode("ascii")
    except ValueError:
        return global_id
    match = _INSIDE.fullmatch(decoded)
    return match[1] if match else global_id
