"""What is peculiar about Saleor's events; the rest stands in the samples."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.errors import Unreadable
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import BasketEnded, ShopLeft, Translation
from plugin.domain.payload import Payload, read_json
from plugin.platforms.saleor.ids import primary_key
from plugin.platforms.saleor.testing import TESTKIT
from plugin.platforms.saleor.translate import SKIPPED, TOPICS, TRANSLATORS, translate
from tests.support.platforms.expected import PLATFORMS
from tests.support.shared_folder import HAS_SHARED, SHARED, needs_shared

CORPUS = SHARED / "corpus" / "saleor"
OURS = [p.stem for p in sorted(CORPUS.glob("*.body")) if p.stem.replace("-", "_") in TRANSLATORS] if HAS_SHARED else []
SHOP, _ = TESTKIT.installation()


def a_sample(name: str) -> dict[str, Any]:
    path = PLATFORMS / "saleor" / "samples" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return found


def an_order(topic: str = "order_created", sample: str = "order_created", **changed: Any) -> StoreEvent:
    body = a_sample(sample)
    body["order"] |= changed
    (event,) = translate(topic, Payload(body, topic), SHOP).events
    return event


def a_translation(topic: str, sample: str, **changed: Any) -> Translation:
    return translate(topic, Payload({**a_sample(sample), **changed}, topic), SHOP)


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
    assert event.happened_at == datetime(2026, 11, 23, 8, 1, 38, 334583, tzinfo=UTC)


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


def test_one_refund_told_twice_is_one_event() -> None:
    partly = an_order("order_refunded", "order_refunded")
    fully = an_order("order_fully_refunded", "order_refunded__all_of_it")
    (also_told,) = a_translation("order_refunded", "order_refunded__all_of_it", __typename="OrderRefunded").events

    assert fully.key == also_told.key
    assert partly.key != fully.key


@pytest.mark.parametrize("amount", ["79.8", "79.80", "79.800"])
def test_a_refund_is_known_however_its_sum_is_written(amount: str) -> None:
    refunded = {"amount": Decimal(amount), "currency": "PLN"}

    assert an_order("order_refunded", "order_refunded", totalRefunded=refunded).version == "79.8"


def test_a_large_round_refund_is_written_in_full() -> None:
    refunded = {"amount": Decimal("12000.0"), "currency": "JPY"}

    assert an_order("order_refunded", "order_refunded", totalRefunded=refunded).version == "12000"


def test_a_parcel_created_and_approved_is_one_event() -> None:
    created = an_order("fulfillment_created", "order_partially_fulfilled")
    approved = an_order("fulfillment_approved", "order_partially_fulfilled__approved")

    assert created.key == approved.key
    assert created.kind is EventKind.ORDER_PARTIALLY_FULFILLED


def test_a_checkout_and_its_order_share_a_name() -> None:
    order = a_sample("order_created")["order"]
    checkout = a_sample("cart_updated")
    checkout["checkout"]["id"] = order["checkoutId"]
    (cart,) = translate("checkout_updated", Payload(checkout, "$"), SHOP).events

    assert cart.basket
    assert set(cart.basket.keys) < set(getattr(an_order().basket, "keys", ()))
    assert a_translation("order_updated", "order_updated").notices == (
        BasketEnded(keys=cart.basket.keys, reason="the checkout became an order"),
    )


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


def test_a_body_without_its_own_time_uses_the_orders() -> None:
    (event,) = a_translation("order_created", "order_created", issuedAt=None).events

    assert event.happened_at == datetime(2026, 3, 2, 9, 15, 1, 700000, tzinfo=UTC)


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


def test_a_guests_name_is_the_addresses() -> None:
    billing = {"firstName": "", "lastName": "Kowal", "phone": "", "country": {"code": "PL"}}
    shipping = {"firstName": "Ewa", "lastName": "Inna", "phone": "600 100 200", "country": {"code": "PL"}}

    contact = an_order(userEmail="Ewa@Example.com ", billingAddress=billing, shippingAddress=shipping).contact

    assert contact
    assert (contact.name, contact.email, contact.phone) == ("Ewa Kowal", "ewa@example.com", "+48600100200")


def test_the_accounts_email_stands_in_for_the_orders() -> None:
    contact = an_order(userEmail="", user={"email": "account@example.org"}).contact

    assert contact
    assert contact.email == "account@example.org"


# ------------------------------------------------------------------ lines


def a_line(**changed: Any) -> Any:
    line = a_sample("order_created")["order"]["lines"][0] | changed
    (product,) = an_order(lines=[line]).products
    return product


@pytest.mark.parametrize("name", ["HL-BRASS", "UHJvZHVjdFZhcmlhbnQ6NTAx", "501"])
def test_a_variant_named_after_an_id_has_no_name(name: str) -> None:
    assert a_line(variantName=name).variant_name == ""


def test_a_variants_translated_name_comes_first() -> None:
    assert a_line(translatedVariantName="Messing").variant_name == "Messing"


@pytest.mark.parametrize(
    ("url", "image"),
    [
        ("https://cdn.example.com/a.png", "https://cdn.example.com/a.png"),
        ("/media/a.png", "https://demo.saleor.example/media/a.png"),
        ("//cdn.example.com/a.png", "https://cdn.example.com/a.png"),
        ("http://cdn.example.com/a.png", ""),
        ("javascript:alert(1)", ""),
        ("data:image/png;base64,AA", ""),
        ("a.png", ""),
        ("", ""),
    ],
)
def test_a_picture_is_an_address_a_mail_can_show(url: str, image: str) -> None:
    assert a_line(thumbnail={"url": url}, variant=None).image == image


def test_plain_http_pictures_are_for_shops_let_in_over_http() -> None:
    shop, _ = TESTKIT.installation("http://127.0.0.1:8000/graphql/")
    body = a_sample("order_created__variant_named_after_its_id_zh_hant_hk")

    (event,) = translate("order_created", Payload(body, "$"), shop).events

    assert event.products[1].image == "http://media.example.com/204.png"


@pytest.mark.parametrize(("quantity", "counted"), [(2, 2), ("3", 3), (0, 1), (-1, 1), (None, 1), (1.5, 1)])
def test_a_line_counts_at_least_one_piece(quantity: Any, counted: int) -> None:
    assert a_line(quantity=quantity).quantity == counted


def test_money_is_exact_and_has_its_channels_currency() -> None:
    price = a_line(unitPrice={"gross": {"amount": Decimal("177.19")}}).price

    assert (price.amount, price.currency) == (Decimal("177.19"), "USD")
    assert a_line(unitPrice=None).price is None
