"""What is peculiar about Saleor's events; the rest stands in the samples."""

import json
from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.errors import Unreadable
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.notice import BasketEnded, ShopLeft, Translation
from plugin.domain.payload import Payload, read_json
from plugin.domain.reason_codes import ReasonCode
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
        ("http://cdn.example.com/a.png", "http://cdn.example.com/a.png"),
        ("media/a.png", "https://demo.saleor.example/media/a.png"),
        ("javascript:alert(1)", ""),
        ("data:image/png;base64,AA", ""),
        ("http://[::1", ""),
        ("http://cdn.example.com:99999/a.png", ""),
        ("", ""),
    ],
)
def test_a_picture_is_an_address_a_mail_can_show(url: str, image: str) -> None:
    assert a_line(thumbnail={"url": url}, variant=None).image == image


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/a.png", "https://127.0.0.1/a.png", "http://10.1.2.3/a.png", "http://192.168.1.20:8000/a.png",
        "http://172.20.0.4/a.png", "http://169.254.1.1/a.png", "http://[::1]/a.png", "http://[fe80::1]/a.png",
        "http://[fd00::7]/a.png", "http://[::ffff:10.0.0.1]/a.png", "http://saleor.local/a.png", "http://api.internal/a.png",
        "http://api:8000/a.png", "http://127.1/a.png", "http://2130706433/a.png", "http://0x7f.0.0.1/a.png",
        "http://LOCALHOST./a.png", "//localhost/a.png",
    ],
)  # fmt: skip
def test_a_picture_in_somebodys_own_network_is_none_and_the_log_says_so(url: str) -> None:
    line = a_sample("order_created")["order"]["lines"][0] | {"thumbnail": {"url": url}, "variant": None}

    event = an_order(lines=[line])

    assert event.products[0].image == ""
    assert "picture" in event.partial


@pytest.mark.parametrize("url", ["http://8.8.8.8/a.png", "http://172.32.0.1/a.png", "https://[2606:4700::1]/a.png"])
def test_a_picture_at_a_public_number_is_one(url: str) -> None:
    assert a_line(thumbnail={"url": url}, variant=None).image == url


def test_a_products_picture_stands_in_for_a_lines_that_leads_nowhere() -> None:
    public = {"product": {"thumbnail": {"url": "https://cdn.example.com/a.png"}}}
    line = a_sample("order_created")["order"]["lines"][0] | {"thumbnail": {"url": "http://localhost/a.png"}, "variant": public}

    event = an_order(lines=[line])

    assert (event.products[0].image, event.partial) == ("https://cdn.example.com/a.png", "")


def test_a_relative_picture_of_a_shop_in_a_private_network_is_none() -> None:
    shop, _ = TESTKIT.installation("http://127.0.0.1:8000/graphql/")
    body = a_sample("order_created")
    body["order"]["lines"] = [body["order"]["lines"][0] | {"thumbnail": {"url": "/media/a.png"}, "variant": None}]

    (event,) = translate("order_created", Payload(body, "$"), shop).events

    assert event.products[0].image == ""
    assert "picture" in event.partial


def test_several_things_can_be_missing() -> None:
    line = a_sample("order_created")["order"]["lines"][0] | {"thumbnail": {"url": "http://localhost/a.png"}, "variant": None}
    order = {**a_sample("order_created")["order"], "lines": [line]}

    (event,) = a_translation("order_created", "order_created", order=order, errors=[{"message": "no"}]).events

    assert event.partial.count("; ") >= 1
    assert "permission" in event.partial
    assert "picture" in event.partial


@pytest.mark.parametrize(("quantity", "counted"), [(2, 2), ("3", 3), (0, 1), (-1, 1), (None, 1), (1.5, 1)])
def test_a_line_counts_at_least_one_piece(quantity: Any, counted: int) -> None:
    assert a_line(quantity=quantity).quantity == counted


def test_money_is_exact_and_has_its_channels_currency() -> None:
    price = a_line(unitPrice={"gross": {"amount": Decimal("177.19")}}).price

    assert (price.amount, price.currency) == (Decimal("177.19"), "USD")
    assert a_line(unitPrice=None).price is None
