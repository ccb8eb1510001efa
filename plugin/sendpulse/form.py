"""A body as the text of a request: JSON as it is, or form-data the way PHP writes and reads nested values."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from plugin.domain.routing import Send


def as_sent(send: Send, body: str) -> str:
    """The text that goes over the wire for this body, byte for byte."""
    return form_text(body) if send is Send.FORM else body


def form_text(body: str) -> str:
    """The JSON object as application/x-www-form-urlencoded: `products[0][product_name]=…`, numbers as text.

    SendPulse's own former helper built its form bodies with PHP's http_build_query, which writes brackets.
    """
    return urlencode(list(_pairs("", json.loads(body))))


def _pairs(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = dict(enumerate(value)).items()
    else:
        yield path, str(value)
        return
    for key, item in inner:
        yield from _pairs(f"{path}[{key}]" if path else str(key), item)
