"""One sale in a pretend store: a basket on its way from cart to refund."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from plugin.sandbox.buyers import SampleBuyer
from plugin.sandbox.catalogue import SampleProduct, SampleVariant, price_in

_SPACE = UUID("0b7f3f0e-8d1c-4f55-9a52-0d6a6a3f1c11")  # any fixed value: names within it are ours
SHIPPING_EUROS = Decimal("4.90")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """So many pieces of one variant."""

    number: int  #: the line's id
    product: SampleProduct
    variant: SampleVariant
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A buyer, what they take, and the ids it goes by in the store."""

    number: int  #: grows with every sale; the order's id is made from it
    buyer: SampleBuyer
    locale: str  #: the buyer's, or what the page asked for instead
    lines: tuple[SaleLine, ...]
    began_at: datetime

    @property
    def order_number(self) -> int:
        """What the buyer reads: #1042."""
        return 1000 + self.number % 9000

    @property
    def token(self) -> str:
        """32 hexadecimal digits: the checkout's token."""
        return uuid5(_SPACE, f"checkout {self.number}").hex

    @property
    def cart_token(self) -> str:
        return uuid5(_SPACE, f"cart {self.number}").hex

    @property
    def order_uuid(self) -> UUID:
        return uuid5(_SPACE, f"order {self.number}")

    @property
    def checkout_uuid(self) -> UUID:
        return uuid5(_SPACE, f"checkout {self.number}")

    @property
    def currency(self) -> str:
        return self.buyer.currency

    def unit_price(self, line: SaleLine, currency: str = "") -> Decimal:
        """One piece of the line, in the buyer's currency or another."""
        return price_in(line.variant.euros, currency or self.currency)

    def line_price(self, line: SaleLine, currency: str = "") -> Decimal:
        return self.unit_price(line, currency) * line.quantity

    def subtotal(self, currency: str = "") -> Decimal:
        return sum((self.line_price(line, currency) for line in self.lines), Decimal(0))

    def shipping(self, currency: str = "") -> Decimal:
        return price_in(SHIPPING_EUROS, currency or self.currency)

    def total(self, currency: str = "") -> Decimal:
        return self.subtotal(currency) + self.shipping(currency)
