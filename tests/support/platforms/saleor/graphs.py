"""Saleor's schema, and walks over our subscriptions."""

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    parse,
    visit,
)

from plugin.platforms.saleor.manifest import subscription
from tests.support.shared_folder import SHARED

CHECKOUT = Path(__file__).resolve().parents[4]


@cache
def schema() -> GraphQLSchema:
    """Saleor 3.23.28."""
    return build_schema((SHARED / "schemas" / "saleor-3.23.28.graphql").read_text(encoding="utf-8"), assume_valid=True)


@cache
def schema_of_3_24() -> GraphQLSchema:
    """Saleor 3.24.0-a.0, as it is being made."""
    (path,) = (SHARED / "cases" / "saleor").glob("29-*/saleor-3.24.0-a.0.graphql")
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)


@cache
def document(event: str) -> DocumentNode:
    return parse(subscription(event))


def operation(parsed: DocumentNode) -> OperationDefinitionNode:
    (found,) = (node for node in parsed.definitions if isinstance(node, OperationDefinitionNode))
    return found


def fragments(parsed: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in parsed.definitions if isinstance(node, FragmentDefinitionNode)}


def event_selection(parsed: DocumentNode) -> InlineFragmentNode:
    """What is asked of the one event: the inline fragment directly under `event`."""
    (event,) = operation(parsed).selection_set.selections
    assert isinstance(event, FieldNode)
    assert event.name.value == "event"
    assert event.selection_set
    (asked,) = event.selection_set.selections
    assert isinstance(asked, InlineFragmentNode)
    return asked


def asked_fields(selection: SelectionSetNode, known: dict[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    """The fields of a selection, those of its fragments too."""
    for node in selection.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            yield from asked_fields(known[node.name.value].selection_set, known)


def differences(selection: SelectionSetNode, known: dict[str, FragmentDefinitionNode], value: Any, path: str) -> Iterator[str]:
    """Where a value has other fields than were asked for; samples leave out the translations there are not."""
    fields = {(node.alias or node.name).value: node for node in asked_fields(selection, known)}
    wrong = {name for name in set(value) ^ set(fields) if name in value or not fields[name].alias}
    if wrong:
        yield f"{path}: {sorted(wrong)}"
    for name, node in fields.items():
        parts = value.get(name) if isinstance(value.get(name), list) else [value.get(name)]
        for part in parts:
            if node.selection_set and part is not None:
                yield from differences(node.selection_set, known, part, f"{path}.{name}")


def coordinates(text: str) -> set[str]:
    """Every `Type.field(argument)` a document names."""
    found: set[str] = set()
    info = TypeInfo(schema())

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            assert parent
            name = f"{parent.name}.{node.name.value}"
            found.update({name, *(f"{name}({argument.name.value})" for argument in node.arguments or ())})

    visit(parse(text), TypeInfoVisitor(info, Collect()))
    return found


def project_version() -> str:
    return str(tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def written_manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CHECKOUT / "manifest.json").read_text(encoding="utf-8"))
    return found
