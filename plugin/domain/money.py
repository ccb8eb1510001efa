"""Money: an exact amount and its currency."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in one currency; never a float."""

    amount: Decimal
    currency: str  #: ISO 4217, upper case; "" when the store did not say
