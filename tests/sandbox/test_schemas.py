"""The pretend stores' schemas are true parts of the real ones."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    DefinitionNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

from plugin.sandbox.stores.saleor import graph as saleor
from plugin.sandbox.stores.shopify import graph as shopify
from tests.support.shared_folder import SHARED, needs_shared

# One definition of the real file: parsing all four megabytes would take most of a minute.
DEFINITION = r"^(?:type|interface|input|enum|union|scalar) {name}\b(?:[^{{\n]*\{{.*?^\}}|.*?(?=^\S|\Z))"


@needs_shared
@pytest.mark.parametrize(
    ("module", "file"),
    [(shopify, "shopify-admin-2026-10.graphql"), (saleor, "saleor-3.23.28.graphql")],
    ids=["shopify", "saleor"],
)
def test_every_type_and_field_is_in_the_real_schema(module: object, file: str) -> None:
    ours = parse((Path(str(module.__file__)).parent / "schema.graphql").read_text())  # type: ignore[attr-defined]
    real = (SHARED / "schemas" / file).read_text(encoding="utf-8")

    wrong = [line for node in ours.definitions for line in _differences(node, real)]

    assert wrong == []
    assert len(ours.definitions) > 50


def test_a_field_of_another_type_would_be_noticed() -> None:
    real = "type Shop {\n  name: String\n  size(of: Int): Int!\n}\n\nenum Word {\n  A\n}\n\nunion All = Shop | Word\n"

    def found(ours: str) -> list[str]:
        return list(_differences(parse(ours).definitions[0], real))

    assert (
        found("type Shop { name: String size(of: Int): Int! }") == found("enum Word { A }") == found("union All = Shop") == []
    )
    assert found("type Shop { name: String! }") == ["Shop.name: String!"]
    assert found("type Shop { size(by: Int): Int! colour: Int }") == ["Shop.size(by): Int", "Shop.colour: Int"]
    assert found("enum Word { B }") == ["Word.B"]
    assert found("union All = Other") == ["All | Other"]
    assert found("type Street { name: String }") == ["Street is not there"]


def _differences(ours: DefinitionNode, file: str) -> Iterator[str]:
    if not isinstance(ours, TypeDefinitionNode):
        return
    name = ours.name.value
    found = re.search(DEFINITION.format(name=name), file, re.MULTILINE | re.DOTALL)
    if not found:
        yield f"{name} is not there"
        return
    real = parse(found.group(0)).definitions[0]
    assert type(real) is type(ours)
    known = set(_members(real))
    yield from (member for member in _members(ours) if member not in known)


def _members(node: DefinitionNode) -> Iterator[str]:
    """Everything a type consists of, a line each."""
    if isinstance(node, EnumTypeDefinitionNode):
        yield from (f"{node.name.value}.{value.name.value}" for value in node.values or ())
    if isinstance(node, UnionTypeDefinitionNode):
        yield from (f"{node.name.value} | {member.name.value}" for member in node.types or ())
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | InputObjectTypeDefinitionNode):
        for field in node.fields or ():
            yield from _field(node.name.value, field)
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        yield from (f"{node.name.value} implements {other.name.value}" for other in node.interfaces or ())


def _field(owner: str, field: FieldDefinitionNode | InputValueDefinitionNode) -> Iterator[str]:
    yield f"{owner}.{field.name.value}: {print_ast(field.type)}"
    if isinstance(field, FieldDefinitionNode):
        for argument in field.arguments or ():
            yield f"{owner}.{field.name.value}({argument.name.value}): {print_ast(argument.type)}"
