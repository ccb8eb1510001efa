"""Reads the three kinds of bodies an event can have."""

import json
from collections.abc import Iterable
from typing import Any

from flask import Request

from plugin.sandbox.sendpulse.definitions import Via

Field = tuple[str, str]


def read_variables(request: Request) -> tuple[Via, dict[str, Any]] | str:
    """How the request's variables came and what they are, or the name of the guessed refusal."""
    body = request.get_data(cache=True)
    kind = request.mimetype
    if kind == "application/json":
        return _from_json(body)
    if kind == "application/x-www-form-urlencoded":
        return Via.FORM, nested(request.form.items(multi=True))
    if kind == "multipart/form-data":
        return Via.MULTIPART, nested(request.form.items(multi=True))
    return "unsupported_type"  # GUESS unsupported_type


def _from_json(body: bytes) -> tuple[Via, dict[str, Any]] | str:
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return "bad_json"  # GUESS bad_json
    return (Via.JSON, value) if isinstance(value, dict) else "bad_json"


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def nested(fields: Iterable[Field]) -> dict[str, Any]:
    """The fields with PHP's brackets read: `products[0][name]=…` becomes a list of objects."""
    root: dict[str, Any] = {}
    for name, value in fields:
        first, *steps = name.replace("]", "").split("[")
        _put(root, [first, *steps], value)
    return {key: _as_list(value) for key, value in root.items()}


def _put(place: dict[str, Any], steps: list[str], value: str) -> None:
    step, rest = steps[0] or str(len(place)), steps[1:]
    if not rest:
        place[step] = value
        return
    inner = place.setdefault(step, {})
    if isinstance(inner, dict):
        _put(inner, rest, value)


def _as_list(value: Any) -> Any:
    """Objects whose keys count from 0 are lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: _as_list(item) for key, item in value.items()}
    is_list = list(inner) == [str(number) for number in range(len(inner))]
    return list(inner.values()) if is_list else inner
