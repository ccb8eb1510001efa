"""Consent in Saleor's metadata, under the key the merchant names."""

from dataclasses import replace
from typing import Any

import pytest

from plugin.domain.contact import Consent, Said
from plugin.domain.payload import Payload
from plugin.domain.settings import NO_SETTINGS, ShopSettings, StoreFacts
from plugin.platforms.saleor.consent import LONGEST_KEY, MOST_KEYS, with_candidates, with_consent
from plugin.platforms.saleor.manifest import subscription
from tests.platforms.saleor.test_complete import complete
from tests.support.builders import a_contact, an_event
from tests.support.platforms.expected import opened, samples
from tests.support.platforms.saleor.graphs import coordinates
from tests.support.shared_folder import needs_shared

YES, NO, UNKNOWN = Consent.SUBSCRIBED, Consent.NOT_SUBSCRIBED, Consent.UNKNOWN


def under(*items: tuple[str, Any]) -> Payload:
    return Payload({"metadata": [{"key": key, "value": value} for key, value in items]}, "order")


def consent(*places: Payload, key: str = "marketing") -> Consent:
    contact = with_candidates(a_contact(consent=UNKNOWN), *places)
    assert contact is not None
    return with_consent(contact, key).consent


@pytest.mark.parametrize("word", ["true", "yes", "1", "on", "subscribed", " TRUE ", "Yes"])
def test_a_word_for_yes_is_one(word: str) -> None:
    assert consent(under(("marketing", word))) is YES


@pytest.mark.parametrize("word", ["false", "no", "0", "off", "unsubscribed", " No\n"])
def test_a_word_for_no_is_one(word: str) -> None:
    assert consent(under(("marketing", word))) is NO


@pytest.mark.parametrize("word", ["", "maybe", "2026-11-23", "{}", None, ["true"], True])
def test_anything_else_says_nothing(word: object) -> None:
    assert consent(under(("marketing", word))) is UNKNOWN


@pytest.mark.parametrize(
    ("own", "account", "expected"),
    [("yes", "no", YES), ("no", "yes", NO), ("maybe", "yes", YES), (None, "no", NO)],
)
def test_what_was_said_at_this_purchase_comes_before_what_the_account_says(
    own: str | None, account: str, expected: Consent
) -> None:
    assert consent(under(("marketing", own)), under(("marketing", account))) is expected


def test_other_keys_and_a_shop_without_a_key_say_nothing() -> None:
    assert consent(under(("newsletter", "yes"))) is UNKNOWN
    assert consent(under(("marketing", "yes")), key="") is UNKNOWN
    assert consent(Payload({}, "order"), Payload({"metadata": None}, "user")) is UNKNOWN


def test_only_so_many_keys_are_kept_and_none_of_their_other_values() -> None:
    many = under(("k" * (LONGEST_KEY + 1), "yes"), ("name", "Jan Nowak"), *((f"key{n}", "yes") for n in range(99)))

    contact = with_candidates(a_contact(), many)

    assert contact is not None and contact.said is not None
    assert contact.said == Said(keys_of_yes=tuple(f"key{n}" for n in range(MOST_KEYS)))


# ------------------------------------------------------------------ from a webhook to what the settings say


def keyed(key: str) -> ShopSettings:
    return replace(NO_SETTINGS, store=StoreFacts(consent_key=key))


@pytest.mark.parametrize(
    ("key", "expected"),
    [("marketing", YES), ("newsletter", NO), ("sms", YES), ("gift_wrap", YES), ("note", UNKNOWN), ("", UNKNOWN)],
)
def test_an_event_is_completed_with_the_consent_under_the_merchants_key(key: str, expected: Consent) -> None:
    [sample] = [one for one in samples("saleor") if one.path.stem == "order_paid__consent_in_metadata"]
    [event] = opened("saleor").translate(sample.topic, sample.payload, sample.shop).events

    contact = complete(event, keyed(key)).contact

    assert contact is not None
    assert contact.consent is expected


def test_an_event_of_nobody_is_completed_all_the_same() -> None:
    assert complete(an_event(contact=None), keyed("marketing")).contact is None


@needs_shared
@pytest.mark.parametrize(
    ("event", "type"), [("order_created", "Order"), ("checkout_updated", "Checkout"), ("customer_updated", "User")]
)
def test_the_metadata_of_orders_checkouts_and_accounts_is_asked_for(event: str, type: str) -> None:
    assert coordinates(subscription(event)) >= {f"{type}.metadata", "User.metadata", "MetadataItem.key", "MetadataItem.value"}
