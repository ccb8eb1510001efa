"""Short ways to a state: a webhook received, an event stored, a delivery waiting."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from plugin.domain.audit import RefusedLogin
from plugin.domain.carts import Purchase
from plugin.domain.contact import Channel, PersonConsent, Standing
from plugin.domain.delivery import Hold, Outcome, Planned, Skip, State, Verdict
from plugin.domain.event import StoreEvent
from plugin.domain.notice import ConsentChanged, Notice, PersonAsks, PersonToForget, Translation
from plugin.domain.reason_codes import FlowMatch, ReasonCode
from plugin.domain.refusal import Duty, Refusal
from plugin.domain.routing import Route
from plugin.domain.secret import AutomationId, EventUrl
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.pipeline.hold import people_of
from plugin.ports import (
    AccessToken,
    AttemptResult,
    ClaimedDelivery,
    DeliveryFilter,
    EndTimers,
    Plan,
    ResendPart,
    ResendRequest,
    SetTimer,
    StoredEvent,
    StoredWebhook,
    VerifiedWebhook,
)
from plugin.storage import SqlStore
from tests.support.builders import EVENT_URL, NOON, a_cart, a_settings_document, an_event

LEASE = timedelta(seconds=90)
BODY = '{"email":"jan@example.com","product_name":"Kubek"}'
DELIVERED = Outcome(
    verdict=Verdict.DELIVERED, code=ReasonCode.ACCEPTED, reason=worded("SendPulse accepted the event."), status=200
)
BUSY = Outcome(verdict=Verdict.TRY_AGAIN, code=ReasonCode.SERVER_FAULT, reason=worded("SendPulse is busy."), status=503)
REFUSED = Outcome(
    verdict=Verdict.GIVE_UP,
    code=ReasonCode.BODY_REFUSED,
    reason=worded("SendPulse refused it."),
    fix=worded("Check the event."),
    status=400,
)


def a_webhook(shop: Shop, *, key: str = "k1", body: bytes = b"{}", topic: str = "orders/paid") -> VerifiedWebhook:
    return VerifiedWebhook(shop=shop, topic=topic, key=key, body=body, triggered_at=NOON)


def claimed_webhook(store: SqlStore, shop: Shop, *, now: datetime = NOON, **fields: Any) -> StoredWebhook:
    """A webhook in a worker's hands."""
    store.inbox.receive(a_webhook(shop, **fields), now=now)
    [webhook] = store.inbox.claim(limit=1, now=now, lease=LEASE)
    return webhook


def tell(
    store: SqlStore,
    shop: Shop,
    *events: StoreEvent,
    notices: Sequence[Notice] = (),
    bought: Sequence[Purchase] = (),
    key: str = "k1",
    **fields: Any,
) -> int:
    """A webhook that means these events, notices and purchases, translated."""
    translation = Translation(events=events, notices=tuple(notices))
    webhook = claimed_webhook(store, shop, key=key, **fields)
    return store.inbox.translated(webhook, translation, purchases=bought, now=NOON)


def claimed_event(store: SqlStore, shop: Shop, event: StoreEvent, *, key: str = "k1", now: datetime = NOON) -> StoredEvent:
    """An event in a worker's hands."""
    assert tell(store, shop, event, key=key) == 1
    claimed = store.events.claim(limit=9, now=now, lease=LEASE)
    for other in claimed:
        if other.event.key != event.key:
            store.events.postpone(other, until=now, is_try=False)
    [stored] = [one for one in claimed if one.event.key == event.key]
    return stored


def a_plan(event: StoreEvent, **changed: Any) -> tuple[Planned, ...]:
    fields: dict[str, Any] = {
        "part": 0, "route": Route(kind=event.kind, event_url=EventUrl(EVENT_URL)), "automation_id": AutomationId(102),
        "match": FlowMatch.WIDER, "rule": "pl is written for pl-PL", "body": BODY,
    }  # fmt: skip
    return (Planned(**(fields | changed)),)


def planned(
    store: SqlStore,
    shop: Shop,
    event: StoreEvent,
    plan: Plan | str = "one",
    *,
    timers: Sequence[SetTimer | EndTimers] = (),
    key: str = "k1",
) -> StoredEvent:
    """An event for which this was decided."""
    stored = claimed_event(store, shop, event, key=key)
    decided = a_plan(event) if isinstance(plan, str) else plan
    store.events.planned(stored, event, decided, timers=timers, now=NOON)
    return stored


def a_delivery(store: SqlStore, shop: Shop, *, key: str = "k1", plan: Plan | str = "one", **fields: Any) -> StoredEvent:
    """A delivery that waits; `fields` are its event's."""
    return planned(store, shop, an_event(**fields), plan, key=key)


def a_claimed_delivery(store: SqlStore, shop: Shop, *, now: datetime = NOON, key: str = "k1", **fields: Any) -> ClaimedDelivery:
    """A delivery in a worker's hands."""
    a_delivery(store, shop, key=key, **fields)
    [claimed] = store.deliveries.claim(limit=1, now=now, lease=LEASE)
    return claimed


def attempted(
    store: SqlStore, claimed: ClaimedDelivery, outcome: Outcome, *, next_at: datetime | None = None, now: datetime = NOON
) -> None:
    finished = AttemptResult(claimed=claimed, outcome=outcome, sent_at=now, next_at=next_at)
    assert store.deliveries.finish(finished, now=now + timedelta(seconds=1))


def waiting_cart(
    store: SqlStore, shop: Shop, *, key: str = "cart", keys: tuple[str, ...] = ("checkout:c1",), **fields: Any
) -> None:
    """A cart whose timer rings an hour after it changed."""
    event = a_cart(**fields)
    timer = SetTimer(keys=keys, people=people_of(event), wait=timedelta(hours=1))
    planned(store, shop, event, None, timers=(timer,), key=key)


def a_refusal(**changed: Any) -> Refusal:
    fields: dict[str, Any] = {
        "duty": Duty.SETTLE, "reason": worded("The store said no."), "fix": worded("Ask again."), "is_final": True,
        "since": NOON,
    }  # fmt: skip
    return Refusal(**(fields | changed))


def everything_happens(store: SqlStore, shop: Shop) -> None:
    """At least one row in every table."""
    store.shops.write_settings(shop.id, a_settings_document(), who="test", now=NOON)
    attempted(store, a_claimed_delivery(store, shop), DELIVERED)
    waiting_cart(store, shop)
    ended = EndTimers(keys=("checkout:other",), at=NOON, code=ReasonCode.EMPTIED)
    planned(
        store, shop, an_event(object_id="7"), Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")), timers=(ended,), key="k7"
    )
    tell(store, shop, bought=[Purchase(keys=("checkout:another",), people=("customer:9",), placed_at=NOON)], key="bought")
    store.timers.beat(now=NOON)
    planned(
        store,
        shop,
        an_event(object_id="8"),
        Hold(code=ReasonCode.NO_FLOW, reason=worded("no flow"), fix=worded("add one")),
        key="k8",
    )
    while store.statistics.count(now=NOON + timedelta(hours=2)):
        pass
    store.catalogue.write(shop.id, {"product:1": {"name": "Kubek"}}, now=NOON)
    told = PersonConsent(standing=Standing.SUBSCRIBED, at=NOON)
    tell(store, shop, notices=[ConsentChanged(channel=Channel.EMAIL, person=told, customer_id="7")], key="consent")
    tell(store, shop, notices=[PersonAsks(email="eva@example.com"), PersonToForget(email="ola@example.com")], key="people")
    store.guides.tested(shop.id, now=NOON)
    again = ResendRequest(filter=DeliveryFilter(shop_id=shop.id), parts={State.HELD: ResendPart(before=1)}, who="staff")
    store.resends.start(shop.id, again, total=0, now=NOON)
    store.audit.login_refused(shop.id, RefusedLogin.PERMISSION, who="staff", now=NOON)
    store.shops.refused(shop.id, a_refusal())
    store.links.shorten(shop.id, "https://demo.example/a-long-address")
    store.tokens.write("account", AccessToken(text="planted-sendpulse-token", expires_at=NOON + timedelta(hours=1)))


def audit_lines(store: SqlStore, shop: Shop) -> list[tuple[str, str]]:
    """Activity log, the oldest first: each deed with its facts."""
    lines = reversed(store.audit.page(shop.id, limit=10_000))
    return [(line.who, " ".join((line.deed, *map(str, line.facts.values())))) for line in lines]
