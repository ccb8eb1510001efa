"""What was bought or is about to be: the lines of a cart, a checkout or an order."""

from dataclasses import dataclass
from decimal import Decimal

from plugin.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One line of a basket."""

    id: str  #: the platform's product id as text (Shopify's number, Saleor's primary key); "" for a custom item
    variant_id: str = ""  #: same for the variant
    name: str = ""
    variant_name: str = ""
    slug: str = ""  #: the product's handle in the shop's addresses
    sku: str = ""
    price: Money | None  #: of one piece, as the buyer pays for it: after the line's own discounts
    quantity: int = 1
    line_total: Money | None = None  #: of all pieces; None: price times quantity
    link: str = ""  #: absolute address of the product's page; "" until known
    image: str = ""  #: absolute address of its picture; "" until known
    bundle: str = ""  #: the name of the bundle it was bought in
    compare_at: Money | None = None  #: what one piece cost before; None where it costs no less now
    is_as_seen: bool = False  #: the store says that the names are the words the buyer saw: nothing knows them better


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """A cart, a checkout or an order, as it stood when the event happened."""

    keys: tuple[str, ...]
    """Every name this basket goes by, the most lasting first: `checkout:<token>`, `cart:<token>`, `order:<id>`.

    Two baskets with a name in common are the same one; the first name orders its deliveries.
    """
    products: tuple[Product, ...] = ()
    total: Money | None = None  #: of what the event is about: the order, the cart, or the money that went back
    order_total: Money | None = None  #: the whole order's, where `total` is a part of it
    refunded: Money | None = None  #: all that has gone back by now, where the store does not say what this refund gave
    order_id: str = ""
    order_number: str = ""  #: as the buyer knows it
    order_link: str = ""  #: the buyer's order page
    cart_link: str = ""  #: opens the basket again
    channel: str = ""  #: Saleor channel slug, Shopify source name
    country: str = ""  #: ISO 3166 alpha-2 of the shipping or billing address

    @property
    def quantity(self) -> int:
        """Pieces in all lines together."""
        return sum(product.quantity for product in self.products)


def amount(money: Money | None) -> Decimal:
    """The amount for comparing, zero when unknown."""
    return money.amount if money else Decimal(0)
