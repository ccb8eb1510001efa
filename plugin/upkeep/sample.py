"""The body of one kind in a shop's real shape, with made-up values: what SendPulse is shown to know an event by."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from plugin.domain.basket import Basket, Product
from plugin.domain.contact import Consent, tidy_contact
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.facts import Address, Facts, Tracking
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.money import Money
from plugin.domain.own import OwnType
from plugin.domain.routing import Route
from plugin.domain.settings import ShopSettings, StoreFacts
from plugin.domain.shop import Shop
from plugin.domain.variables import LINES, VARIABLES
from plugin.ports import WriteBodies

OWN_EXAMPLES: Final[Mapping[OwnType, str]] = {OwnType.TEXT: "example", OwnType.NUMBER: "12.5", OwnType.DATE: "2026-11-30"}
_ZONE: Final = "Europe/Warsaw"  #: that of the examples' times
_LINE: Final = {variable.name: str(variable.example) for variable in LINES}


def sample_fields(kind: EventKind, shop: Shop, settings: ShopSettings, *, write_bodies: WriteBodies) -> Mapping[str, Any]:
    """What a body of this kind says: this shop's keys and types, and nothing of the shop beside them.

    Without `automation_id`: SendPulse reads that by itself, and nobody may have a variable of that name.
    """
    route = settings.table.routes.get(kind) or Route(kind=kind)
    example = replace(shop, name=_of("store_name"), link=_of("store_link"), timezone=_ZONE)
    store = StoreFacts(product_id_as_text=settings.store.product_id_as_text)
    own = tuple(replace(variable, value=OWN_EXAMPLES[variable.type], path="") for variable in settings.variables)
    told = replace(settings, store=store, variables=own)
    first, *_others = write_bodies(sample_event(kind), route, None, example, told, lambda address, _names: address)
    fields: dict[str, Any] = json.loads(first.text)
    return fields


def sample_event(kind: EventKind) -> StoreEvent:
    """An event that tells everything a store could tell of this kind, made of the examples in the table of our keys."""
    contact = tidy_contact(
        emails=[_of("email")], phones=[_of("phone")], first_name=_of("first_name"), last_name=_of("last_name"),
        consent=Consent.SUBSCRIBED,
    )  # fmt: skip
    return StoreEvent(
        kind=kind,
        object_id=_of("order_id"),
        happened_at=datetime.fromisoformat(_of("event_time")),
        contact=contact,
        basket=_basket(kind) if KINDS[kind].has_products else None,
        locale=BuyerLocale(raw=_of("locale"), origin=LocaleOrigin.ORDER),
        facts=_facts(),
    )


def _basket(kind: EventKind) -> Basket:
    basket = Basket(keys=("sample",), products=_products(kind), total=_money("total"))
    if KINDS[kind].is_cart:
        return replace(basket, cart_link=_of("cart_link"))
    is_refund = kind is EventKind.ORDER_REFUNDED
    return replace(
        basket, order_total=_money("order_total") if is_refund else None, order_id=_of("order_id"),
        order_number=_of("order_number"), order_link=_of("order_link"),
    )  # fmt: skip


def _products(kind: EventKind) -> tuple[Product, ...]:
    """Two lines: one that says everything, and one piece more of the same price."""
    compare_at = Money(amount=Decimal(_LINE["compare_at_price"]), currency=_of("currency"))
    first = Product(
        id=_LINE["product_id"], name=_LINE["product_name"], link=_LINE["product_link"], image=_LINE["product_img_url"],
        price=_money("product_price"), quantity=int(_LINE["quantity"]), variant_name=_LINE["variant_name"],
        bundle=_LINE["bundle_name"], sku=_LINE["product_sku"], compare_at=compare_at if KINDS[kind].is_cart else None,
    )  # fmt: skip
    return first, replace(first, quantity=int(_of("quantity")) - first.quantity)


def _facts() -> Facts:
    parcel = Tracking(number=_of("tracking_number"), company=_of("tracking_company"), link=_of("tracking_link"))
    address = Address(
        street=_of("shipping_address"), city=_of("shipping_city"), zip=_of("shipping_zip"), country=_of("shipping_country")
    )
    return Facts(
        subtotal=_money("subtotal"), tax=_money("tax"), shipping_price=_money("shipping_price"),
        discount_total=_money("discount_total"), discount_code=_of("discount_code"), shipping_method=_of("shipping_method"),
        payment_method=_of("payment_method"), note=_of("order_note"), tags=tuple(_of("order_tags").split(", ")),
        source=_of("order_source"), utm_source=_of("utm_source"), utm_medium=_of("utm_medium"),
        utm_campaign=_of("utm_campaign"), cancel_reason=_of("cancel_reason"), refund_reason=_of("refund_reason"),
        tracking=(parcel,), address=address, order_count=int(_of("order_count")), total_spent=_money("total_spent"),
        customer_tags=tuple(_of("customer_tags").split(", ")),
    )  # fmt: skip


def _money(name: str) -> Money:
    return Money(amount=Decimal(_of(name)), currency=_of("currency"))


def _of(name: str) -> str:
    return str(VARIABLES[name].example)
