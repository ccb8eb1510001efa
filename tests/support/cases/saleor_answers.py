"""What a Saleor answers in which nothing happens but what a case's webhooks tell."""

from collections.abc import Mapping
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, parse


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Every checkout stands open, and every list is empty."""
    parsed, told = parse(question["query"]), question.get("variables", {})
    [operation] = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    asked = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    return {"data": {name: _thing(node, name, told) for node in asked if (name := (node.alias or node.name).value)}}


def _thing(node: FieldNode, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": told[name]} if node.name.value == "checkout" else {"edges": []}
