"""Bodies as Saleor sends them: the samples, with something changed, and what they mean."""

import json
from decimal import Decimal
from typing import Any

from plugin.domain.event import StoreEvent
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.platforms.saleor.testing import TESTKIT
from plugin.platforms.saleor.translate import translate
from tests.support.platforms.expected import PLATFORMS

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


def a_checkout(topic: str = "checkout_updated", sample: str = "cart_updated", **changed: Any) -> tuple[StoreEvent, ...]:
    body = a_sample(sample)
    body["checkout"] |= changed
    return translate(topic, Payload(body, topic), SHOP).events


def a_line(**changed: Any) -> Any:
    line = a_sample("order_created")["order"]["lines"][0] | changed
    (product,) = an_order(lines=[line]).products
    return product
