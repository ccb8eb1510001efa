"""What only the Admin API can add to an event, written in `StoreEvent.wants`: words such as `customer:17 products`."""

from collections.abc import Mapping, Sequence
from typing import Final

from plugin.domain.basket import Product
from plugin.domain.contact import Contact
from plugin.domain.event import BuyerLocale

ORDER: Final = "order"
CUSTOMER: Final = "customer"
HISTORY: Final = "history"
CONSENT: Final = "consent"
PARCEL: Final = "parcel"
PRODUCTS: Final = "products"


def for_basket(contact: Contact | None, products: Sequence[Product], locale: BuyerLocale, customer_id: str) -> str:
    """What a checkout wants; nothing when there is nobody to write to."""
    if contact is None:
        return ""
    words = [f"{CUSTOMER}:{customer_id}"] if customer_id and not locale.is_buyers else []
    words += [PRODUCTS] if any(product.id for product in products) else []
    words += [f"{CONSENT}:{customer_id}"] if customer_id else []
    return " ".join(words)


def for_order(contact: Contact | None, products: Sequence[Product], locale: BuyerLocale, customer_id: str) -> str:
    """What an order wants: what a basket does, and its customer's orders before."""
    wanted = for_basket(contact, products, locale, customer_id)
    return f"{wanted} {HISTORY}:{customer_id}" if wanted and customer_id else wanted


def for_customer(contact: Contact | None, customer_id: str) -> str:
    """What a customer's own event wants: locale and consent, which their webhooks do not carry."""
    return f"{CUSTOMER}:{customer_id}" if contact and customer_id else ""


def for_refund(order_number: str) -> str:
    """What a refund wants: nearly everything; its webhook does not even say whose it is. "" where no order is named."""
    return f"{ORDER}:{order_number} {PRODUCTS}" if order_number else ""


def for_parcel(order_number: str, parcel_number: str) -> str:
    """What a carrier's word of a parcel wants: its order, and what is in it."""
    parcel = f"{PARCEL}:{parcel_number} " if parcel_number else ""
    return f"{ORDER}:{order_number} {parcel}{PRODUCTS}" if order_number else ""


def read(wants: str) -> Mapping[str, str]:
    """The words and the ids behind them."""
    return {word: number for word, _, number in (part.partition(":") for part in wants.split())}


def lasting(wants: str) -> str:
    """What is wanted anew each time an event is completed: a cart may be told again hours later, and consent taken back."""
    return " ".join(part for part in wants.split() if part.startswith(f"{CONSENT}:"))
