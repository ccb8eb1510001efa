"""The table of our keys: complete, and with the types that merchants declared once."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.routing import Route
from plugin.domain.settings import NO_SETTINGS, PersonalData, ShopSettings
from plugin.domain.variables import LINES, PARCELS, VARIABLES, Variable, all_names, of_kind
from plugin.sendpulse.body import bodies
from tests.sendpulse.test_body_properties import events
from tests.support.sendpulse.fit_bodies import LINE_ORDER, ORDER, PARCEL_ORDER
from tests.support.sendpulse.samples import SHOP

LEDGER = Path(__file__).parent / "ledger.json"  #: every key that ever left, with its type: lines are only added
SHARING = ShopSettings(table=NO_SETTINGS.table, share=frozenset(PersonalData))
TYPES = {"text": (str,), "date": (str,), "number": (int, float), "list": (list,)}


def types_of(table: tuple[Variable, ...], place: str = "") -> dict[str, str]:
    return {f"{place}{variable.name}": variable.type.value for variable in table}


def test_a_key_keeps_its_type_for_ever() -> None:
    """A merchant declares it in SendPulse, and flows filter by it: to change one, give the new value a new name."""
    kept = json.loads(LEDGER.read_text(encoding="utf-8"))

    now = types_of(tuple(VARIABLES.values())) | types_of(LINES, "products.") | types_of(PARCELS, "parcels.")

    assert {name: type for name, type in now.items() if name not in kept} == {}, "a new key: add it to the ledger"
    assert now == kept


def test_the_table_is_in_the_order_of_a_body() -> None:
    assert list(VARIABLES) == ORDER
    assert [variable.name for variable in LINES] == LINE_ORDER
    assert [variable.name for variable in PARCELS] == PARCEL_ORDER


def test_every_kind_has_its_keys_and_every_key_a_kind() -> None:
    assert all(variable.kinds and variable.about for variable in VARIABLES.values())
    for kind in EventKind:
        names = {variable.name for variable in of_kind(kind)}
        assert ("products" in names) is KINDS[kind].has_products
        assert {"email", "product_name", "event_date", "locale"} <= names
    assert {"sku", "parcels", "variant_name", "email"} & set(all_names()) == {"parcels", "variant_name", "email"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(event=events.filter(lambda event: KINDS[event.kind].has_products or not event.basket))
def test_a_body_has_no_key_but_those_of_its_kind(event: StoreEvent) -> None:
    (body,) = bodies(event, Route(kind=event.kind), None, SHOP, SHARING, lambda *_: "https://app.example/go/x")

    fields = json.loads(body.text)
    fits(fields, {variable.name: variable for variable in of_kind(event.kind)})
    for level, table in (("products", LINES), ("parcels", PARCELS)):
        for one in fields.get(level, []):
            fits(one, {variable.name: variable for variable in table})


def fits(fields: dict[str, Any], known: dict[str, Variable]) -> None:
    assert fields.keys() <= known.keys()
    for name, value in fields.items():
        assert isinstance(value, TYPES[known[name].type]), name
