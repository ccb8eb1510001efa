"""Saleor's global ids, the primary keys inside them, and the names of baskets made of those."""

import re
from base64 import b64decode, b64encode

_INSIDE = re.compile(r"[A-Za-z]+:([0-9A-Za-z-]+)", re.ASCII)
_CHECKOUT = "checkout:"


def primary_key(global_id: str) -> str:
    """What stands behind the colon: `UHJvZHVjdDoxNDM=` is `Product:143` is `143`; other text stays as it is."""
    try:
        decoded = b64decode(global_id, validate=True).decode("ascii")
    except ValueError:
        return global_id
    match = _INSIDE.fullmatch(decoded)
    return match[1] if match else global_id


def global_id(kind: str, key: str) -> str:
    """The way back: `Product` and `143` are `UHJvZHVjdDoxNDM=`; "" without a key."""
    return b64encode(f"{kind}:{key}".encode()).decode("ascii") if key else ""


def checkout_key(global_id: str) -> str:
    """The name a basket keeps from its checkout to its order."""
    return f"{_CHECKOUT}{primary_key(global_id)}"


def checkout_of(keys: tuple[str, ...]) -> str:
    """The primary key of the checkout among a basket's names, "" when there is none."""
    return next((key.removeprefix(_CHECKOUT) for key in keys if key.startswith(_CHECKOUT)), "")
