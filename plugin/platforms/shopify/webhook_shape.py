"""Orders of the Admin API in the shape that webhooks have, so that one reader understands both."""

from typing import Any

from plugin.domain.payload import Payload


def like_a_webhook(order: Payload) -> Payload:
    """The query's aliases do most of it; what is nested one level deeper in GraphQL is lifted here."""
    customer = order.object("customer")
    lines = order.object("lines").objects("nodes")
    shape = {
        "customer": customer.fields
        | {"email": customer.object("email_address").text("text"), "phone": customer.object("phone_number").text("text")},
        "line_items": [line_like_a_webhook(line) for line in lines],
        "line_item_groups": [line.object("group").fields for line in lines],
        "shipping_lines": [line.fields for line in order.object("shipping").objects("nodes")],
        "discount_codes": [{"code": code} for code in order.texts("codes")],
        "landing_site": order.object("journey").object("last_visit").text("landing_page"),
    }
    return Payload(order.fields | shape, order.path)


def line_like_a_webhook(line: Payload) -> dict[str, Any]:
    """One line of it."""
    return line.fields | {
        "product_id": line.object("product").text("id"),
        "variant_id": line.object("variant").text("id"),
        "sales_line_item_group_id": line.object("group").text("id"),
    }
