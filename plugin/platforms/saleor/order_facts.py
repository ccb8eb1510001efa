"""What an order or a checkout tells beside what was bought, and by whom: money parts, notes, where it goes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from plugin.domain.basket import amount
from plugin.domain.facts import NO_FACTS, Address, Facts, Tracking
from plugin.domain.money import Money
from plugin.domain.payload import Payload

from .lines import gross, money
from .people import is_picked_up

MOST_PAYMENTS: Final = 5  #: named in one text
_PAID: Final = ("CHARGE_SUCCESS", "AUTHORIZATION_SUCCESS")
_FAILED: Final = "_FAILURE"  #: ends the type of what did not succeed
_GIVEN_BACK: Final = "REFUND_SUCCESS"


def order_facts(order: Payload) -> Facts:
    """What every event of this order tells; Saleor has no tags of orders, and no reason why one was cancelled."""
    currency = order.object("channel").text("currencyCode")
    return replace(
        _facts(order),
        subtotal=gross(order.object("subtotal"), currency),
        tax=money(order.object("total").object("tax"), currency),
        shipping_price=_shipping_price(order, currency),
        discount_total=_saved(order, currency),
        shipping_method=_shipping_method(order),
        payment_method=_payment_method(order),
        note=order.text("customerNote"),
        source=order.text("origin"),
    )


def checkout_facts(checkout: Payload) -> Facts:
    """What every event of this checkout tells; of its discount only what a voucher gave is known."""
    currency = checkout.object("channel").text("currencyCode")
    return replace(
        _facts(checkout),
        subtotal=gross(checkout.object("subtotalPrice"), currency),
        discount_total=_above_zero(money(checkout.object("discount"), currency)),
    )


def refund_reason(order: Payload) -> str:
    """Why the newest refund was granted; "" where money went back since then for another reason."""
    granted_at, reason = max(
        ((when, grant.text("reason")) for grant in order.objects("grantedRefunds") if (when := grant.when("createdAt"))),
        default=(None, ""),
    )
    before_this_one = sorted(_refunds(order))[:-1]
    return "" if granted_at is None or any(granted_at <= earlier for earlier in before_this_one) else reason


def tracking(fulfillments: Iterable[Payload]) -> tuple[Tracking, ...]:
    """How these parcels are followed, in their order; Saleor knows no carrier, and keeps a link where the number is."""
    numbers = (fulfillment.text("trackingNumber") for fulfillment in fulfillments)
    return tuple(Tracking(link=number) if _is_link(number) else Tracking(number=number) for number in numbers if number)


def _facts(basket: Payload) -> Facts:
    said = {item.text("key").lower(): item.text("value") for item in reversed(basket.objects("metadata"))}
    return replace(
        NO_FACTS,
        discount_code=basket.text("voucherCode"),
        utm_source=said.get("utm_source", ""),
        utm_medium=said.get("utm_medium", ""),
        utm_campaign=said.get("utm_campaign", ""),
        address=None if is_picked_up(basket) else _address(basket.object("shippingAddress")),
    )


def _address(found: Payload) -> Address | None:
    lines = (found.text("streetAddress1"), found.text("streetAddress2"))
    country = found.object("country")
    address = Address(
        street=", ".join(line for line in lines if line),
        city=found.text("city"),
        zip=found.text("postalCode"),
        country=country.text("country") or country.text("code"),
    )
    return None if address == Address() else address


def _shipping_method(order: Payload) -> str:
    return order.text("shippingMethodName") or order.text("collectionPointName")


def _shipping_price(order: Payload, currency: str) -> Money | None:
    """Saleor writes zero also where nothing is sent."""
    price = gross(order.object("shippingPrice"), currency)
    return price if _shipping_method(order) else _above_zero(price)


def _saved(order: Payload, currency: str) -> Money | None:
    """What was taken off; unknown where a gift card paid a part, since the total then says what is left to pay."""
    total, undiscounted, subtotal, shipping = (
        gross(order.object(name), currency) for name in ("total", "undiscountedTotal", "subtotal", "shippingPrice")
    )
    if not (total and undiscounted and subtotal and shipping):
        return None
    if total.amount != subtotal.amount + shipping.amount or total.currency != undiscounted.currency:
        return None
    return _above_zero(replace(total, amount=undiscounted.amount - total.amount))


def _above_zero(sum: Money | None) -> Money | None:
    return sum if amount(sum) > 0 else None


def _payment_method(order: Payload) -> str:
    """By what payment apps call their transactions: those that brought money, else those that may still."""
    types = [(each, [event.text("type") for event in each.objects("events")]) for each in order.objects("transactions")]
    paid = [each for each, said in types if any(type in _PAID for type in said)]
    awaited = [each for each, said in types if not any(type.endswith(_FAILED) for type in said)]
    names = dict.fromkeys(name for each in paid or awaited if (name := each.text("name")))
    return ", ".join(islice(names, MOST_PAYMENTS))


def _refunds(order: Payload) -> Iterable[datetime]:
    events = (event for transaction in order.objects("transactions") for event in transaction.objects("events"))
    return (when for event in events if event.text("type") == _GIVEN_BACK and (when := event.when("createdAt")))


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(map(str.isspace, text))
