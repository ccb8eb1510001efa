"""Every question fits the Admin API's schema, and asks for nothing that is going away."""

import pytest

from plugin.platforms.shopify.api import QUERIES
from tests.support.shared_folder import HAS_SHARED, SHARED, needs_shared

graphql = pytest.importorskip("graphql")


@pytest.fixture(scope="module")
def schema() -> object:
    text = (SHARED / "schemas" / "shopify-admin-2026-10.graphql").read_text(encoding="utf-8")
    return graphql.build_schema(text, assume_valid=True)


def test_there_are_questions() -> None:
    assert set(QUERIES) == {"ProductsForEvent", "OnlineStoreForEvent", "OrderForEvent", "CustomerForEvent", "ShopForSettings"}


@needs_shared
@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_question_fits_the_schema(name: str, schema: object) -> None:
    document = graphql.parse(QUERIES[name])

    assert graphql.validate(schema, document) == []
    assert graphql.validate(schema, document, [graphql.NoDeprecatedCustomRule]) == []


def test_the_schema_is_beside_the_corpus() -> None:
    assert not HAS_SHARED or (SHARED / "schemas" / "shopify-admin-2026-10.graphql").is_file()
