"""What is peculiar about Saleor's events; the rest stands in the samples."""

from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.errors import Unreadable
from plugin.domain.event import BuyerLocale, LocaleOrigin
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.notice import ShopLeft
from plugin.domain.payload import Payload, read_json
from plugin.domain.reason_codes import ReasonCode
from plugin.platforms.saleor.ids import primary_key
from plugin.platforms.saleor.translate import SKIPPED, TOPICS, TRANSLATORS, translate
from tests.support.platforms.saleor.bodies import SHOP, a_line, a_sample, a_translation, an_order
from tests.support.shared_folder import HAS_SHARED, SHARED, needs_shared

CORPUS = SHARED / "corpus" / "saleor"
OURS = [p.stem for p in sorted(CORPUS.glob("*.body")) if p.stem.replace("-", "_") in TRANSLATORS] if HAS_SHARED else []


# ------------------------------------------------------------------ captured bodies


@pytest.mark.parametrize("name", OURS)
def test_a_captured_body_is_understood(name: str) -> None:
    topic = name.replace("-", "_")

    translation = translate(topic, read_json((CORPUS / f"{name}.body").read_bytes(), topic), SHOP)

    for event in translation.events:
        assert event.contact
        assert event.contact.email
        assert event.locale.origin in (LocaleOrigin.ORDER, LocaleOrigin.CHECKOUT, LocaleOrigin.CUSTOMER)
        assert all(product.id.isdigit() and product.price and product.slug for product in event.products)
        assert bool(event.products) == (event.basket is not None)


@needs_shared
def test_the_captured_bodies_are_all_there() -> None:
    assert len(OURS) >= 12


@needs_shared
def test_a_captured_translated_name_is_used() -> None:
    body = read_json((CORPUS / "order-created.body").read_bytes(), "order_created")

    (event,) = translate("order_created", body, SHOP).events

    assert event.products[0].name == "DE: Paul's Balance 420"
    assert event.locale == BuyerLocale(raw="DE", origin=LocaleOrigin.ORDER)
    assert event.basket
    assert event.basket.keys == (
        "checkout:5c47c622-7f45-4874-9a47-0bed1a9a72ad",
        "order:2cc45755-9996-435f-b5b5-427bc06f9d29",
    )
    assert event.happened_at == event.placed_at == body.object("order").when("created")


# ------------------------------------------------------------------ ids


@pytest.mark.parametrize(
    ("global_id", "key"),
    [
        ("UHJvZHVjdDoxNDM=", "143"),
        ("T3JkZXI6MmNjNDU3NTUtOTk5Ni00MzVmLWI1YjUtNDI3YmMwNmY5ZDI5", "2cc45755-9996-435f-b5b5-427bc06f9d29"),
        ("143", "143"),
        ("", ""),
        ("not base64!", "not base64!"),
        ("żółć", "żółć"),
        ("AAAA", "AAAA"),
        ("Zm9v", "Zm9v"),
        ("UHJvZHVjdDo=", "UHJvZHVjdDo="),
    ],
)
def test_a_global_id_becomes_its_primary_key(global_id: str, key: str) -> None:
    assert primary_key(global_id) == key


# ------------------------------------------------------------------ what happened


def test_a_refund_says_what_went_back_in_all_by_now() -> None:
    """What this one gave is told from the one before: Saleor does not say it."""
    event = an_order("order_refunded", "order_refunded")

    assert event.basket
    assert (event.basket.total, event.basket.order_total) == (None, Money(amount=Decimal("79.8"), currency="PLN"))
    assert event.basket.refunded == Money(amount=Decimal("39.9"), currency="PLN")


def test_two_refunds_that_say_the_same_sum_are_two_events() -> None:
    first, second = (
        a_translation("order_refunded", "order_refunded", issuedAt=f"2026-03-02T09:15:0{second}+00:00").events[0]
        for second in (2, 3)
    )

    assert first.key != second.key


@pytest.mark.parametrize(
    "refunded", [None, {}, {"amount": Decimal("0.0")}, {"amount": "much"}, "39.9", {"amount": -1}], ids=str
)
def test_a_refund_by_which_nothing_went_back_is_no_letter(refunded: Any) -> None:
    assert an_order("order_refunded", "order_refunded", totalRefunded=refunded).no_letter is ReasonCode.NO_MONEY_MOVED


def test_a_parcel_created_and_approved_is_one_event() -> None:
    created = an_order("fulfillment_created", "order_partially_fulfilled")
    approved = an_order("fulfillment_approved", "order_partially_fulfilled__approved")

    assert created.key == approved.key
    assert created.kind is EventKind.ORDER_PARTIALLY_FULFILLED


def test_a_checkout_and_its_order_share_a_name() -> None:
    order = a_sample("order_created")["order"]
    checkout = a_sample("cart_updated")
    checkout["checkout"]["id"] = order["checkoutId"]
    *_, cart = translate("checkout_updated", Payload(checkout, "$"), SHOP).events

    assert cart.basket
    assert set(cart.basket.keys) < set(getattr(an_order().basket, "keys", ()))
    [bought] = a_translation("order_updated", "order_updated", order=order).bought
    assert bought.keys == cart.basket.keys
    assert bought.people == an_order().person
    assert bought.placed_at == an_order().placed_at


def test_removing_the_app_is_told_and_removing_another_is_not() -> None:
    assert a_translation("app_deleted", "app_deleted").notices == (ShopLeft(),)
    assert a_translation("app_deleted", "app_deleted", app=None).notices == (ShopLeft(),)
    assert a_translation("app_deleted", "app_deleted__another_app").skip


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("typename", [None, "", "OrderMetadataUpdated", 5])
def test_a_body_that_does_not_name_its_event_is_unreadable(topic: str, typename: object) -> None:
    """What happened must stand in the signed part: the header that says it is not signed."""
    with pytest.raises(Unreadable, match="__typename"):
        translate(topic, Payload({**a_sample("order_created"), "__typename": typename}, topic), SHOP)


def test_what_we_subscribe_to_is_not_what_we_skip() -> None:
    assert not set(TRANSLATORS) & set(SKIPPED)


def test_an_event_nobody_asked_for_is_skipped_with_a_reason() -> None:
    translation = translate("product_updated", Payload({"__typename": "ProductUpdated"}, "$"), SHOP)

    assert translation.skip
    assert translation.skip.reason


def test_a_body_that_tells_no_time_at_all_is_unreadable() -> None:
    order = {**a_sample("order_created")["order"], "created": None, "updatedAt": "soon"}

    with pytest.raises(Unreadable, match="issuedAt"):
        a_translation("order_created", "order_created", issuedAt=None, order=order)


# ------------------------------------------------------------------ people and languages


@pytest.mark.parametrize(
    ("order", "user", "found"),
    [
        ("PL", "DE", BuyerLocale(raw="PL", origin=LocaleOrigin.ORDER)),
        ("ZH_HANT_HK", "", BuyerLocale(raw="ZH_HANT_HK", origin=LocaleOrigin.ORDER)),
        ("", "PT_BR", BuyerLocale(raw="PT_BR", origin=LocaleOrigin.CUSTOMER)),
        ("???", "DE", BuyerLocale(raw="DE", origin=LocaleOrigin.CUSTOMER)),
        (None, None, BuyerLocale(raw="en", origin=LocaleOrigin.SHOP)),
    ],
)
def test_the_language_is_the_orders_then_the_accounts_then_the_shops(
    order: str | None, user: str | None, found: BuyerLocale
) -> None:
    assert an_order(languageCodeEnum=order, user={"languageCode": user}).locale == found


def test_the_accounts_email_stands_in_for_the_orders() -> None:
    contact = an_order(userEmail="", user={"email": "account@example.org"}).contact

    assert contact
    assert contact.email == "account@example.org"


# ------------------------------------------------------------------ lines


@pytest.mark.parametrize("name", ["HL-BRASS", "UHJvZHVjdFZhcmlhbnQ6NTAx", "501"])
def test_a_variant_named_after_an_id_has_no_name(name: str) -> None:
    assert a_line(variantName=name).variant_name == ""


def test_a_variants_translated_name_comes_first() -> None:
    assert a_line(translatedVariantName="Messing").variant_name == "Messing"


@pytest.mark.parametrize(("quantity", "counted"), [(2, 2), ("3", 3), (0, 1), (-1, 1), (None, 1), (1.5, 1)])
def test_a_line_counts_at_least_one_piece(quantity: Any, counted: int) -> None:
    assert a_line(quantity=quantity).quantity == counted


def test_money_is_exact_and_has_its_channels_currency() -> None:
    price = a_line(unitPrice={"gross": {"amount": Decimal("177.19")}}).price

    assert (price.amount, price.currency) == (Decimal("177.19"), "USD")
    assert a_line(unitPrice=None).price is None
