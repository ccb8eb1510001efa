"""The lines of orders and checkouts, and their money."""

from plugin.domain.basket import Product
from plugin.domain.money import Money
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop

from .addresses import origin
from .ids import primary_key


def products(basket: Payload, shop: Shop) -> tuple[Product, ...]:
    """The lines as products, gifts last: what was given away never stands for what was bought."""
    lines = sorted(basket.objects("lines"), key=lambda line: line.truth("isGift"))
    currency = basket.object("channel").text("currencyCode")
    return tuple(_product(line, shop, currency) for line in lines)


def gross(taxed: Payload, currency: str) -> Money | None:
    """What the buyer pays, tax included."""
    return money(taxed.object("gross"), taxed.text("currency") or currency)


def money(amount: Payload, currency: str) -> Money | None:
    """An amount; its channel's currency where it names none."""
    number = amount.decimal("amount")
    return None if number is None else Money(amount=number, currency=(amount.text("currency") or currency).upper())


def _product(line: Payload, shop: Shop, currency: str) -> Product:
    variant = line.object("variant")
    product = variant.object("product")
    variant_id = variant.text("id") or line.text("productVariantId")
    sku = line.text("productSku") or variant.text("sku")
    variant_name = line.text("translatedVariantName") or line.text("variantName") or variant.text("name")
    quantity = line.whole("quantity")
    return Product(
        id=primary_key(product.text("id")),
        variant_id=primary_key(variant_id),
        name=line.text("translatedProductName") or line.text("productName") or product.text("name"),
        variant_name="" if variant_name in _no_names(variant_id, sku) else variant_name,
        slug=product.text("slug"),
        sku=sku,
        price=gross(line.object("unitPrice"), currency),
        quantity=quantity if quantity and quantity > 0 else 1,
        image=_picture(line, shop) or _picture(product, shop),
    )


def _no_names(variant_id: str, sku: str) -> tuple[str, ...]:
    # Saleor names a variant after its own id when nobody named it, and importers use the SKU.
    return (variant_id, primary_key(variant_id), sku)


def _picture(thing: Payload, shop: Shop) -> str:
    """An absolute address a mail can show; plain http only where the shop itself was let in over http."""
    url = thing.object("thumbnail").text("url")
    home = origin(shop.address)
    if url.startswith("//"):
        url = f"{home.partition(':')[0]}:{url}"
    elif url.startswith("/"):
        url = f"{home}{url}"
    return url if url.startswith(("https://", f"{home.partition(':')[0]}://")) else ""
