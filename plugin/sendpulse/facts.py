"""What a body says beside its products and its people: money parts, parcels, reasons, history, address."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from plugin.domain.contact import Consent, Contact
from plugin.domain.event import StoreEvent
from plugin.domain.facts import Address, Facts, Tracking
from plugin.domain.money import Money, amount_text
from plugin.domain.routing import MOST_LINES
from plugin.domain.variables import NAMES
from plugin.sendpulse.text import plain

Fields = dict[str, Any]
Written = Callable[[Money], str]  #: an amount as the buyer writes it
Link = Callable[[str], str]  #: an address as it leaves

_ANSWERS: Final = {Consent.SUBSCRIBED: "yes", Consent.NOT_SUBSCRIBED: "no", Consent.UNKNOWN: "unknown"}
_MOST_DIGITS: Final = 15  #: of a Number: more are lost where it is read as a float, IEEE 754


def fact_fields(
    event: StoreEvent, contact: Contact, *, currency: str, written: Written, link: Link, with_address: bool
) -> Fields:
    """The keys that bodies of this kind have and that say something, in the order of their table.

    `currency` is what the body names beside its amounts: one in another would be read as if it were in that.
    """
    facts = event.facts
    followed = list(dict.fromkeys(facts.tracking))[:MOST_LINES]  # several parcels may leave under one number
    parcels = [told for one in followed if (told := _parcel(one, link))]
    told = (
        _money(facts, currency, written)
        | _texts(facts)
        | (parcels[0] if parcels else {})
        | (_address(facts.address) if with_address and facts.address else {})
        | _history(facts, written)
        | {"customer_tags": _listed(facts.customer_tags), "marketing_consent": _ANSWERS[contact.consent]}
        | {"parcels": parcels}
    )
    known = NAMES[event.kind]
    return {name: value for name, value in told.items() if name in known and value not in ("", None, [])}


def _money(facts: Facts, currency: str, written: Written) -> Fields:
    amounts = {
        "subtotal": facts.subtotal,
        "tax": facts.tax,
        "shipping_price": facts.shipping_price,
        "discount_total": facts.discount_total,
    }
    return {
        name: text
        for key, money in amounts.items()
        if money and (not currency or money.currency in ("", currency))
        for name, text in ((key, amount_text(money)), (f"{key}_text", written(money)))
    }


def _texts(facts: Facts) -> Fields:
    texts = {
        "discount_code": facts.discount_code,
        "shipping_method": facts.shipping_method,
        "payment_method": facts.payment_method,
        "order_note": facts.note,
        "order_tags": _listed(facts.tags),
        "order_source": facts.source,
        "utm_source": facts.utm_source,
        "utm_medium": facts.utm_medium,
        "utm_campaign": facts.utm_campaign,
        "cancel_reason": facts.cancel_reason,
        "refund_reason": facts.refund_reason,
    }
    return {name: plain(text) for name, text in texts.items() if text}


def _parcel(parcel: Tracking, link: Link) -> Fields:
    told = {
        "tracking_number": plain(parcel.number),
        "tracking_company": plain(parcel.company),
        "tracking_link": link(parcel.link),
    }
    return {name: text for name, text in told.items() if text}


def _address(address: Address) -> Fields:
    return {
        "shipping_address": plain(address.street),
        "shipping_city": plain(address.city),
        "shipping_zip": plain(address.zip),
        "shipping_country": plain(address.country),
    }


def _history(facts: Facts, written: Written) -> Fields:
    """Counts are Numbers, because flows filter by them."""
    count, spent = facts.order_count, facts.total_spent
    number = _number(spent) if spent else None
    return {
        "order_count": count,
        "total_spent": number,
        "total_spent_text": written(spent) if spent and number is not None else "",
        "is_first_order": _is_first(facts),
    }


def _is_first(facts: Facts) -> str:
    """Nothing where it may have been, and its buyer came back since."""
    if facts.order_count == 1:
        return "yes"
    return "" if facts.order_count is None or facts.has_later_orders else "no"


def _number(money: Money) -> int | float | None:
    """The amount as a Number; None where it has too many digits for one."""
    text = amount_text(money)
    amount = Decimal(text or "NaN")
    if not amount.is_finite() or len(amount.as_tuple().digits) > _MOST_DIGITS:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _listed(texts: Iterable[str]) -> str:
    return plain(", ".join(texts))
