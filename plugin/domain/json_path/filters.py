"""The tests in a path, [?@.name == 'gift']: comparisons of what stands in one value with what is written in the path."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from jsonpath_rfc9535.filter_expressions import (
    ComparisonExpression,
    Expression,
    FilterExpressionLiteral,
    FloatLiteral,
    FunctionExtension,
    IntegerLiteral,
    LogicalExpression,
    PrefixExpression,
    RelativeFilterQuery,
)
from jsonpath_rfc9535.selectors import IndexSelector, NameSelector

from plugin.domain.json_path.trouble import BadPath
from plugin.domain.wording import worded

MOST_COMPARISONS: Final = 5  #: in one test

Test = Callable[[Any], bool]
_NOTHING: Final = object()


def test_of(expression: Expression) -> Test:
    """What a test asks of a value; raises `BadPath` for what could take long."""
    compared = list(_comparisons(expression))
    if len(compared) > MOST_COMPARISONS:
        most = worded("compares more than %(most)s times.", most=MOST_COMPARISONS)
        raise BadPath(most, compared[MOST_COMPARISONS].token.index)
    return _test(expression)


def _comparisons(expression: Expression) -> list[Expression]:
    if isinstance(expression, LogicalExpression):
        return [*_comparisons(expression.left), *_comparisons(expression.right)]
    return _comparisons(expression.right) if isinstance(expression, PrefixExpression) else [expression]


def _test(expression: Expression) -> Test:
    if isinstance(expression, LogicalExpression):
        left, right = _test(expression.left), _test(expression.right)
        if expression.operator == "&&":
            return lambda value: left(value) and right(value)
        return lambda value: left(value) or right(value)
    if isinstance(expression, PrefixExpression):
        inner = _test(expression.right)
        return lambda value: not inner(value)
    if isinstance(expression, ComparisonExpression):
        return _comparison(expression)
    look = _look(expression)
    return lambda value: look(value) is not _NOTHING


def _comparison(expression: ComparisonExpression) -> Test:
    if not any(isinstance(side, FilterExpressionLiteral) for side in (expression.left, expression.right)):
        raise BadPath(worded("compares two fields; compare one with a text or a number."), expression.token.index)
    left, right, compare = _side(expression.left), _side(expression.right), _COMPARE[expression.operator]
    return lambda value: compare(left(value), right(value))


def _side(expression: Expression) -> Callable[[Any], Any]:
    """What stands at one side of a comparison, for a value."""
    if not isinstance(expression, FilterExpressionLiteral):
        return _look(expression)
    # The library rounds a number; a body's are exact.
    is_number = isinstance(expression, IntegerLiteral | FloatLiteral)
    written = Decimal(expression.token.value) if is_number else expression.value
    return lambda _value: written


def _look(expression: Expression) -> Callable[[Any], Any]:
    """What stands at one place in a value, `_NOTHING` where nothing does."""
    if isinstance(expression, FunctionExtension):
        raise BadPath(worded("calls %(name)s(), but functions cannot be used.", name=expression.name), expression.token.index)
    if not isinstance(expression, RelativeFilterQuery) or not expression.query.singular_query():
        why = worded("tests something other than one field of what is looked at, such as @.name.")
        raise BadPath(why, expression.token.index)
    keys = [_key(segment.selectors[0]) for segment in expression.query.segments]
    return lambda value: _at(value, keys)


def _key(selector: object) -> str | int:
    if isinstance(selector, NameSelector):
        return selector.name
    return selector.index if isinstance(selector, IndexSelector) else 0  # a path to one value has no others


def _at(value: Any, keys: list[str | int]) -> Any:
    for key in keys:
        if isinstance(key, str):
            value = value.get(key, _NOTHING) if isinstance(value, dict) else _NOTHING
        else:
            value = value[key] if isinstance(value, list) and -len(value) <= key < len(value) else _NOTHING
    return value


# ------------------------------------------------------------------ comparing, RFC 9535 2.3.5.2.2


def _equal(left: Any, right: Any) -> bool:
    return _kind(left) == _kind(right) and bool(left == right)


def _less(left: Any, right: Any) -> bool:
    return _kind(left) == _kind(right) and _kind(left) in ("text", "number") and bool(left < right)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    return "text" if isinstance(value, str) else "number" if isinstance(value, int | Decimal) else type(value).__name__


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: _less(left, right) or _equal(left, right),
    ">=": lambda left, right: _less(right, left) or _equal(left, right),
}
