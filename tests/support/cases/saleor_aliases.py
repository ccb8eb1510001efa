"""What our own subscription asks under an alias, put into a body that has it under its own name."""

from typing import Any

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from graphql.language import ast

from tests.support.platforms.saleor.graphs import document, event_selection, fragments


def aliased(topic: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body with every alias of this topic's subscription; a translation is told in its own language only."""
    parsed = document(topic)
    named = fragments(parsed)

    def walk(selection: SelectionSetNode | None, thing: Any) -> Any:
        if selection is None or not isinstance(thing, dict | list):
            return thing
        if isinstance(thing, list):
            return [walk(selection, item) for item in thing]
        found = dict(thing)
        for node in selection.selections:
            if isinstance(node, FragmentSpreadNode):
                found = walk(named[node.name.value].selection_set, found)
            elif isinstance(node, InlineFragmentNode):
                found = walk(node.selection_set, found)
            elif isinstance(node, FieldNode) and node.name.value in thing:
                value = walk(node.selection_set, thing[node.name.value])
                found[(node.alias or node.name).value] = value if _is_asked(node, value) else None
        return found

    filled: dict[str, Any] = walk(event_selection(parsed).selection_set, body)
    return filled


def _is_asked(node: FieldNode, value: Any) -> bool:
    """Whether a translation is in the language that is asked for; anything else always is."""
    languages = [
        argument.value.value for argument in node.arguments or ()
        if argument.name.value == "languageCode" and isinstance(argument.value, ast.EnumValueNode)
    ]  # fmt: skip
    told = value.get("language", {}).get("code") if isinstance(value, dict) else None
    return not languages or told is None or told in languages
