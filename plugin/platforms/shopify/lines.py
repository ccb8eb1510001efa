"""Reading lines and money, in the currency the buyer saw."""

from dataclasses import replace
from typing import Final

from plugin.domain.money import Money
from plugin.domain.payload import Payload

MOST_PIECES: Final = 1_000_000


def currency_of_order(order: Payload) -> str:
    """The currency of an order's plain prices: the shop's, even where the buyer saw another."""
    return currency(order.text("currency")) or currency(order.text("presentment_currency"))


def currency_of_checkout(checkout: Payload) -> str:
    """The currency of a checkout's plain prices: the buyer's, unlike in the order that comes of it.

    Told by Shopify's guide to multiple currencies; no real body with two currencies was seen.
    """
    return currency(checkout.text("presentment_currency")) or currency(checkout.text("currency"))


def money(body: Payload, name: str, plain_currency: str) -> Money | None:
    """What the buyer saw: `<name>_set` in the buyer's currency, else the plain number."""
    pair = body.object(f"{name}_set")
    for side in (pair.object("presentment_money"), pair.object("shop_money")):
        if found := amount(side):
            return found if found.currency else replace(found, currency=plain_currency)
    number_alone = body.decimal(name)
    return None if number_alone is None else Money(amount=number_alone, currency=plain_currency)


def amount(side: Payload) -> Money | None:
    """An amount beside its currency."""
    found = side.decimal("amount")
    return None if found is None else Money(amount=found, currency=currency(side.text("currency_code")))


def currency(text: str) -> str:
    """An ISO 4217 code in upper case, "" for anything else."""
    return text.upper() if len(text) == 3 and text.isascii() and text.isalpha() else ""


def number(body: Payload, name: str) -> str:
    """An id as text, "" where there is none: a custom item, a tip, a deleted product.

    Ids have up to 18 digits, more than a float or JavaScript can hold, so they stay text.
    """
    found = body.whole(name)
    return str(found) if found and found > 0 else ""


def pieces(line: Payload, name: str = "quantity") -> int:
    found = line.whole(name)
    return found if found is not None and 0 <= found <= MOST_PIECES else 1


def pieces_left(line: Payload) -> int:
    """What an order's line still holds after edits and refunds; older bodies do not say."""
    return pieces(line, "current_quantity" if line.whole("current_quantity") is not None else "quantity")


def last_number(text: str) -> str:
    """The number at the end of a global id, or the number itself."""
    return text.rpartition("/")[2]


def link(text: str) -> str:
    """An address a buyer may be sent to, untouched; "" for anything that is none."""
    is_address = text.startswith(("https://", "http://")) and not any(character.isspace() for character in text)
    return text if is_address else ""
