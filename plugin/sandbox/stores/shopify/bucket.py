"""What a query costs, and the bucket it is paid from.

The rules are Shopify's published ones made simple: an object costs 1, a scalar nothing, a list its size. The exact
numbers are a guess; what matters to a client is that they grow, run out and come back.
https://shopify.dev/docs/api/usage/limits
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

MAXIMUM: Final = 2000.0  #: points; a guess for the Standard plan, whose 100 points a second are published
RESTORE_RATE: Final = 100.0

Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(slots=True, kw_only=True)
class Bucket:
    """One shop's points for this app."""

    clock: Callable[[], float]  #: seconds
    maximum: float = MAXIMUM
    restore_rate: float = RESTORE_RATE
    _left: float = -1.0
    _read_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def take(self, points: float) -> bool:
        """Pay, unless there are not enough points."""
        with self._lock:
            self._refill()
            if self._left < points:
                return False
            self._left -= points
            return True

    def give_back(self, points: float) -> None:
        """What was asked for and not used."""
        with self._lock:
            self._refill()
            self._left = min(self.maximum, self._left + points)

    def status(self) -> dict[str, float]:
        """The throttleStatus of an answer."""
        with self._lock:
            self._refill()
            return {
                "maximumAvailable": self.maximum,
                "currentlyAvailable": int(self._left),
                "restoreRate": self.restore_rate,
            }

    def _refill(self) -> None:
        now = self.clock()
        if self._left < 0:
            self._left = self.maximum
        self._left = min(self.maximum, self._left + (now - self._read_at) * self.restore_rate)
        self._read_at = now


def requested_cost(operation: OperationDefinitionNode, fragments: Fragments, variables: Mapping[str, Any]) -> int:
    """What the query may cost at most."""
    return _cost(operation.selection_set, fragments, variables)


def actual_cost(data: object) -> int:
    """The objects that came back."""
    if isinstance(data, list):
        return sum(actual_cost(item) for item in data)
    if isinstance(data, dict):
        return sum(_is_object(value) + actual_cost(value) for value in data.values())
    return 0


def _is_object(value: object) -> int:
    return len(value) if isinstance(value, list) and value and isinstance(value[0], dict) else int(isinstance(value, dict))


def _cost(selection_set: SelectionSetNode | None, fragments: Fragments, variables: Mapping[str, Any]) -> int:
    if selection_set is None:
        return 0
    total, of_types = 0, [0]
    for node in selection_set.selections:
        if isinstance(node, FieldNode) and node.selection_set:
            total += _size(node, variables) * (1 + _cost(node.selection_set, fragments, variables))
        elif isinstance(node, InlineFragmentNode):
            of_types.append(_cost(node.selection_set, fragments, variables))  # an object is of one type only
        elif isinstance(node, FragmentSpreadNode):
            total += _cost(fragments[node.name.value].selection_set, fragments, variables)
    return total + max(of_types)


def _size(node: FieldNode, variables: Mapping[str, Any]) -> int:
    """How many objects the field may answer: `first`, or the number of `ids`."""
    for argument in node.arguments or ():
        value = argument.value
        given = variables.get(value.name.value) if isinstance(value, VariableNode) else value
        if argument.name.value == "ids":
            return max(1, len(given if isinstance(given, list) else getattr(value, "values", ())))
        if argument.name.value == "first":
            return int(given.value) if isinstance(given, IntValueNode) else given if isinstance(given, int) else 1
    return 1
