"""Whose an order, a checkout or an account is, and whose it is not."""

from typing import Any

import pytest

from plugin.domain.event import BuyerLocale, LocaleOrigin
from plugin.domain.reason_codes import ReasonCode
from tests.support.platforms.saleor.bodies import a_checkout, a_sample, a_translation, an_order

PICKED_UP = {"__typename": "Warehouse"}


def an_address(first: str = "Ewa", last: str = "Kowal", phone: str = "", country: str = "PL") -> dict[str, Any]:
    return {"firstName": first, "lastName": last, "phone": phone, "country": {"code": country}}


def an_account(**changed: Any) -> dict[str, Any]:
    account = {"id": "VXNlcjo3", "email": "account@example.org", "firstName": "Ewa", "lastName": "Kowal", "languageCode": "PL"}
    return {**account, **changed}


@pytest.mark.parametrize(
    ("first", "last", "phone"),
    [
        ("Ewa", "Kowal", "+48600100200"),
        (" ewa ", "KOWAL", "+48600100200"),
        ("Ewa", "Inna", None),
        ("", "Kowal", None),
        ("", "", None),
    ],
)
def test_a_shipping_address_is_the_buyers_when_its_name_is(first: str, last: str, phone: str | None) -> None:
    """A gift goes to somebody who asked for nothing."""
    shipping = an_address(first, last, "600 100 200")

    contact = an_order(userEmail="ewa@example.com", billingAddress=an_address(), shippingAddress=shipping).contact

    assert contact
    assert (contact.name, contact.email, contact.phone) == ("Ewa Kowal", "ewa@example.com", phone)


def test_names_may_be_written_in_two_ways() -> None:
    shipping = an_address("Zoe\u0301", "Nowak", "600 100 200")

    contact = an_order(billingAddress=an_address("Zo\u00e9", "Nowak"), shippingAddress=shipping).contact

    assert contact
    assert contact.phone == "+48600100200"


def test_a_shipping_address_in_the_accounts_name_is_the_buyers() -> None:
    shipping = an_address(phone="600 100 200")

    contact = an_order(user=an_account(), billingAddress=None, shippingAddress=shipping).contact

    assert contact
    assert contact.phone == "+48600100200"


@pytest.mark.parametrize("place", [{"deliveryMethod": PICKED_UP}, {"collectionPointName": "Old Town"}], ids=str)
def test_a_pick_up_point_is_not_the_buyer(place: dict[str, Any]) -> None:
    """Even one that somebody gave the buyer's name."""
    shipping = an_address(phone="22 600 00 00")

    event = an_order(billingAddress=an_address(country="DE"), shippingAddress=shipping, **place)

    assert event.contact
    assert event.contact.phone is None
    assert event.basket
    assert event.basket.country == "DE"
    assert not any("+4822" in name for name in event.person)


def test_a_pick_up_point_of_a_cart_is_not_the_buyer() -> None:
    events = a_checkout(billingAddress=None, shippingAddress=an_address(phone="22 600 00 00"), deliveryMethod=PICKED_UP)

    assert {event.contact.phone for event in events if event.contact} == {None}


def test_what_was_typed_at_the_checkout_comes_before_the_account() -> None:
    for event in (an_order(userEmail="typed@example.com", user=an_account()), *a_checkout(email="typed@example.com")):
        assert event.contact
        assert event.contact.email == "typed@example.com"


def test_a_person_is_every_name_a_body_gives() -> None:
    event = an_order(
        userEmail="Typed@Example.com",
        user=an_account(),
        billingAddress=an_address(phone="600 100 200"),
        shippingAddress=an_address(phone="600 100 201"),
    )

    assert event.person == (
        "customer:7",
        "person:typed@example.com",
        "person:account@example.org",
        "person:+48600100200",
        "person:+48600100201",
    )


def test_the_name_of_the_billing_address_comes_before_the_accounts() -> None:
    contact = an_order(billingAddress=an_address("Jan", "Inny"), user=an_account()).contact

    assert contact
    assert contact.name == "Jan Inny"


@pytest.mark.parametrize("topic", ["customer_created", "customer_updated"])
@pytest.mark.parametrize(("is_staff", "reason"), [(True, ReasonCode.STAFF), (False, None), (None, None), ("yes", None)])
def test_the_shops_staff_are_no_customers(topic: str, is_staff: object, reason: ReasonCode | None) -> None:
    user = {**an_account(), "isStaff": is_staff}

    (event,) = a_translation(topic, topic, user=user).events

    assert event.no_letter is reason


# ------------------------------------------------------------------ whose an order is, told by any of its webhooks


@pytest.mark.parametrize(
    ("topic", "sample"),
    [
        ("order_created", "order_created"), ("order_updated", "order_updated__names_the_buyer"),
        ("order_updated", "order_updated__no_checkout"), ("order_fully_paid", "order_paid"),
        ("fulfillment_created", "order_partially_fulfilled"),
        ("fulfillment_created", "order_partially_fulfilled__waits_for_approval"),
        ("order_refunded", "order_refunded"),
    ],
)  # fmt: skip
def test_every_webhook_of_an_order_says_whose_it_is(topic: str, sample: str) -> None:
    buyer = a_translation(topic, sample).buyer

    assert buyer
    assert buyer.contact.email
    assert buyer.person


@pytest.mark.parametrize("changed", [{"status": "DRAFT"}, {"origin": "REISSUE"}], ids=str)
def test_who_a_draft_or_a_replacement_is_for_bought_nothing(changed: dict[str, str]) -> None:
    order = {**a_sample("order_updated__names_the_buyer")["order"], **changed}

    assert a_translation("order_updated", "order_updated__names_the_buyer", order=order).buyer is None


def test_an_older_query_of_ours_says_nothing_of_the_buyer() -> None:
    translation = a_translation(
        "order_updated", "order_updated", order={"id": "T3JkZXI6Nw==", "checkoutId": "Q2hlY2tvdXQ6OA=="}
    )

    assert [purchase.people for purchase in translation.bought] == [()]
    assert translation.buyer is None


# ------------------------------------------------------------------ languages


@pytest.mark.parametrize(
    ("origin", "own", "account", "found"),
    [
        ("DRAFT", "EN", "PL", BuyerLocale(raw="PL", origin=LocaleOrigin.CUSTOMER)),
        ("REISSUE", "EN", "PL", BuyerLocale(raw="PL", origin=LocaleOrigin.CUSTOMER)),
        ("DRAFT", "DE", "PL", BuyerLocale(raw="DE", origin=LocaleOrigin.ORDER)),
        ("DRAFT", "EN_GB", "PL", BuyerLocale(raw="EN_GB", origin=LocaleOrigin.ORDER)),
        ("DRAFT", "EN", "EN", BuyerLocale(raw="EN", origin=LocaleOrigin.ORDER)),
        ("DRAFT", "EN", None, BuyerLocale(raw="EN", origin=LocaleOrigin.ORDER)),
        ("CHECKOUT", "EN", "PL", BuyerLocale(raw="EN", origin=LocaleOrigin.ORDER)),
        (None, "EN", "PL", BuyerLocale(raw="EN", origin=LocaleOrigin.ORDER)),
    ],
)
def test_a_column_default_is_no_choice_of_the_buyers(
    origin: str | None, own: str, account: str | None, found: BuyerLocale
) -> None:
    assert an_order(origin=origin, languageCodeEnum=own, user=an_account(languageCode=account)).locale == found
