"""npm's ranges of versions, as `requiredSaleorVersion` writes them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from .pretend import VERSION
from .problems import Problem, problem, text

_PART: Final = r"(?:0|[1-9]\d*|[xX*])"
_COMPARATOR: Final = re.compile(rf"(>=|<=|>|<|=|\^|~)?v?({_PART}(?:\.{_PART}){{0,2}})(?:-[0-9A-Za-z.-]+)?")
_BEFORE_BLANKS: Final = re.compile(r"([<>=^~])\s+")
_HYPHEN: Final = re.compile(rf"v?({_PART}(?:\.{_PART}){{0,2}})\s+-\s+v?({_PART}(?:\.{_PART}){{0,2}})")


def version_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Whether Saleor can read the range, and whether it is in it."""
    wanted = document.get("requiredSaleorVersion")
    if wanted is None:
        return
    allowed = is_within(VERSION, text(wanted))
    if allowed is None:
        yield problem("requiredSaleorVersion", "INVALID", f"{wanted!r} is no range of versions.")
    elif not allowed:
        yield problem("requiredSaleorVersion", "UNSUPPORTED_SALEOR_VERSION", f"This is {VERSION}; the app wants {wanted}.")


def is_within(version: str, wanted: str) -> bool | None:
    """None for a text that is no range."""
    spans = [_spans(part.strip()) for part in wanted.split("||")]
    if any(part is None for part in spans):
        return None
    try:
        here = Version(version)
        return any(all(low <= here < high for low, high in part) for part in spans if part is not None)
    except InvalidVersion:
        return None


Span = tuple[Version, Version]
"""From the first, up to but without the second."""
_FIRST, _END = Version("0.dev0"), Version("999999")


def _spans(part: str) -> list[Span] | None:
    hyphen = _HYPHEN.fullmatch(part)
    if hyphen:
        return [(_low(hyphen[1]), _after(hyphen[2]))]
    found = [_COMPARATOR.fullmatch(one) for one in _BEFORE_BLANKS.sub(r"\1", part).split()]
    if not found:
        return None
    spans = [_span(one[1] or "=", one[2]) for one in found if one]
    return spans if len(spans) == len(found) else None


def _span(sign: str, version: str) -> Span:
    low, after = _low(version), _after(version)
    return {
        "=": (low, after),
        ">=": (low, _END),
        ">": (after, _END),
        "<": (_FIRST, low),
        "<=": (_FIRST, after),
        "~": (low, _after(".".join(version.split(".")[:2]))),
        "^": (low, _after(_significant(version))),
    }[sign]


def _significant(version: str) -> str:
    """Up to the first part that is not zero: what `^` lets stay as it is."""
    parts = version.split(".")
    place = next((place for place, part in enumerate(parts) if part.isdigit() and int(part)), len(parts) - 1)
    return ".".join(parts[: place + 1])


def _numbers(version: str) -> list[int]:
    """The parts before the first x."""
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return numbers


def _low(version: str) -> Version:
    return Version(".".join(map(str, [*_numbers(version), 0, 0, 0][:3])))


def _after(version: str) -> Version:
    """The first version that does not begin with these numbers; a whole version's is the next patch."""
    numbers = _numbers(version)
    if not numbers:
        return _END
    return Version(".".join(map(str, [*numbers[:-1], numbers[-1] + 1])))
