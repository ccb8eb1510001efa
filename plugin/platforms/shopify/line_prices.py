"""What is paid for a line: its price after its discounts, so that the lines of a basket add up."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from plugin.domain.money import Money, amount_text
from plugin.domain.payload import Payload

from . import lines

# Where a line lists its discounts: orders and checkouts, draft-like checkouts, carts. One list says all of them.
DISCOUNTS: Final = ("discount_allocations", "applied_discounts", "discounts")


def paid(line: Payload, plain_currency: str, quantity: int) -> tuple[Money | None, Money | None]:
    """What one piece costs, and so many of the line's pieces together; the discounts are the same for each piece."""
    full = lines.money(line, "price", plain_currency) or lines.money(line, "variant_price", plain_currency)
    if full is None:
        return None, None
    pieces = lines.pieces(line) or 1
    whole = full.amount * pieces
    after = _after_discounts(line, plain_currency, full, pieces)
    if after == whole or not quantity:
        return full, replace(full, amount=full.amount * quantity)
    total = _rounded(replace(full, amount=after * quantity / pieces))
    return _rounded(replace(full, amount=total.amount / quantity)), total


def before(line: Payload, plain_currency: str, price: Money | None) -> Money | None:
    """What one piece cost before, where it costs less now."""
    found = lines.money(line, "compare_at_price", plain_currency)
    is_dearer = found and price and found.currency == price.currency and found.amount > price.amount
    return found if is_dearer else None


def _after_discounts(line: Payload, plain_currency: str, full: Money, pieces: int) -> Decimal:
    """Of all its pieces: what is left of the price, or what the line says itself where that is less."""

    def said(body: Payload, name: str) -> Decimal | None:
        """The amount in the price's currency: another one's cannot be taken from it."""
        found = lines.money(body, name, plain_currency)
        return found.amount if found and found.currency == full.currency else None

    listed = next(filter(None, (line.objects(name) for name in DISCOUNTS)), ())
    discounts = [said(one, "amount") for one in listed] or [said(line, "total_discount")]
    left = full.amount * pieces - sum((discount for discount in discounts if discount), Decimal(0))
    one, together = said(line, "discounted_price"), said(line, "line_price")
    if together == full.amount:  # of one piece, in bodies that are not Shopify's own; a real discount is listed
        together = None
    return min(amount for amount in (left, together, one and one * pieces) if amount is not None)


def _rounded(money: Money) -> Money:
    text = amount_text(money)
    return replace(money, amount=Decimal(text)) if text else money
