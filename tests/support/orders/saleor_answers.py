"""What Saleor puts into a body: of an event only what our own subscription asks for."""

from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode

from tests.support.platforms.saleor.graphs import document, event_selection, fragments


def asked(topic: str, event: dict[str, Any]) -> dict[str, Any]:
    """The event's fields that the subscription of this topic names."""
    parsed = document(topic)
    found = _selected(event_selection(parsed).selection_set, event, fragments(parsed))
    assert isinstance(found, dict)
    return found


def _selected(selection: SelectionSetNode, thing: Any, known: dict[str, FragmentDefinitionNode]) -> Any:
    if isinstance(thing, list):
        return [_selected(selection, part, known) for part in thing]
    if thing is None:
        return None
    found: dict[str, Any] = {}
    for node in selection.selections:
        if isinstance(node, FragmentSpreadNode):
            found = _merged(found, _selected(known[node.name.value].selection_set, thing, known))
        elif isinstance(node, FieldNode):
            value = thing[node.name.value]
            named = (node.alias or node.name).value
            found = _merged(found, {named: _selected(node.selection_set, value, known) if node.selection_set else value})
    return found


def _merged(one: Any, other: Any) -> Any:
    """What two selections of the same field come to: GraphQL answers both in one object."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {name: _merged(one[name], value) if name in one else value for name, value in other.items()}
    if isinstance(one, list) and isinstance(other, list):
        return [_merged(a, b) for a, b in zip(one, other, strict=True)]
    return other
