"""The lines of orders, checkouts and parcels, and their money."""

from typing import Any

from plugin.domain.basket import Product, amount
from plugin.domain.money import Money
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop
from plugin.turns import unhurried

from .ids import primary_key
from .languages import translated_name
from .pictures import picture


def products(basket: Payload, shop: Shop, language: str) -> tuple[Product, ...]:
    """The lines as products, gifts last: what was given away never stands for what was bought."""
    lines = sorted(bought_lines(basket), key=lambda line: line.truth("isGift"))
    currency = basket.object("channel").text("currencyCode")
    return tuple(_product(line, shop, currency, language) for line in unhurried(lines))


def bought_lines(basket: Payload) -> list[Payload]:
    """The lines of what somebody gets: Saleor up to 3.21.30 could give a gift line a negative price.

    https://github.com/saleor/saleor/pull/18472
    """
    return [line for line in unhurried(basket.objects("lines")) if not _is_negative(line)]


def with_lines_of(order: Payload, fulfillment: Payload) -> Payload:
    """The order as if it were this parcel's lines only; all of them where the body does not list any."""
    packed = [_packed(line) for line in fulfillment.objects("lines") if line.object("orderLine")]
    return Payload({**order.fields, "lines": packed}, order.path) if packed else order


def gross(taxed: Payload, currency: str) -> Money | None:
    """What the buyer pays, tax included."""
    return money(taxed.object("gross"), taxed.text("currency") or currency)


def money(amount: Payload, currency: str) -> Money | None:
    """An amount; its channel's currency where it names none."""
    number = amount.decimal("amount")
    return None if number is None else Money(amount=number, currency=(amount.text("currency") or currency).upper())


def _packed(line: Payload) -> dict[str, Any]:
    """A line of a parcel, written as the order's own; the line's exact total is the parcel's where it is all of it."""
    ordered = line.object("orderLine")
    if line.whole("quantity") == ordered.whole("quantity"):
        return dict(ordered.fields)
    return {**ordered.fields, "quantity": line.fields.get("quantity"), "totalPrice": None}


def _is_negative(line: Payload) -> bool:
    return any(amount(gross(line.object(word), "")) < 0 for word in ("unitPrice", "totalPrice"))


def _product(line: Payload, shop: Shop, currency: str, language: str) -> Product:
    variant = line.object("variant")
    product = variant.object("product")
    variant_id = variant.text("id") or line.text("productVariantId")
    sku = line.text("productSku") or variant.text("sku")
    quantity = line.whole("quantity")
    name = line.text("translatedProductName") or translated_name(product, language)
    return Product(
        id=primary_key(product.text("id")),
        variant_id=primary_key(variant_id),
        name=name or line.text("productName") or product.text("name"),
        variant_name=_variant_name(line, variant, language, no_names=(variant_id, primary_key(variant_id), sku)),
        slug=product.text("slug"),
        sku=sku,
        price=gross(line.object("unitPrice"), currency),
        quantity=quantity if quantity and quantity > 0 else 1,
        line_total=gross(line.object("totalPrice"), currency),
        image=picture(line, shop),
        compare_at=_before(line, currency),
        is_as_seen=bool(name),
    )


def _before(line: Payload, currency: str) -> Money | None:
    """What one piece of a cart's line costs without discounts; where prices are kept without tax, that is without tax too."""
    price, before = gross(line.object("unitPrice"), currency), money(line.object("undiscountedUnitPrice"), currency)
    return before if price and before and before.currency == price.currency and before.amount > price.amount else None


def _variant_name(line: Payload, variant: Payload, language: str, *, no_names: tuple[str, ...]) -> str:
    """Saleor names a variant after its own id when nobody named it, and importers use the SKU: those are no names."""
    translated = line.text("translatedVariantName") or translated_name(variant, language)
    name = translated or line.text("variantName") or variant.text("name")
    return "" if name in no_names else name
