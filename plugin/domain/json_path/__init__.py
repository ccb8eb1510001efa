"""Places in a JSON body, RFC 9535: those that are found in time linear in the body, and the first value at one.

The library reads the path; what is walked is walked here, lazily, counted, and giving way to others. Why:
docs/decisions/0030.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError, JSONPathQuery
from jsonpath_rfc9535.segments import JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath_rfc9535.selectors import FilterSelector, IndexSelector, NameSelector, SliceSelector, WildcardSelector

from plugin.domain.excerpts import found
from plugin.domain.json_path.filters import Test, test_of
from plugin.domain.json_path.trouble import BadPath
from plugin.domain.wording import worded
from plugin.turns import giving_way

LONGEST_PATH: Final = 255  #: characters
MOST_STEPS: Final = 12
MOST_SIGNS: Final = 20  #: of those that nest, which the library reads by calling itself
MOST_LOOKS: Final = 100_000  #: at values of one body, over all its paths; some 0.2 s of the processor
NOTHING: Final = object()  #: what stands at a place that is not there; `None` is a JSON null

Pairs = Iterator[tuple[Any, tuple["Step", ...]] | None]
Looks = Iterator[int]


class TooMuch(Exception):
    """The paths of one body have looked at too many values."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path, from a value to some of those in it."""

    name: str | None = None
    index: int | None = None
    part: slice | None = None
    test: Test | None = None  #: without any of the four: every value
    is_deep: bool = False  #: from the value and everything inside it


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path that was read."""

    text: str
    steps: tuple[Step, ...] = field(compare=False)

    @property
    def is_single(self) -> bool:
        """Whether it names one place, so that finding it takes as many looks as it has steps."""
        return all((step.name is not None or step.index is not None) and not step.is_deep for step in self.steps)


@lru_cache(maxsize=2048)
def read_path(text: str) -> JsonPath:
    """The path in this text, of which each value is looked at a bounded number of times; raises `BadPath`."""
    if len(text) > LONGEST_PATH:
        raise BadPath(worded("is longer than %(most)s characters.", most=LONGEST_PATH), LONGEST_PATH)
    if (at := _too_nested(text)) is not None:
        raise BadPath(worded("nests too deeply."), at)
    query = _read(text)
    if not query.segments:
        raise BadPath(worded("names the whole webhook; name a field of it, such as $.customer.tags."), len(text))
    deep = [segment.token.index for segment in query.segments if isinstance(segment, JSONPathRecursiveDescentSegment)]
    if len(deep) > 1:
        raise BadPath(worded("has a second .. in it, which could take long; write one at most."), deep[1])
    if len(query.segments) > MOST_STEPS:
        most = worded("has more than %(most)s steps.", most=MOST_STEPS)
        raise BadPath(most, query.segments[MOST_STEPS].token.index)
    return JsonPath(text, tuple(map(_step, query.segments)))


def looks() -> Looks:
    """How often the paths of one body may look at a value, giving way now and then."""
    return giving_way(range(MOST_LOOKS))


def first(path: JsonPath, body: Any, sight: Looks) -> Any:
    """The first value at this place, `NOTHING` where there is none; raises `TooMuch`."""
    stack: list[Pairs] = [iter([(body, path.steps)])]
    while stack:
        if next(sight, None) is None:
            raise TooMuch
        pair = next(stack[-1], NOTHING)
        if pair is NOTHING:
            stack.pop()
        elif isinstance(pair, tuple):
            value, steps = pair
            if not steps:
                return value
            stack.append(_onward(value, steps))
    return NOTHING


def _onward(value: Any, steps: tuple[Step, ...]) -> Pairs:
    """What is looked at next from here, in the order of RFC 9535; None for what was looked at and does not fit."""
    step, rest = steps[0], steps[1:]
    for child in _picked(step, value):
        yield None if child is NOTHING else (child, rest)
    if step.is_deep:
        for child in _inside(value):
            yield (child, steps) if isinstance(child, dict | list) else None


def _picked(step: Step, value: Any) -> Iterator[Any]:
    if step.name is not None:
        yield value.get(step.name, NOTHING) if isinstance(value, dict) else NOTHING
    elif step.index is not None:
        is_there = isinstance(value, list) and -len(value) <= step.index < len(value)
        yield value[step.index] if is_there else NOTHING
    elif step.part is not None:
        if isinstance(value, list):
            yield from (value[place] for place in range(*step.part.indices(len(value))))
    elif step.test is not None:
        yield from (child if step.test(child) else NOTHING for child in _inside(value))
    else:
        yield from _inside(value)


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        return iter(value.values())
    return iter(value if isinstance(value, list) else ())


# ------------------------------------------------------------------ reading one

_ENVIRONMENT: Final = JSONPathEnvironment()


def _too_nested(text: str) -> int | None:
    """Where the text nests more than any path of a person does."""
    places = [at for at, sign in enumerate(text) if sign in "(!?"]
    return places[MOST_SIGNS] if len(places) > MOST_SIGNS else None


def _read(text: str) -> JSONPathQuery:
    try:
        return _ENVIRONMENT.compile(text)
    except JSONPathError as error:
        at = min(error.token.index, len(text)) if error.token else 0
    except (ValueError, ArithmeticError, LookupError, RecursionError):  # 1e999 is no number of Python's
        at = 0
    if at < len(text):
        said = worded("cannot be read from %(found)s on; it looks like $.customer.tags.", found=found(text[at : at + 20]))
    else:
        said = worded("ends too early; it looks like $.customer.tags.")
    raise BadPath(said, at)


def _step(segment: JSONPathSegment) -> Step:
    is_deep = isinstance(segment, JSONPathRecursiveDescentSegment)
    if len(segment.selectors) > 1:
        raise BadPath(worded("asks for several things in one pair of brackets; write one."), segment.selectors[1].token.index)
    (selector,) = segment.selectors
    if isinstance(selector, NameSelector):
        return Step(name=selector.name, is_deep=is_deep)
    if isinstance(selector, IndexSelector):
        return Step(index=selector.index, is_deep=is_deep)
    if isinstance(selector, SliceSelector) and selector.slice.step != 0:
        return Step(part=selector.slice, is_deep=is_deep)
    if isinstance(selector, WildcardSelector):
        return Step(is_deep=is_deep)
    if isinstance(selector, FilterSelector):
        return Step(test=test_of(selector.expression.expression), is_deep=is_deep)
    raise BadPath(worded("takes steps of 0 through a list."), selector.token.index)
