"""Fakes with verbs: a clock that is moved, a store that says what it is told, a SendPulse that answers as asked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from plugin.domain.carts import CartState
from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.errors import NotAdmitted
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import ShopSettings, StoreFacts
from plugin.domain.settings.links import words_in
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import (
    AdminEntry,
    ClaimedDelivery,
    EarlyResponse,
    Frame,
    Installation,
    LookupContext,
    PageRequest,
    Permission,
    RawWebhook,
    Shops,
    VerifiedWebhook,
    Visitor,
)
from tests.support.builders import NOON


@dataclass
class FakeClock:
    """Stands still until it is moved."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at

    def sleep(self, seconds: float) -> None:
        """Nobody waits: the time has passed."""
        self.move(seconds=seconds)


DELIVERED = Outcome(
    verdict=Verdict.DELIVERED, code=ReasonCode.ACCEPTED, reason=worded("SendPulse accepted the event."), status=200
)


@dataclass
class FakeSendPulse:
    """Answers with what stands in `answers`, then yes; keeps the claims."""

    answers: list[Outcome] = field(default_factory=list)
    posted: list[ClaimedDelivery] = field(default_factory=list)
    always: dict[int, Outcome] = field(default_factory=dict)  #: what one shop hears each time, by its id

    def __call__(self, claimed: ClaimedDelivery) -> Outcome:
        self.posted.append(claimed)
        if claimed.shop.id in self.always:
            return self.always[claimed.shop.id]
        return self.answers.pop(0) if self.answers else DELIVERED


@dataclass
class FakeDoor:
    """Believes the token `staff-of <address>`, and frames anywhere."""

    platform: str = "fake"
    entry: str = "/fake"

    def open(self, request: PageRequest, shops: Shops, *, now: datetime) -> Frame | EarlyResponse:
        return Frame(
            ancestors="https://admin.example", locale=request.query.get("locale", ""), theme=request.query.get("theme", "")
        )

    def claimed(self, request: PageRequest) -> str:
        return request.headers.get("authorization", "").rpartition(" ")[2]

    def visitor(self, request: PageRequest, shops: Shops, *, now: datetime) -> Visitor:
        word, _, address = request.headers.get("authorization", "").removeprefix("Bearer ").partition(" ")
        found = shops.find(self.platform, address)
        if word != "staff-of" or found is None:
            raise NotAdmitted("Open the app from your store's admin.", answer=401, headers={"X-Try-Again": "1"})
        return Visitor(shop=found.shop, who="fake:7")


#: What it tells, as long as nothing else is said: all but what we compute, and what no platform tells yet.
KINDS = frozenset(EventKind) - {EventKind.CART_ABANDONED, EventKind.ORDER_OUT_FOR_DELIVERY, EventKind.ORDER_DELIVERED}


#: A webhook of any kind, made up.
SAMPLE: Final[dict[str, Any]] = {
    "currency": "PLN",
    "total": 19.5,
    "email": "sample@example.com",
    "note_attributes": [{"name": "gift", "value": "Sample"}, {"name": "wrap", "value": "7"}],
    "line_items": [{"sku": "A-1", "properties": [{"name": "engraving", "value": "x"}]}, {"sku": "A-2"}],
    "customer": {"metafields": {"loyalty": {"points": 5}}},
}


@dataclass
class FakePlatform:
    """A platform whose webhooks mean what `meanings` says, by topic."""

    name: str = "fake"
    kinds: frozenset[EventKind] = KINDS
    come_again_answer: int = 503
    always_taken: frozenset[str] = frozenset({"forget me"})
    merchant_says: frozenset[str] = frozenset({"cart_link", "order_link", "consent_key"})
    meanings: dict[str, Translation | Exception] = field(default_factory=dict)
    completions: list[StoreEvent | Exception] = field(default_factory=list)
    completing: list[StoreEvent] = field(default_factory=list)  #: each event it was asked to complete
    cart_answers: list[CartState | Exception] = field(default_factory=list)  #: one a cart, in turn; open once they are used up
    carts_asked: list[tuple[StoreEvent, ...]] = field(default_factory=list)  #: the carts of each question, answered or not
    settled: list[tuple[str, str]] = field(default_factory=list)  #: the shop and its trouble, each time it was told
    presence: list[bool | Exception | None] = field(default_factory=list)  #: one a question; None once used up
    lacking: dict[EventKind, Permission] = field(default_factory=dict)  #: what its merchant must allow first
    published: dict[str, Sequence[str] | Exception] = field(default_factory=dict)  #: its languages, by the shop's address
    answers_to_settling: list[Mapping[str, Any] | Exception] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How often it was asked to complete an event."""
        return len(self.completing)

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(self.meanings)

    def named_shop(self, headers: Mapping[str, str]) -> str:
        return headers.get("shop", "")

    def verify(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        found = shops.find(self.name, webhook.headers["shop"])
        assert found
        return VerifiedWebhook(shop=found.shop, topic=webhook.headers["topic"], key=webhook.headers["key"], body=webhook.body)

    def translate(self, topic: str, body: Payload, shop: Shop) -> Translation:
        meaning = self.meanings[topic]
        if isinstance(meaning, Exception):
            raise meaning
        return meaning

    def sample(self, kind: EventKind) -> bytes:
        return json.dumps(SAMPLE).encode()

    def ids_as_written(self, *, customer_ids: Sequence[str], order_ids: Sequence[str]) -> Sequence[str]:
        return [f"its/{number}" for number in (*customer_ids, *order_ids)]

    def is_installed(self, shop: Shop, shops: Shops) -> bool | None:
        answer = self.presence.pop(0) if self.presence else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def shop_number(self, body: Payload) -> str:
        return body.text("shop_number")

    def complete(self, event: StoreEvent, place: LookupContext) -> StoreEvent:
        if place.is_last_try:
            return _with_way_back(event, place.settings.store)
        self.completing.append(event)
        answer = self.completions.pop(0) if self.completions else _with_way_back(event, place.settings.store)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def look_at_carts(self, carts: Sequence[StoreEvent], place: LookupContext) -> Sequence[CartState]:
        """An exception among the answers is raised for the whole question, and nothing is said of its other carts."""
        self.carts_asked.append(tuple(carts))
        states: list[CartState] = []
        for _ in carts:
            answer = self.cart_answers.pop(0) if self.cart_answers else CartState.OPEN
            if isinstance(answer, Exception):
                raise answer
            states.append(answer)
        return states

    def published_locales(self, place: LookupContext) -> Sequence[str]:
        answer = self.published.get(place.shop.address, ())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def clean_address(self, text: str) -> str:
        return text

    def own_hosts(self, installation: Installation) -> frozenset[str]:
        return frozenset({"demo.example"})

    def access_from_token(self, token: str) -> Mapping[str, Any]:
        return {"token": token}

    def sync(self, shop: Shop, access: Mapping[str, Any], settings: ShopSettings, trouble: str) -> Mapping[str, Any]:
        self.settled.append((shop.address, trouble))
        answer = self.answers_to_settling.pop(0) if self.answers_to_settling else {}
        if isinstance(answer, Exception):
            raise answer
        return answer

    def lacks(self, kind: EventKind | None, access: Mapping[str, Any]) -> Permission | None:
        return self.lacking.get(kind) if kind else None

    def pages(self, shops: Shops) -> None:
        return None

    @property
    def admin_entry(self) -> AdminEntry:
        return FakeDoor(platform=self.name, entry=f"/{self.name}")


def _with_way_back(event: StoreEvent, store: StoreFacts) -> StoreEvent:
    """With the merchant's own addresses, where there are any; with none that asks for a word there is not."""
    basket, contact = event.basket, event.contact
    if basket is None or not (store.cart_link or store.order_link):
        return event
    key = basket.keys[0].partition(":")[2] if basket.keys else ""
    words = {
        "locale": event.locale.raw, "checkout": key, "token": key, "order": basket.order_id, "channel": basket.channel,
        "order_number": basket.order_number, "email": (contact.email or "") if contact else "",
    }  # fmt: skip
    template = store.order_link if basket.order_id else store.cart_link
    link = template.format_map(words) if all(words[word] for word in words_in(template)) else ""
    with_link = replace(basket, order_link=link) if basket.order_id else replace(basket, cart_link=link)
    return replace(event, basket=with_link)


def a_webhook(shop: Shop, topic: str, *, key: str = "k1", body: bytes = b"{}") -> RawWebhook:
    return RawWebhook(headers={"shop": shop.address, "topic": topic, "key": key}, body=body)
