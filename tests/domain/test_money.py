"""Amounts are exact for SendPulse, and written the buyer's way for the buyer."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.domain.money import Money, amount_text, money_text


def money(amount: str, currency: str) -> Money:
    return Money(amount=Decimal(amount), currency=currency)


AMOUNTS = {
    "two digits": ("19.99", "PLN", "19.99"),
    "filled up": ("5", "EUR", "5.00"),
    "zero": ("0", "USD", "0.00"),
    "zero with an exponent": ("0E+30", "USD", "0.00"),
    "yen": ("1980.00", "JPY", "1980"),
    "half a yen": ("1980.5", "JPY", "1981"),
    "dinar of Kuwait": ("1.2345", "KWD", "1.235"),
    "dinar of Serbia, which CLDR shows whole": ("1999.5", "RSD", "1999.50"),
    "unit of account with four digits": ("1.00005", "CLF", "1.0001"),
    "unknown currency": ("7.5", "XYZ", "7.50"),
    "no currency": ("7.5", "", "7.50"),
    "half a cent goes up": ("19.985", "USD", "19.99"),
    "half a cent below zero goes away from it": ("-19.985", "USD", "-19.99"),
    "less than half a cent": ("19.9849999", "USD", "19.98"),
    "exponent": ("1E+3", "USD", "1000.00"),
    "no minus before nothing": ("-0.001", "USD", "0.00"),
    "large": ("99999999999999999999", "USD", "99999999999999999999.00"),
    "larger than any": ("100000000000000000000", "USD", ""),
    "not a number": ("NaN", "USD", ""),
    "infinite": ("-Infinity", "USD", ""),
}

NBSP = "\u00a0"
WRITTEN = {
    "Polish": ("19.99", "PLN", "pl", f"19,99{NBSP}zł"),
    "Polish, another spelling": ("1234.5", "PLN", "PL_pl", f"1{NBSP}234,50{NBSP}zł"),
    "German": ("1234.5", "EUR", "de-DE", f"1.234,50{NBSP}€"),
    "Brazil": ("19.99", "BRL", "PT_BR", f"R${NBSP}19,99"),
    "Japan": ("1980", "JPY", "ja", "￥1,980"),
    "Norwegian by either code": ("5", "USD", "no", f"5,00{NBSP}USD"),
    "old code of Hebrew": ("5", "USD", "iw", f"\u200f5.00{NBSP}\u200f$"),
    "region without data": ("5", "USD", "en-ZX", "$5.00"),
    "another region without data": ("5", "EUR", "de-ZX", f"5,00{NBSP}€"),
    "language without data": ("5", "USD", "tlh", "$5.00"),
    "no locale": ("5", "USD", "", "$5.00"),
    "malformed locale": ("5", "USD", "???", "$5.00"),
    "private part": ("5", "EUR", "de-x-formal", f"5,00{NBSP}€"),
    "whole dinars without small change": ("1999.00", "RSD", "sr-Latn", f"1.999{NBSP}RSD"),
    "dinars with small change": ("1999.50", "RSD", "sr-Latn", f"1.999,50{NBSP}RSD"),
    "half a cent goes up": ("19.985", "USD", "en", "$19.99"),
    "unknown currency": ("1234.5", "XYZ", "de", "1.234,50"),
    "no currency": ("5", "", "pl", "5,00"),
    "not a number": ("NaN", "USD", "en", ""),
}


@pytest.mark.parametrize(("amount", "currency", "text"), AMOUNTS.values(), ids=AMOUNTS)
def test_an_amount_has_the_digits_of_its_currency(amount: str, currency: str, text: str) -> None:
    assert amount_text(money(amount, currency)) == text


@pytest.mark.parametrize(("amount", "currency", "locale", "text"), WRITTEN.values(), ids=WRITTEN)
def test_money_is_written_the_buyers_way(amount: str, currency: str, locale: str, text: str) -> None:
    assert money_text(money(amount, currency), locale) == text


CURRENCIES = st.sampled_from(["USD", "PLN", "JPY", "KWD", "RSD", "CLF", "XYZ", ""]) | st.text(max_size=5)


@settings(deadline=None, max_examples=400)
@given(
    amount=st.decimals(),
    currency=CURRENCIES,
    locale=st.sampled_from(["en", "ar-EG", "hi", "fa", "sr-Latn"]) | st.text(max_size=12),
)
def test_no_amount_makes_writing_fail(amount: Decimal, currency: str, locale: str) -> None:
    value = Money(amount=amount, currency=currency)

    assert bool(money_text(value, locale)) is bool(amount_text(value))


@settings(deadline=None)
@given(amount=st.decimals(min_value=-(10**15), max_value=10**15, places=2), currency=st.sampled_from(["USD", "PLN", "RSD"]))
def test_cents_are_never_lost(amount: Decimal, currency: str) -> None:
    assert Decimal(amount_text(Money(amount=amount, currency=currency))) == amount
