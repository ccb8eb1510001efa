"""Checkouts: which body begins one, which changes it, and in whose words its products are named."""

from datetime import timedelta
from typing import Any

import pytest

from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from tests.support.platforms.saleor.bodies import a_checkout, a_sample

NOBODY: dict[str, Any] = {"email": None, "user": None, "billingAddress": None, "shippingAddress": None}


def test_the_first_body_with_a_contact_begins_the_checkout() -> None:
    started, updated = a_checkout()

    assert (started.kind, started.version) == (EventKind.CHECKOUT_STARTED, "")
    assert updated.kind is EventKind.CART_UPDATED
    assert updated.happened_at - started.happened_at == timedelta(microseconds=1)
    assert started.basket == updated.basket


def test_every_body_begins_the_same_checkout() -> None:
    (created,) = a_checkout("checkout_created", "checkout_started")
    first, *_ = a_checkout(id=a_sample("checkout_started")["checkout"]["id"])

    assert created.key == first.key


def test_a_checkout_of_nobody_leaves_the_key_to_one_of_somebody() -> None:
    (created,) = a_checkout("checkout_created", "checkout_started", **NOBODY)
    (updated,) = a_checkout(**NOBODY)

    assert (created.kind, created.version, created.contact) == (EventKind.CHECKOUT_STARTED, "no-contact", None)
    assert (updated.kind, updated.no_letter) == (EventKind.CART_UPDATED, None)


@pytest.mark.parametrize("person", [{}, NOBODY], ids=["somebody", "nobody"])
def test_an_emptied_cart_is_no_letter(person: dict[str, Any]) -> None:
    (created,) = a_checkout("checkout_created", "checkout_started", lines=[], **person)
    (updated,) = a_checkout(lines=[], **person)

    assert (created.version, created.no_letter) == ("empty", ReasonCode.EMPTIED)
    assert (updated.kind, updated.no_letter) == (EventKind.CART_UPDATED, ReasonCode.EMPTIED)


@pytest.mark.parametrize("lines", [None, "two", {}], ids=str)
def test_a_cart_that_does_not_tell_its_lines_is_not_called_empty(lines: Any) -> None:
    (updated,) = a_checkout(lines=lines)

    assert (updated.kind, updated.no_letter) == (EventKind.CART_UPDATED, None)


def test_a_cart_is_as_old_as_its_last_change() -> None:
    started, _ = a_checkout(created="2026-01-01T00:00:00+00:00", updatedAt="2026-02-01T00:00:00+00:00")

    assert started.happened_at.month == 2


# ------------------------------------------------------------------ names


def names(language: str, product: dict[str, Any], variant: dict[str, Any] | None = None) -> tuple[str, str]:
    line = a_sample("cart_updated")["checkout"]["lines"][0]
    line["variant"] |= variant or {}
    line["variant"]["product"] |= product
    found = a_checkout(languageCode=language, lines=[line])[-1].products[0]
    return found.name, found.variant_name


@pytest.mark.parametrize(
    ("language", "product", "name"),
    [
        ("PL", {"translation_PL": {"name": "Lampa"}, "translation_DE": {"name": "Lampe"}}, "Lampa"),
        ("PT_BR", {"translation_PT": {"name": "Candeeiro"}, "translation_PT_BR": {"name": "Luminária"}}, "Luminária"),
        ("PT_BR", {"translation_PT": {"name": "Candeeiro"}, "translation_PT_BR": None}, "Candeeiro"),
        ("PT_BR", {"translation_PT": {"name": "Candeeiro"}, "translation_PT_BR": {"name": ""}}, "Candeeiro"),
        ("ZH_HANT_HK", {"translation_ZH": {"name": "灯"}, "translation_ZH_HANT": {"name": "燈"}}, "燈"),
        ("ZH_HANT", {"translation_ZH": {"name": "灯"}}, "Harbour Lamp"),
        ("PL", {"translation": {"name": "Lampa"}}, "Lampa"),
        ("PL", {"translation": None, "translation_PL": 5}, "Harbour Lamp"),
        ("PL", {"translation_DE": {"name": "Lampe"}}, "Harbour Lamp"),
        ("PL", {"translation_PL": {"name": None}}, "Harbour Lamp"),
    ],
)
def test_a_product_is_named_in_the_buyers_language(language: str, product: dict[str, Any], name: str) -> None:
    assert names(language, product)[0] == name


def test_a_variant_is_named_in_the_buyers_language() -> None:
    assert names("PL", {}, {"translation_PL": {"name": "Mosiądz"}})[1] == "Mosiądz"
