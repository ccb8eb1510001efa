"""The manifest keeps Saleor's rules, and asks only for what every supported Saleor has."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from graphql import NoDeprecatedCustomRule, OperationType, parse, validate
from packaging.specifiers import SpecifierSet

from plugin import resources
from plugin.config import Settings
from plugin.platforms import discover
from plugin.platforms.saleor.languages import known_codes
from plugin.platforms.saleor.manifest import events, manifest, subscription
from plugin.platforms.saleor.translate import TRANSLATORS
from plugin.platforms.saleor.verify import event_topic
from tests.support.fakes import FakeShops
from tests.support.platforms.expected import samples
from tests.support.platforms.saleor.graphs import (
    coordinates,
    differences,
    document,
    event_selection,
    fragments,
    operation,
    project_version,
    schema,
    schema_of_3_24,
    written_manifest,
)
from tests.support.shared_folder import SHARED, needs_shared

SETTINGS = Settings.from_environ({"PUBLIC_URL": "https://plugin.example.com/"})

# Newer than 3.21, or not for a marketing app to see.
NOT_ON_3_21 = {"Money.fractionalAmount", "Money.fractionDigits", "App.problems", "Webhook.identifier"}
# Not in the drafts; Saleor's changelog and schema have them since the version beside them.
ON_3_21_TOO = {
    "User.isStaff", "Order.deliveryMethod", "Checkout.deliveryMethod", "DeliveryMethod.__typename",  # before 3.1, 3.1
    "Order.collectionPointName", "Order.transactions", "TransactionItem.events",  # 3.1, 3.4, 3.4
    "TransactionEvent.createdAt", "TransactionEvent.type",  # 3.4, 3.12
    "OrderLine.totalPrice", "CheckoutLine.totalPrice", "FulfillmentLine.orderLine",  # before 3.1
    "User.orders", "User.orders(first)", "OrderCountableConnection.totalCount", "OrderCountableConnection.edges",
    "OrderCountableEdge.node",  # before 3.1
    "Order.shippingMethodName", "Order.customerNote", "Checkout.discount", "Address.streetAddress1", "Address.streetAddress2",
    "CountryDisplay.country", "ProductVariant.metadata", "CheckoutLine.undiscountedUnitPrice",  # before 3.1, the last 3.1
    "OrderLine.metadata", "CheckoutLine.metadata",  # 3.5
    "TransactionItem.name", "Order.grantedRefunds", "OrderGrantedRefund.createdAt", "OrderGrantedRefund.reason",  # 3.13
}  # fmt: skip
OPTIONAL = {"author", "supportUrl", "dataPrivacyUrl"}  #: may be left out, but never be empty
NEVER = re.compile(r"\b(token|accessToken|authToken|shippingMethods|availableShippingMethods|availablePaymentGateways)\b")


def broken_rules(document: dict[str, Any]) -> Iterator[str]:
    """What a Saleor from 3.21 to 3.23 would object to when it installs this manifest."""
    for name, longest in {"id": 256, "name": 60, "version": 60, "author": 60, "appUrl": 200, "supportUrl": 200,
                          "dataPrivacyUrl": 200}.items():  # fmt: skip
        text = document.get(name)
        if text is None and name in OPTIONAL:
            continue
        if not isinstance(text, str) or not text.strip() or len(text) > longest:
            yield f"{name}: a text of up to {longest} characters"
    for name in ("appUrl", "tokenTargetUrl", "supportUrl", "dataPrivacyUrl"):
        parts = urlsplit(document.get(name, "https://app.example"))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
            yield f"{name}: an http or https address"
    permissions = document["permissions"]
    if "MANAGE_APPS" in permissions or len(set(permissions)) != len(permissions):
        yield "permissions: each once, never MANAGE_APPS (3.24 refuses it)"
    SpecifierSet(document["requiredSaleorVersion"].replace(" ", ","))
    yield from _broken_webhook_rules(document["webhooks"])


def _broken_webhook_rules(webhooks: list[dict[str, Any]]) -> Iterator[str]:
    for webhook in webhooks:
        missing = {"name", "targetUrl", "query", "isActive", "asyncEvents", "syncEvents"} - set(webhook)
        if missing:
            yield f"{webhook.get('name')}: {missing}"
            continue
        if "secretKey" in webhook or len(webhook["targetUrl"]) > 255:
            yield f"{webhook['name']}: no secretKey, a targetUrl of up to 255 characters"
        if webhook["syncEvents"] or len(webhook["asyncEvents"]) != 1:
            yield f"{webhook['name']}: exactly one asynchronous event"


def test_the_manifest_keeps_saleors_rules() -> None:
    assert list(broken_rules(manifest(SETTINGS))) == []


def test_it_says_who_publishes_the_app_where_the_operator_did() -> None:
    said = {"APP_AUTHOR": "A Company", "APP_SUPPORT_URL": "https://a.example/help", "APP_PRIVACY_URL": "https://a.example/p"}
    document = manifest(Settings.from_environ({"PUBLIC_URL": SETTINGS.public_url, **said}))

    assert list(broken_rules(document)) == []
    assert (document["author"], document["supportUrl"], document["dataPrivacyUrl"]) == tuple(said.values())
    assert not manifest(SETTINGS).keys() & OPTIONAL


def test_its_logo_is_one_that_saleor_takes() -> None:
    """A square PNG of 256 pixels at least, at an address that says so."""
    logo = manifest(SETTINGS)["brand"]["logo"]["default"]
    drawn = (resources.PACKAGE / logo.removeprefix(f"{SETTINGS.public_url}/")).read_bytes()

    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(drawn[begin : begin + 4], "big") for begin in (16, 20))
    assert width == height >= 256


def test_its_addresses_come_from_public_url() -> None:
    document = manifest(SETTINGS)

    assert document["appUrl"] == "https://plugin.example.com/saleor/app"
    assert document["tokenTargetUrl"] == "https://plugin.example.com/saleor/register"
    assert {webhook["targetUrl"] for webhook in document["webhooks"]} == {"https://plugin.example.com/webhooks/saleor"}


@pytest.mark.parametrize("path", ["/saleor/manifest.json", "/saleor/manifest.json/"])
def test_the_manifest_is_the_same_whatever_host_is_asked(path: str) -> None:
    app = Flask("test")
    app.register_blueprint(discover()["saleor"].open(SETTINGS, {}).pages(FakeShops()))

    answer = app.test_client().get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.get_json() == manifest(SETTINGS)
    assert "evil" not in answer.get_data(as_text=True)


def test_what_a_person_edits_stays_as_written() -> None:
    assert manifest(SETTINGS).items() >= written_manifest().items()
    assert set(written_manifest()["permissions"]) == {"MANAGE_ORDERS", "MANAGE_CHECKOUTS", "MANAGE_USERS"}
    assert written_manifest()["requiredSaleorVersion"] == ">=3.21 <4"
    assert written_manifest()["version"] == project_version()


def test_every_event_we_ask_for_is_translated() -> None:
    assert set(events()) == set(TRANSLATORS)


@needs_shared
def test_its_permissions_and_events_exist() -> None:
    document = manifest(SETTINGS)
    known = schema().type_map

    assert set(document["permissions"]) <= set(known["PermissionEnum"].values)  # type: ignore[attr-defined]
    asked = {event for webhook in document["webhooks"] for event in webhook["asyncEvents"]}
    assert asked <= set(known["WebhookEventTypeAsyncEnum"].values)  # type: ignore[attr-defined]


@needs_shared
def test_an_events_type_and_topic_are_one_word() -> None:
    known = schema()
    types = {event_topic(found.name).upper() for found in known.get_possible_types(known.type_map["Event"])}  # type: ignore[arg-type]
    names = set(known.type_map["WebhookEventTypeAsyncEnum"].values)  # type: ignore[attr-defined]

    assert names - types == {"ANY_EVENTS", "NOTIFY_USER", "OBSERVABILITY"}  # they have no type of their own


@needs_shared
@pytest.mark.parametrize("event", events())
def test_a_query_is_valid_on_3_23(event: str) -> None:
    assert validate(schema(), document(event)) == []


@needs_shared
@pytest.mark.parametrize("event", events())
def test_a_query_holds_on_3_24_and_asks_for_nothing_deprecated(event: str) -> None:
    next_saleor = schema_of_3_24()

    assert validate(next_saleor, document(event)) == []
    deprecated = {error.message.split()[2] for error in validate(next_saleor, document(event), [NoDeprecatedCustomRule])}
    assert deprecated <= {"Checkout.deliveryMethod"}  # until 3.22 nothing else tells a pick-up point


@needs_shared
@pytest.mark.parametrize("event", ["checkout_created", "checkout_updated"])
def test_a_query_is_valid_in_every_language_there_is(event: str) -> None:
    codes = tuple(schema().type_map["LanguageCodeEnum"].values)  # type: ignore[attr-defined]

    assert validate(schema(), parse(subscription(event, codes))) == []
    assert frozenset(codes) == known_codes()


@needs_shared
def test_the_queries_use_only_what_3_21_has_too() -> None:
    """The drafts beside the reference were validated on 3.21.69; all but three product events passed."""
    drafts = (SHARED / "reference" / "saleor-subscriptions.graphql").read_text(encoding="utf-8")
    ours = set().union(*(coordinates(subscription(event)) for event in events()))

    assert ours <= coordinates(drafts) | ON_3_21_TOO
    assert not ours & NOT_ON_3_21


@pytest.mark.parametrize("event", events())
def test_a_query_has_the_one_shape_saleor_reads_events_from(event: str) -> None:
    parsed = document(event)

    assert operation(parsed).operation is OperationType.SUBSCRIPTION
    assert not operation(parsed).variable_definitions
    asked = event_selection(parsed)
    assert asked.type_condition
    assert event_topic(asked.type_condition.name.value) == event
    fields = {node.name.value for node in asked.selection_set.selections if hasattr(node, "name")}
    assert fields >= {"__typename", "issuedAt", "version", "recipient"}


@pytest.mark.parametrize("event", events())
def test_a_query_brings_the_fragments_it_uses_and_no_other(event: str) -> None:
    text = subscription(event)
    used = set(re.findall(r"\.\.\.\s*(?!on\b)(\w+)", text))

    assert set(fragments(document(event))) == used


@pytest.mark.parametrize("event", events())
def test_a_query_asks_for_nothing_secret_or_costly(event: str) -> None:
    assert not NEVER.search(subscription(event))


@pytest.mark.parametrize("sample", [s for s in samples("saleor") if s.topic in events()], ids=lambda sample: sample.name)
def test_a_sample_has_the_fields_we_ask_for(sample: Any) -> None:
    parsed, body = document(sample.topic), json.loads(sample.body)
    body.pop("errors", None)  # beside what was asked, Saleor says what it left out

    assert list(differences(event_selection(parsed).selection_set, fragments(parsed), body, "$")) == []
