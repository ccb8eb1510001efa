"""An Admin API whose answers are damaged, and what Shopify's events become by them."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any, Final

from plugin.domain.errors import TryAgain, Unreadable
from plugin.domain.event import StoreEvent
from plugin.domain.payload import read_json
from plugin.domain.shop import Shop
from plugin.platforms.shopify.api import QUERIES, Admin
from plugin.platforms.shopify.complete import complete
from plugin.platforms.shopify.lookups import Lookups
from tests.support.hostile.damage import damaged
from tests.support.hostile.following import SETTINGS, Followed, a_place, finish, is_fit
from tests.support.platforms.fixtures import platform_of
from tests.support.platforms.shopify.answers import answers
from tests.support.platforms.shopify.given import SHOP

NAMES: Final = {text: name for name, text in QUERIES.items()}
REFUSAL: Final = {"message": "said to jan@example.com", "path": ["order"], "extensions": {"code": "ACCESS_DENIED"}}
BESIDE: Final[tuple[dict[str, Any], ...]] = ({}, {}, {"errors": [REFUSAL, REFUSAL | {"extensions": {"code": "OTHER"}}]})
Post = tuple[int, Mapping[str, str], bytes | None]


class DamagedAdmin(Admin):
    """Answers at once, without a network, and most answers are damaged."""

    def __init__(self, random: Random) -> None:
        super().__init__("http://127.0.0.1:1/{shop}")
        self._random = random

    def _post(self, shop: Shop, token: str, question: Mapping[str, Any], until: float) -> Post:
        said = json.dumps(_said(NAMES[question["query"]], question["variables"]) | self._random.choice(BESIDE)).encode()
        return 200, {}, damaged(said, self._random) if self._random.randrange(4) else said


def _said(name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to this question, about the products that were asked for."""
    answer = answers()[name]
    if "ids" not in variables:
        return answer
    nodes = answer["data"]["nodes"]
    asked = [nodes[place % len(nodes)] | {"id": id} for place, id in enumerate(variables["ids"])]
    return answer | {"data": {"nodes": asked}}


def follow_answers(topic: str, body: bytes, random: Random) -> Followed:
    """Complete the events of a body from damaged answers, and take them to their bodies."""
    try:
        translation = platform_of("shopify").translate(topic, read_json(body, topic), SHOP)
    except Unreadable:
        return Followed("unreadable", 0.0)
    return Followed(" + ".join(_answered(event, random) for event in translation.events) or "no event", 0.0)


def _answered(event: StoreEvent, random: Random) -> str:
    settings, admin = random.choice(SETTINGS), DamagedAdmin(random)
    try:
        completed = complete(event, a_place(SHOP, settings), lambda place: admin.of(place.shop, "token"), Lookups())
    except TryAgain as error:
        assert len(str(error)) < 500 and (error.after is None or error.after.total_seconds() <= 60)
        return "try again"
    is_fit(completed)
    finish(completed, SHOP, settings)
    return "partial" if completed.partial else "complete"
