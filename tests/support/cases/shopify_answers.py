"""A pretend Admin API that answers any selection of the nodes it was given.

Every search for orders finds those under `orders`, none without any: the app itself must see which it asked for.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)
from graphql.language import ast

Nodes = Mapping[str, Any]


def answer(question: Mapping[str, Any], nodes: Nodes) -> dict[str, Any]:
    """The answer to one GraphQL question: what is not among the nodes is null."""
    parsed = parse(str(question["query"]))
    fragments = {node.name.value: node for node in parsed.definitions if isinstance(node, FragmentDefinitionNode)}
    (operation,) = (node for node in parsed.definitions if isinstance(node, OperationDefinitionNode))
    variables = question.get("variables") or {}

    def fields_of(selection: SelectionSetNode, typename: str) -> list[FieldNode]:
        fields: list[FieldNode] = []
        for node in selection.selections:
            if isinstance(node, FieldNode):
                fields.append(node)
            elif isinstance(node, FragmentSpreadNode):
                fields += fields_of(fragments[node.name.value].selection_set, typename)
            elif isinstance(node, InlineFragmentNode) and _fits(node, typename):
                fields += fields_of(node.selection_set, typename)
        return fields

    def selected(selection: SelectionSetNode | None, thing: Any) -> Any:
        if selection is None or thing is None:
            return thing
        if isinstance(thing, list):
            return [selected(selection, item) for item in thing]
        found: dict[str, Any] = {}
        for field in fields_of(selection, str(thing.get("__typename", ""))):
            found[(field.alias or field.name).value] = selected(field.selection_set, thing.get(field.name.value))
        return found

    def root(field: FieldNode) -> Any:
        given = {argument.name.value: _value(argument.value, variables) for argument in field.arguments or ()}
        if "ids" in given:
            return selected(field.selection_set, [nodes.get(id) for id in given["ids"]])
        if field.name.value == "orders":
            return selected(field.selection_set, {"nodes": nodes.get("orders", [])})
        return selected(field.selection_set, nodes.get(str(given.get("id"))))

    fields = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    return {"data": {(field.alias or field.name).value: root(field) for field in fields}}


def _fits(node: InlineFragmentNode, typename: str) -> bool:
    return not typename or node.type_condition is None or node.type_condition.name.value == typename


def _value(node: ast.ValueNode, variables: Mapping[str, Any]) -> Any:
    return variables.get(node.name.value) if isinstance(node, VariableNode) else getattr(node, "value", None)
