"""Every question fits the Admin API's schema, and asks for nothing that is going away."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from plugin.domain.errors import TryAgain
from plugin.platforms.shopify.api import QUERIES, Answer
from plugin.platforms.shopify.cart_questions import look_at_carts
from tests.support.builders import a_cart
from tests.support.platforms.shopify.admin import a_place
from tests.support.shared_folder import HAS_SHARED, SHARED, needs_shared

graphql = pytest.importorskip("graphql")


@pytest.fixture(scope="module")
def schema() -> object:
    text = (SHARED / "schemas" / "shopify-admin-2026-10.graphql").read_text(encoding="utf-8")
    return graphql.build_schema(text, assume_valid=True)


def test_there_are_questions() -> None:
    for_events = {"ProductsForEvent", "OnlineStoreForEvent", "OrderForEvent", "CustomersForEvent", "StorefrontForEvent"}
    for_carriers = {"ParcelForEvent", "CarrierSubscriptions", "AddCarrierSubscription", "RemoveSubscription"}
    assert set(QUERIES) == {"ShopForSettings"} | for_events | for_carriers


@needs_shared
@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_question_fits_the_schema(name: str, schema: object) -> None:
    document = graphql.parse(QUERIES[name])

    assert graphql.validate(schema, document) == []
    assert graphql.validate(schema, document, [graphql.NoDeprecatedCustomRule]) == []


@needs_shared
def test_a_question_about_carts_fits_the_schema(schema: object) -> None:
    asked: list[tuple[str, Mapping[str, Any]]] = []

    def ask(query: str, variables: Mapping[str, Any]) -> Answer:
        asked.append((query, variables))
        raise TryAgain("enough")

    cart = a_cart(person=("customer:17", "person:jan@example.com", "person:+48600100200", "person:+48600100201"))
    nameless, keyless = replace(cart, person=(), contact=None), replace(cart, basket=None, person=("person:+48600100200",))
    with pytest.raises(TryAgain):
        look_at_carts([cart, nameless, keyless], a_place(), lambda _: ask)

    [(query, variables)] = asked
    document = graphql.parse(query)
    assert graphql.validate(schema, document) == []
    assert graphql.validate(schema, document, [graphql.NoDeprecatedCustomRule]) == []
    assert variables == {
        "search0": 'checkout_token:"c1" OR '
        '(created_at:>="2026-11-23T12:00:00Z" AND (customer_id:17 OR email:"jan@example.com"))',
        "search1": 'checkout_token:"c1"',
        "phone0_0": "+48600100200",
        "phone0_1": "+48600100201",
        "phone2_0": "+48600100200",
    }


def test_the_schema_is_beside_the_corpus() -> None:
    assert not HAS_SHARED or (SHARED / "schemas" / "shopify-admin-2026-10.graphql").is_file()
