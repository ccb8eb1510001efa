"""The sample a merchant gives SendPulse has every key of its kind, with the table's own examples."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.own import OwnType, OwnVariable
from plugin.domain.routing import Flow, Lead, Route, RouteTable, Shape
from plugin.domain.secret import AutomationId
from plugin.domain.settings import PersonalData, ShopSettings, StoreFacts
from plugin.domain.variables import LINES, PARCELS, Variable, VariableType, of_kind
from plugin.sendpulse.body import bodies
from plugin.upkeep.sample import sample_fields
from tests.support.sendpulse.samples import SHOP

FLOWS = (Flow(locale="pl", automation_id=AutomationId(7)),)
WHOLE = ShopSettings(table=RouteTable(routes={}, flows=FLOWS), share=frozenset(PersonalData))
EVERY = pytest.mark.parametrize("kind", EventKind)


def sample(kind: EventKind, settings: ShopSettings = WHOLE) -> dict[str, Any]:
    return dict(sample_fields(kind, SHOP, settings, write_bodies=bodies))


def spaced(fields: dict[str, Any]) -> dict[str, Any]:
    """With plain blanks in amounts, as the table has them."""
    return {
        name: value.replace("\N{NO-BREAK SPACE}", " ") if isinstance(value, str) else value for name, value in fields.items()
    }


def told(table: tuple[Variable, ...]) -> dict[str, Any]:
    return {variable.name: variable.example for variable in table if variable.type is not VariableType.LIST}


@EVERY
def test_a_sample_has_every_key_of_its_kind(kind: EventKind) -> None:
    fields = sample(kind)

    lacks = {"automation_id"} if KINDS[kind].has_products else {"automation_id", "product_id"}  # a Number cannot be empty
    assert list(fields) == [variable.name for variable in of_kind(kind) if variable.name not in lacks]
    for level, table in (("products", LINES), ("parcels", PARCELS)):
        for one in fields.get(level, [])[:1]:
            assert list(one) == [variable.name for variable in table if kind in variable.kinds]


def test_the_amounts_of_a_sample_fit_each_other() -> None:
    fields = sample(EventKind.ORDER_PAID)
    lines = sum(Decimal(line["line_total"]) for line in fields["products"])

    assert lines == Decimal(fields["subtotal"])
    assert lines + Decimal(fields["shipping_price"]) == Decimal(fields["total"])


@EVERY
def test_the_table_s_examples_are_what_bodies_say(kind: EventKind) -> None:
    fields, lines = sample(kind), told(LINES)
    examples = told(of_kind(kind)) | {"event_name": kind.value}
    del examples["automation_id"]
    if not KINDS[kind].has_products:
        del examples["product_id"]
        examples |= {"product_name": "", "product_link": "", "product_price": "", "product_img_url": ""}

    assert spaced({name: value for name, value in fields.items() if name not in ("products", "parcels")}) == examples
    for one in fields.get("products", [])[:1]:
        assert spaced(one) == {name: lines[name] for name in one}


def test_a_sample_says_nothing_of_the_shop() -> None:
    own = StoreFacts(name="Planted Lamps", link="https://lamps.example", timezone="Asia/Tokyo", default_locale="ja")
    flows = (Flow(locale="ja", automation_id=AutomationId(987654)),)
    settings = replace(WHOLE, store=own, table=replace(WHOLE.table, flows=flows))

    assert sample(EventKind.ORDER_PAID, settings) == sample(EventKind.ORDER_PAID)


def test_a_sample_lacks_what_this_shop_never_sends() -> None:
    whole, without = sample(EventKind.ORDER_PAID), sample(EventKind.ORDER_PAID, replace(WHOLE, share=frozenset()))

    assert whole.keys() - without.keys() == {"shipping_address", "shipping_city", "shipping_zip", "shipping_country"}


def test_a_sample_has_the_merchant_s_own_variables_with_made_up_values() -> None:
    season = OwnVariable(name="season", type=OwnType.TEXT, value="winter, secret code 4711")
    points = OwnVariable(name="points", type=OwnType.NUMBER, path="$.points", kinds=(EventKind.ORDER_PAID,))
    due = OwnVariable(name="due", type=OwnType.DATE, path="$.due")
    settings = replace(WHOLE, variables=(season, points, due))

    added = {
        kind: {name: value for name, value in sample(kind, settings).items() if name not in sample(kind)}
        for kind in (EventKind.ORDER_PAID, EventKind.CUSTOMER_CREATED)
    }

    assert added[EventKind.ORDER_PAID] == {"season": "example", "points": 12.5, "due": "2026-11-30"}
    assert added[EventKind.CUSTOMER_CREATED] == {"season": "example", "due": "2026-11-30"}


def test_a_sample_has_the_shop_s_type_of_product_id() -> None:
    settings = replace(WHOLE, store=StoreFacts(product_id_as_text=True))

    assert sample(EventKind.ORDER_PAID, settings)["product_id"] == "632910392"
    assert sample(EventKind.ORDER_PAID)["product_id"] == 632910392


@pytest.mark.parametrize(("shape", "name", "lines"), [(Shape.ARRAY, "", 2), (Shape.ITEM, "Red mug", 1)])
def test_a_sample_has_the_route_s_shape(shape: Shape, name: str, lines: int) -> None:
    route = Route(kind=EventKind.ORDER_PAID, shape=shape, lead=Lead.FIRST)
    settings = replace(WHOLE, table=replace(WHOLE.table, routes={route.kind: route}))

    fields = sample(EventKind.ORDER_PAID, settings)

    assert (fields["product_name"], len(fields["products"])) == (name, lines)
