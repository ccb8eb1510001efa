"""A signed body under another topic, or another shop's name, than it was made for: nothing comes of it."""

from typing import Any

import pytest

from plugin.domain.errors import Unreadable
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.platforms.shopify.agreement import SHAPES
from plugin.platforms.shopify.translate import TRANSLATORS
from tests.support.platforms.expected import Sample, samples
from tests.support.platforms.shopify.given import SHOP, a_body, meaning, opened

SAMPLES = tuple(samples("shopify"))
OTHER = "other.myshopify.com"

# Bodies of an id and nothing else, under topics that do as good as nothing with an id.
HARMLESS = {
    "checkouts/delete": {"orders/updated", "products/update", "products/delete", "fulfillments/create"},
    "products/delete": {"orders/updated", "fulfillments/create"},
    "shop/redact": {"fulfillments/create"},
}


def read(topic: str, body: Payload) -> Translation:
    """What comes of a body under a topic; of one that cannot be read, nothing."""
    try:
        return opened().translate(topic, body, SHOP)
    except Unreadable:
        return Translation()


def is_refused(answer: Translation) -> bool:
    return answer.skip is not None and answer.skip.code is ReasonCode.CONTRADICTED


def test_every_topic_has_its_shape() -> None:
    assert set(SHAPES) == set(TRANSLATORS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_body_under_the_topic_of_something_else_does_nothing(sample: Sample) -> None:
    others = {topic for topic in TRANSLATORS if SHAPES[topic] is not SHAPES[sample.topic]}

    for topic in others - HARMLESS.get(sample.topic, set()):
        answer = read(topic, sample.payload)

        assert is_refused(answer) or answer == Translation(), topic


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact", "customers/redact", "shop/update"])
def test_an_empty_body_destroys_nothing(topic: str) -> None:
    assert is_refused(read(topic, Payload({}, topic)))


WRONG: dict[str, tuple[str, str, dict[str, Any]]] = {
    "another shop's buyer": ("customers/redact", "customer_redact", {"shop_domain": OTHER}),
    "nobody's buyer": ("customers/redact", "customer_redact", {"shop_domain": None}),
    "another shop's question": ("customers/data_request", "customer_data_request", {"shop_domain": OTHER}),
    "another shop's end": ("shop/redact", "shop_redact", {"shop_domain": OTHER}),
    "no shop's end": ("shop/redact", "shop_redact", {"shop_domain": "{shop}.myshopify.com"}),
    "a person's end as a shop's": ("shop/redact", "shop_redact", {"customer": {"id": 1}}),
    "another shop's uninstall": ("app/uninstalled", "app_uninstalled", {"myshopify_domain": OTHER}),
    "an uninstall by its other name": ("app/uninstalled", "app_uninstalled", {"myshopify_domain": None, "domain": OTHER}),
    "another shop's facts": ("shop/update", "shop_update", {"myshopify_domain": OTHER}),
    "nobody's facts": ("shop/update", "shop_update", {"myshopify_domain": None}),
}


@pytest.mark.parametrize(("topic", "sample", "changed"), WRONG.values(), ids=WRONG)
def test_a_body_about_another_shop_does_nothing(topic: str, sample: str, changed: dict[str, Any]) -> None:
    assert is_refused(meaning(topic, sample, **changed))


NUMBERS = {
    "an order": ("order_created", {}, "548380009"),
    "a checkout": ("checkout_started", {}, "548380009"),
    "a person to forget": ("customer_redact", {}, "548380009"),
    "scopes": ("app_scopes_update", {}, "548380009"),
    "a hidden page": ("order_created", {"order_status_url": None}, ""),
    "no such page": ("order_created", {"order_status_url": "https://demo.example/pages/1/"}, ""),
    "no number": ("customer_redact", {"shop_id": "demo"}, ""),
    "a customer": ("customer_created", {}, ""),
}


@pytest.mark.parametrize(("sample", "changed", "number"), NUMBERS.values(), ids=NUMBERS)
def test_a_body_says_the_number_of_its_shop(sample: str, changed: dict[str, Any], number: str) -> None:
    assert opened().shop_number(a_body(sample, **changed)) == number
