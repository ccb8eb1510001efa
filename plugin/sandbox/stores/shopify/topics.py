"""What happens in the pretend Shopify, by our word for it: the topic and its body."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from plugin.sandbox.sale import SaleLine

from .bodies import (
    LANDING,
    SHOP_CURRENCY,
    Body,
    SaleState,
    address,
    changed_customer,
    customer,
    gid,
    line_id,
    money_set,
    new_customer,
    stamp,
    text,
    zero,
)
from .carriers import says
from .orders import order, order_line


def checkout(scene: SaleState) -> Body:
    """checkouts/create and checkouts/update: no id since 2026-04, prices without *_set, titles in two languages."""
    sale = scene.sale
    return {
        **_checkout_head(scene),
        **_checkout_silence(),
        "line_items": [_checkout_line(scene, line) for line in sale.lines],
        "total_discounts": "0.00",
        "total_line_items_price": text(sale.subtotal()),
        "total_price": text(sale.total()),
        "total_tax": "0.00",
        "subtotal_price": text(sale.subtotal()),
        "billing_address": address(sale),
        "shipping_address": address(sale),
        "customer": customer(scene),
    }


def _checkout_head(scene: SaleState) -> Body:
    sale, buyer = scene.sale, scene.sale.buyer
    recovery = f"{scene.storefront}/61000000001/checkouts/ac/{sale.cart_token}/recover?key={sale.token}"
    return {
        "token": sale.token,
        "cart_token": sale.cart_token,
        "name": f"#{sale.number}",
        "email": buyer.email or None,
        "phone": buyer.phone or None,
        "buyer_accepts_marketing": buyer.accepts_marketing,
        "buyer_accepts_sms_marketing": False,
        "sms_marketing_phone": None,
        "created_at": stamp(sale.began_at),
        "updated_at": scene.stamp,
        "completed_at": None,
        "closed_at": None,
        "currency": SHOP_CURRENCY,
        "presentment_currency": sale.currency,
        "customer_locale": sale.locale or None,
        "abandoned_checkout_url": f"{recovery}&locale={sale.locale}" if sale.locale else recovery,
    }


def _checkout_silence() -> Body:
    """Keys that say nothing in the demo; the app must live with each."""
    nothing = ("gateway", "note", "referring_site", "user_id", "location_id", "source", "source_identifier", "source_url")
    empty: Body = {name: [] for name in ("note_attributes", "shipping_lines", "discount_codes", "tax_lines")}
    return {
        **dict.fromkeys((*nothing, "device_id", "total_duties", "reservation_token")),
        **empty,
        "landing_site": LANDING,
        "source_name": "web",
        "taxes_included": True,
        "total_weight": 300,
    }


def _checkout_line(scene: SaleState, line: SaleLine) -> Body:
    sale, variant = scene.sale, line.variant
    return {
        "key": f"{line_id(sale, line):032x}",
        "applied_discounts": [],
        "discount_allocations": [],
        "fulfillment_service": "manual",
        "gift_card": False,
        "grams": 300,
        "presentment_title": line.product.title_in(sale.locale),
        "presentment_variant_title": variant.title or None,
        "product_id": line.product.number,
        "properties": None,
        "quantity": line.quantity,
        "requires_shipping": True,
        "sku": variant.sku,
        "tax_lines": [],
        "taxable": True,
        "title": line.product.title,
        "variant_id": variant.number,
        "variant_title": variant.title or None,
        "variant_price": text(sale.unit_price(line)),
        "vendor": "Demo",
        "user_id": None,
        "rank": None,
        "compare_at_price": None,
        "line_price": text(sale.line_price(line)),
        "price": text(sale.unit_price(line)),
    }


def refund(scene: SaleState) -> Body:
    """refunds/create: the first line given back; no buyer, no address, no locale in it."""
    sale, line = scene.sale, scene.sale.lines[0]
    number = 900_000_000_000 + (sale.number % 10**9) * 10 + scene.turn
    return {
        "id": number,
        "order_id": scene.order_id,
        "created_at": scene.stamp,
        "note": "Arrived broken",
        "user_id": 110000001,
        "processed_at": scene.stamp,
        "duties": [],
        "total_duties_set": money_set(sale, zero),
        "return": None,
        "refund_shipping_lines": [],
        "restock": False,
        "admin_graphql_api_id": gid("Refund", number),
        "order_adjustments": [],
        "refund_line_items": [
            {
                "id": number + 1,
                "quantity": line.quantity,
                "line_item_id": line_id(sale, line),
                "location_id": None,
                "restock_type": "no_restock",
                "subtotal": float(sale.line_price(line, SHOP_CURRENCY)),  # numbers here, texts everywhere else
                "total_tax": 0,
                "subtotal_set": money_set(sale, lambda currency: sale.line_price(line, currency)),
                "total_tax_set": money_set(sale, zero),
                "line_item": order_line(scene, line, None),
            }
        ],
        "transactions": [_refund_transaction(scene, number, line)],
    }


def _refund_transaction(scene: SaleState, number: int, line: SaleLine) -> dict[str, Any]:
    sale = scene.sale
    return {
        "id": number + 2,
        "order_id": scene.order_id,
        "kind": "refund",
        "gateway": "manual",
        "status": "success",
        "message": "Refunded",
        "created_at": scene.stamp,
        "test": False,
        "authorization": None,
        "parent_id": None,
        "processed_at": scene.stamp,
        "source_name": "web",
        "receipt": {},
        "amount": text(sale.line_price(line)),
        "currency": sale.currency,
        "admin_graphql_api_id": gid("OrderTransaction", number + 2),
    }


def _order_in(topic: str) -> Callable[[SaleState], Body]:
    return lambda scene: order(scene, topic)


TOPICS: Final[Mapping[str, tuple[str, Callable[[SaleState], Body]]]] = {
    "checkout_started": ("checkouts/create", checkout),
    "cart_updated": ("checkouts/update", checkout),
    "cart_abandoned": ("checkouts/update", checkout),  # no store says so: the cart only stays as it is
    "order_created": ("orders/create", _order_in("orders/create")),
    "order_paid": ("orders/paid", _order_in("orders/paid")),
    "order_partially_fulfilled": ("orders/partially_fulfilled", _order_in("orders/partially_fulfilled")),
    "order_fulfilled": ("orders/fulfilled", _order_in("orders/fulfilled")),
    "order_out_for_delivery": ("fulfillment_events/create", says("out_for_delivery")),
    "order_delivered": ("fulfillment_events/create", says("delivered")),
    "order_cancelled": ("orders/cancelled", _order_in("orders/cancelled")),
    "order_refunded": ("refunds/create", refund),
    "customer_created": ("customers/create", new_customer),
    "customer_updated": ("customers/update", changed_customer),
}
