"""Orders as every orders/* webhook carries them, and their lines."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from plugin.sandbox.sale import Sale, SaleLine

from .bodies import (
    GATEWAYS,
    LANDING,
    SHIPPING,
    SHOP_CURRENCY,
    Body,
    SaleState,
    address,
    customer,
    gid,
    line_id,
    money_set,
    stamp,
    text,
    zero,
)
from .carriers import PARCELS, tracking_number


def order_line(scene: SaleState, line: SaleLine, status: str | None) -> Body:
    sale, variant = scene.sale, line.variant
    title = line.product.title
    return {
        "id": line_id(sale, line),
        "admin_graphql_api_id": gid("LineItem", line_id(sale, line)),
        "attributed_staffs": [],
        "current_quantity": line.quantity,
        "fulfillable_quantity": 0 if status else line.quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": status,
        "gift_card": False,
        "grams": 300,
        "name": f"{title} - {variant.title}" if variant.title else title,
        "price": text(sale.unit_price(line, SHOP_CURRENCY)),
        "price_set": money_set(sale, lambda currency: sale.unit_price(line, currency)),
        "product_exists": True,
        "product_id": line.product.number,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": True,
        "sales_line_item_group_id": None,
        "sku": variant.sku,
        "taxable": True,
        "title": title,
        "total_discount": "0.00",
        "total_discount_set": money_set(sale, zero),
        "variant_id": variant.number,
        "variant_inventory_management": "shopify",
        "variant_title": variant.title or None,
        "vendor": "Demo",
        "tax_lines": [],
        "duties": [],
        "discount_allocations": [],
    }


# financial_status and fulfillment_status of an order in each topic.
STATUSES: Final[Mapping[str, tuple[str, str | None]]] = {
    "orders/create": ("pending", None),
    "orders/paid": ("paid", None),
    "orders/partially_fulfilled": ("paid", "partial"),
    "orders/fulfilled": ("paid", "fulfilled"),
    "orders/cancelled": ("voided", None),
}


def order(scene: SaleState, topic: str) -> Body:
    """An order as every orders/* webhook carries it."""
    financial, fulfilment = STATUSES[topic]
    is_cancelled = topic == "orders/cancelled"
    return {
        **_order_head(scene),
        "cancel_reason": "customer" if is_cancelled else None,
        "cancelled_at": scene.stamp if is_cancelled else None,
        "financial_status": financial,
        "fulfillment_status": fulfilment,
        **_order_totals(scene.sale),
        "billing_address": address(scene.sale),
        "shipping_address": address(scene.sale),
        "customer": customer(scene),
        "discount_applications": [],
        "fulfillments": [_fulfillment(scene, fulfilment)] if fulfilment else [],
        "line_items": [order_line(scene, line, _line_status(fulfilment, place)) for place, line in enumerate(scene.sale.lines)],
        "payment_terms": None,
        "refunds": [],
        "returns": [],
        "line_item_groups": [],
        "shipping_lines": [_shipping_line(scene.sale)],
    }


def _shipping_line(sale: Sale) -> Body:
    price, price_set = text(sale.shipping(SHOP_CURRENCY)), money_set(sale, sale.shipping)
    return {
        "id": 4_500_000_000_000 + sale.number,
        "carrier_identifier": None,
        "code": SHIPPING,
        "current_discounted_price_set": price_set,
        "discounted_price": price,
        "discounted_price_set": price_set,
        "is_removed": False,
        "phone": None,
        "price": price,
        "price_set": price_set,
        "requested_fulfillment_service_id": None,
        "source": "shopify",
        "title": SHIPPING,
        "tax_lines": [],
        "discount_allocations": [],
    }


def _line_status(fulfilment: str | None, place: int) -> str | None:
    """Of a partly sent order the first line is sent."""
    return "fulfilled" if fulfilment == "fulfilled" or (fulfilment == "partial" and place == 0) else None


def _order_head(scene: SaleState) -> Body:
    return {**_order_names(scene), **_order_origin(scene.sale), "updated_at": scene.stamp}


def _order_names(scene: SaleState) -> Body:
    """How the order is called, whose it is, and in which words and money."""
    sale, buyer = scene.sale, scene.sale.buyer
    return {
        "id": scene.order_id,
        "admin_graphql_api_id": gid("Order", scene.order_id),
        "buyer_accepts_marketing": buyer.accepts_marketing,
        "cart_token": sale.cart_token,
        "checkout_token": sale.token,
        "confirmation_number": f"D{sale.number:08d}"[-9:],
        "contact_email": buyer.email or None,
        "created_at": stamp(sale.began_at),
        "currency": SHOP_CURRENCY,
        "customer_locale": sale.locale or None,
        "email": buyer.email,  # '' and not null for a guest without one
        "name": f"#{sale.order_number}",
        "number": sale.order_number - 1000,
        "order_number": sale.order_number,
        "order_status_url": f"{scene.storefront}/61000000001/orders/{sale.order_uuid.hex}/authenticate?key={sale.token[:16]}",
        "phone": buyer.phone or None,
        "presentment_currency": sale.currency,
        "token": sale.order_uuid.hex,
    }


def _order_origin(sale: Sale) -> Body:
    """Where it came from, and what says nothing in the demo."""
    return {
        "app_id": 580111,
        "browser_ip": "203.0.113.9",
        "client_details": {"accept_language": sale.locale or None, "browser_ip": "203.0.113.9", "user_agent": "Demo/1.0"},
        "closed_at": None,
        "confirmed": True,
        "device_id": None,
        "discount_codes": [],
        "estimated_taxes": False,
        "landing_site": LANDING,
        "location_id": None,
        "merchant_of_record_app_id": None,
        "note": None,
        "note_attributes": [],
        "payment_gateway_names": list(GATEWAYS),
        "po_number": None,
        "processed_at": stamp(sale.began_at),
        "reference": None,
        "referring_site": None,
        "source_identifier": None,
        "source_name": "web",
        "source_url": None,
        "tags": "",
        "tax_exempt": False,
        "tax_lines": [],
        "taxes_included": True,
        "test": False,
        "total_weight": 300,
        "user_id": None,
    }


def _order_totals(sale: Sale) -> Body:
    # The plain numbers are the shop's money; only the *_set show what the buyer saw.
    totals: Mapping[str, Callable[[str], Decimal]] = {
        "current_subtotal_price": sale.subtotal,
        "current_total_discounts": zero,
        "current_total_price": sale.total,
        "current_total_tax": zero,
        "subtotal_price": sale.subtotal,
        "total_discounts": zero,
        "total_line_items_price": sale.subtotal,
        "total_price": sale.total,
        "total_tax": zero,
    }
    body: Body = {}
    for name, of in totals.items():
        body[name] = text(of(SHOP_CURRENCY))
        body[f"{name}_set"] = money_set(sale, of)
    return body | {
        "current_shipping_price_set": money_set(sale, sale.shipping),
        "total_shipping_price_set": money_set(sale, sale.shipping),
        "total_outstanding": "0.00",
        "total_tip_received": "0.00",
    }


def _fulfillment(scene: SaleState, status: str) -> Body:
    lines = scene.sale.lines if status == "fulfilled" else scene.sale.lines[:1]
    number = tracking_number(scene.sale)
    return {
        "id": PARCELS + scene.sale.number,
        "created_at": scene.stamp,
        "name": f"#{scene.sale.order_number}.1",
        "order_id": scene.order_id,
        "service": "manual",
        "shipment_status": None,
        "status": "success",
        "tracking_company": "Demo Post",
        "tracking_number": number,
        "tracking_numbers": [number],
        "tracking_url": f"{scene.storefront}/parcels/{number}",
        "tracking_urls": [f"{scene.storefront}/parcels/{number}"],
        "updated_at": scene.stamp,
        "line_items": [order_line(scene, line, "fulfilled") for line in lines],
    }
