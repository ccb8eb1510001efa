"""The lines of a basket as products."""

from collections.abc import Iterable, Mapping
from typing import Final

from plugin.domain.basket import Product
from plugin.domain.payload import Payload
from plugin.turns import unhurried

from . import line_prices, lines

NO_VARIANT: Final = "Default Title"  #: Shopify's name for the only variant of a product without variants

Share = tuple[Payload, int]  #: a line, and how many of its pieces are spoken of
Bundles = Mapping[str, str]  #: the titles of what was chosen, by the id their lines name


def whole(lines_: Iterable[Payload]) -> list[Share]:
    """All pieces of these lines."""
    return [(line, lines.pieces(line)) for line in lines_]


def products(shares: Iterable[Share], plain_currency: str, bundles: Bundles | None = None) -> tuple[Product, ...]:
    """What is spoken of: no line without pieces, and none with a negative price, which is how some apps write a discount.

    What costs nothing comes last: a gift never stands for what was bought.
    """
    found = (_product(line, quantity, plain_currency, bundles or {}) for line, quantity in unhurried(shares) if quantity)
    return tuple(sorted((product for product in found if not _is_negative(product)), key=_is_gift))


def bundles_of(order: Payload) -> Bundles:
    """Since 2025-01 a bundle's lines are its parts, and what the buyer chose stands in a list beside them."""
    return {lines.last_number(group.text("id")): group.text("title") for group in order.objects("line_item_groups")}


def _product(line: Payload, quantity: int, plain_currency: str, bundles: Bundles) -> Product:
    product_id, seen = lines.number(line, "product_id"), line.text("presentment_title")
    variant = line.text("presentment_variant_title") or line.text("variant_title")
    price, line_total = line_prices.paid(line, plain_currency, quantity)
    return Product(
        id=product_id,
        variant_id=lines.number(line, "variant_id") if product_id else "",
        name=seen or line.text("title") or line.text("name"),
        variant_name="" if variant == NO_VARIANT else variant,
        sku=line.text("sku"),
        price=price,
        quantity=quantity,
        line_total=line_total,
        bundle=bundles.get(lines.last_number(line.text("sales_line_item_group_id")), ""),
        compare_at=line_prices.before(line, plain_currency, price),
        is_as_seen=bool(seen),
    )


def _is_gift(product: Product) -> bool:
    return product.line_total is not None and not product.line_total.amount


def _is_negative(product: Product) -> bool:
    return any(money.amount < 0 for money in (product.price, product.line_total) if money)
